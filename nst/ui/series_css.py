"""How a series looks, in light and dark, on a desk and on a phone."""

CSS = """
.series { overflow-x: auto; padding: 2px; }
.series table { border-collapse: separate; border-spacing: 6px; width: 100%; table-layout: fixed; margin: 0; }
.series td, .series th { padding: 0; background: none; text-align: left; font-weight: 500; }
.series table, .series tr, .series td, .series th { border: 0 !important; }
.series td { min-width: 84px; vertical-align: top; }
.series th { overflow-wrap: anywhere; font-size: 0.9rem; line-height: 1.25; color: var(--body-text-color); }
.series thead th { vertical-align: bottom; }
.series tbody th, .series thead td { width: 6.2rem; padding-right: 0.3rem; }
.series ul { display: grid; gap: 10px; margin: 0; padding: 0; list-style: none; }
.series ul { grid-template-columns: repeat(auto-fill, minmax(180px, 1fr)); }
.series li { margin: 0; font-size: 0.9rem; line-height: 1.25; overflow-wrap: anywhere; }
.series button { display: block; width: 100%; padding: 0; border: 0; border-radius: 6px; cursor: zoom-in; }
.series button:hover { outline: 3px solid var(--primary-400); }
.series button:focus-visible { outline: 3px solid var(--primary-500); outline-offset: 2px; }
.series img { display: block; width: 100%; height: auto; margin: 0; border-radius: 6px; }
.series .empty { display: flex; align-items: center; justify-content: center; border-radius: 6px; }
.series .empty { background: var(--background-fill-secondary); border: 1px dashed var(--border-color-primary); }
.series .empty { color: var(--body-text-color-subdued); font-size: 0.85rem; aspect-ratio: var(--shape); }
.series .empty.painting { border-color: var(--primary-500); color: var(--body-text-color); }
.series .failed { font-size: 0.8rem; line-height: 1.25; padding: 4px; overflow-wrap: anywhere; }
@media (max-width: 700px) {
    .series ul { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); }
    .series table { border-spacing: 4px; width: max(100%, calc(var(--columns) * 92px + 5.2rem)); }
    .series tbody th, .series thead td { width: 4.6rem; }
    .series th, .series li { font-size: 0.8rem; }
}
"""
