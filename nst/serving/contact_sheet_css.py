"""How a contact sheet looks, in light and dark, on a desk and on a phone."""

from __future__ import annotations

CSS = """
:root {
  color-scheme: light dark;
  --ground: #faf9f7; --raised: #fff; --ink: #1c1917; --soft: #57534e; --line: #e7e5e4; --wrong: #b91c1c;
}
@media (prefers-color-scheme: dark) {
  :root { --ground: #161412; --raised: #211f1d; --ink: #f5f5f4; --soft: #b5aea8; --line: #3b3734; --wrong: #fca5a5; }
}
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem clamp(0.75rem, 3vw, 3rem); background: var(--ground); color: var(--ink);
  font: 0.95rem/1.45 system-ui, sans-serif; }
h1 { margin: 0; font: 2rem/1.2 Georgia, 'Times New Roman', serif; }
h2 { margin: 2rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0.3rem 0 1.5rem; color: var(--soft); }
.name { overflow-wrap: anywhere; }
.sheet { overflow-x: auto; }
table { border-collapse: separate; border-spacing: 0.75rem; margin: -0.75rem; }
th { font-weight: 600; text-align: left; vertical-align: top; }
thead th { vertical-align: bottom; }
tbody th, thead td { position: sticky; left: 0; z-index: 1; background: var(--ground); }
th .name { display: block; max-width: 14rem; margin-top: 0.3rem; font-size: 0.85rem; }
th img, th .blank { width: 8rem; }
td { width: 15rem; min-width: 11rem; vertical-align: top; }
thead td { width: auto; min-width: 0; }
.list td { width: 24rem; }
img { display: block; width: 100%; height: auto; border-radius: 6px; background: var(--raised); }
td > a { display: block; border-radius: 6px; }
.failed a { color: inherit; }
a:hover img { filter: brightness(1.06); }
a:focus-visible { outline: 3px solid #6366f1; outline-offset: 2px; }
.with { display: none; }
.blank, .waits, .failed { padding: 0.8rem; border: 1px dashed var(--line); border-radius: 6px; color: var(--soft);
  font-size: 0.85rem; overflow-wrap: anywhere; }
.blank { min-height: 5rem; }
.failed { border: 1px solid var(--wrong); color: var(--wrong); }
ul { padding-left: 1.2rem; }
li { margin: 0.3rem 0; overflow-wrap: anywhere; }
li b { color: var(--wrong); }
details { margin-top: 2rem; color: var(--soft); }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
@media (max-width: 700px) {
  .matrix, .matrix tbody, .list, .list tbody { display: block; margin: 0; }
  thead { display: none; }
  tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0.75rem; padding: 1rem 0; }
  tr + tr { border-top: 1px solid var(--line); }
  tbody th { position: static; }
  .matrix th { grid-column: 1 / -1; display: grid; grid-template-columns: 6rem 1fr; gap: 0.75rem; align-items: center; }
  th img, th .blank { width: 100%; }
  .list td { grid-column: 1 / -1; }
  td { width: auto; min-width: 0; }
  .matrix .with { display: grid; grid-template-columns: 2.2rem 1fr; gap: 0.4rem; align-items: center; }
  .with { margin-top: 0.4rem; font-size: 0.8rem; color: var(--soft); }
  .with img { border-radius: 4px; }
}
"""
"""Text keeps a contrast of 4.5 to its ground, in light and dark; fonts are the system's own."""
