"""How the history looks, in light and dark, on a desk and on a phone."""

CSS = """
.history { border-top: 1px solid var(--border-color-primary); padding-top: 0.6rem; color: var(--body-text-color); }
.history h2 { font-size: 1.3rem; margin: 0.4rem 0; font-weight: 600; }
.history .kept, .history small, .history caption { font-size: 0.85rem; color: var(--body-text-color-subdued); }
.history p { margin: 0.3rem 0; }
.history .said { min-height: 1.5em; }
#history { padding: 0; }
.history [hidden] { display: none !important; }
.history button { cursor: pointer; border-radius: 6px; }
.history .all button, .history .choices button, .history dialog button, .history select {
    padding: 0.4rem 0.8rem; border: 1px solid var(--border-color-primary); border-radius: 6px;
    background: var(--button-secondary-background-fill); color: var(--button-secondary-text-color);
}
.history select { appearance: auto; font-size: 0.9rem; }
.history :is(button, select):focus-visible, .history .stage:focus-within {
    outline: 3px solid var(--primary-500); outline-offset: 2px;
}
.history .tiles { list-style: none; padding: 0; margin: 0.8rem 0; display: grid; gap: 0.9rem; }
.history .tiles { grid-template-columns: repeat(6, minmax(0, 1fr)); }
.history .tiles li { margin: 0; min-width: 0; }
.history .tile { display: block; width: 100%; padding: 0; }
.history .tile img { width: 100%; aspect-ratio: 1; object-fit: cover; border-radius: 6px; display: block; margin: 0; }
.history .tiles p { line-height: 1.3; font-size: 0.85rem; overflow-wrap: anywhere; }
.history .tiles p span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.history .tiles small { display: block; }
.history .deeds, .history .all, .history .choices { display: flex; flex-wrap: wrap; gap: 0.4rem; align-items: end; }
.history .deeds button { width: 32px; height: 32px; padding: 6px; border: 1px solid var(--border-color-primary); }
.history .deeds svg { width: 100%; height: 100%; fill: none; stroke: currentColor; stroke-width: 2; }
.history .deeds .favorite[aria-pressed=true] svg { fill: currentColor; }
.history .deeds [aria-pressed=true] { color: var(--primary-600); border-color: currentColor; }
.dark .history .deeds [aria-pressed=true] { color: var(--primary-300); }
.history .compared-pair { margin-top: 1rem; }
.history .choices label { display: flex; gap: 0.4rem; align-items: center; flex: 1 1 16rem; min-width: 0; }
.history .choices select { flex: 1; min-width: 0; width: 100%; }
.history .stage { position: relative; width: min(100%, max(var(--width), 480px)); margin: 0.8rem auto; }
.history .stage { overflow: hidden; border-radius: 6px; background: var(--background-fill-secondary); }
.history .stage img { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; }
.history .stage .over { clip-path: inset(0 calc(100% - var(--at)) 0 0); background: var(--background-fill-secondary); }
.history .stage .handle { position: absolute; top: 0; bottom: 0; left: var(--at); width: 2px; background: #fff; }
.history .stage .handle { box-shadow: 0 0 0 1px #000; pointer-events: none; }
.history .stage .handle::after { content: '◂ ▸'; position: absolute; top: 50%; translate: -50% -50%; left: 50%; }
.history .stage .handle::after { padding: 2px 8px; border-radius: 99px; color: #fff; background: #000; }
.history .stage .handle::after { font-style: normal; white-space: nowrap; }
.history .stage span { position: absolute; top: 6px; padding: 0 8px; border-radius: 4px; }
.history .stage span { color: #fff; background: #000; pointer-events: none; }
.history .stage .a { left: 6px; }
.history .stage .b { right: 6px; }
.history .stage input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; }
.history .stage input { cursor: ew-resize; touch-action: pan-y; }
.history table { width: 100%; border-collapse: collapse; margin: 0.8rem 0; font-size: 0.9rem; table-layout: fixed; }
.history caption { text-align: left; }
.history :is(th, td) { border-bottom: 1px solid var(--border-color-primary); padding: 0.3rem; }
.history :is(th, td) { text-align: left; overflow-wrap: anywhere; vertical-align: top; }
.history dialog { margin: auto; padding: 1.2rem; border: 1px solid var(--border-color-primary); border-radius: 8px; }
.history dialog { background: var(--background-fill-primary); color: var(--body-text-color); max-width: 26rem; }
.history dialog::backdrop { background: rgb(0 0 0 / 0.5); }
.history dialog button { margin: 0.8rem 0.6rem 0 0; }
@media (max-width: 1000px) { .history .tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
@media (max-width: 700px) {
    .history .tiles { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.6rem; }
    .history .deeds { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2px; }
    .history .deeds button { width: 100%; padding: 5px; }
    .history .choices label { flex-basis: 100%; }
}
"""
