"""How the intuition tab looks, in light and dark, on a desk and on a phone."""

CSS = """
:root { --vector-a: #be123c; --vector-b: #1d4ed8; }
.dark { --vector-a: #fb7185; --vector-b: #93c5fd; }
#intuition figure { margin: 0; min-width: 0; }
#intuition figure img { width: 100%; height: auto; display: block; border-radius: 6px; image-rendering: auto; }
#intuition figcaption { font-size: 0.85rem; margin-top: 0.25rem; }
#intuition .clickable img { cursor: crosshair; }
.legend { display: flex; gap: 0.5rem; align-items: center; font-size: 0.85rem; max-width: 360px; }
.legend i { flex: 1; height: 10px; border-radius: 5px; }
.compared { display: flex; gap: 1rem; align-items: center; }
.compared > div { flex: 1; min-width: 0; }
.compared p { margin: 0 0 0.4rem; }
.compared dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(72px, 1fr)); gap: 0.4rem; margin: 0; }
.compared dt { font-size: 0.85rem; }
.compared dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.arrows { width: 130px; flex: none; }
.arrows line { stroke-width: 4; stroke-linecap: round; }
.arrows path { fill: none; stroke: currentColor; stroke-width: 1.5; }
.arrows .a, .bars + figcaption .a { fill: var(--vector-a); color: var(--vector-a); }
.arrows .b, .bars + figcaption .b { fill: var(--vector-b); color: var(--vector-b); }
.bars { width: 100%; height: 110px; background: var(--background-fill-secondary); border-radius: 6px; }
.bars .a { stroke: var(--vector-a); }
.bars .b { stroke: var(--vector-b); }
.triple { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 0.8rem; margin: 0.4rem 0; }
.triple.small { grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); }
.triple img { image-rendering: pixelated !important; }
.matrix { position: relative; cursor: crosshair; touch-action: pan-y; }
.matrix:focus-visible { outline: 3px solid var(--primary-500); }
.matrix i { display: none; position: absolute; min-width: 5px; min-height: 5px; border: 1px solid #fff; }
.matrix i { box-shadow: 0 0 0 1px #000; pointer-events: none; box-sizing: content-box; }
.matrix ~ figcaption output { display: block; font-weight: 600; font-variant-numeric: tabular-nums; min-height: 1.4em; }
.pairs { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(400px, 100%), 1fr)); gap: 1rem 2rem; }
.pair p { margin: 0 0 0.3rem; }
.pair .maps { display: grid; grid-template-columns: 1fr 1fr; gap: 0.4rem; }
.pair .maps img { image-rendering: pixelated !important; }
.pair .patches { display: grid; grid-template-columns: repeat(4, 1fr); gap: 0.4rem; margin-top: 0.4rem; }
.pair .patches img { width: 100%; border-radius: 4px; }
.verdict { padding: 0.6rem 1rem; border-left: 4px solid var(--primary-500); }
.verdict { background: var(--background-fill-secondary); }
.filmstrip { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(150px, 1fr); gap: 0.6rem; }
.filmstrip { padding-bottom: 0.4rem; overflow-x: auto; }
.filmstrip figcaption span { display: block; font-variant-numeric: tabular-nums; }
.shares svg { width: 100%; height: 120px; border-radius: 6px; display: block; }
.shares polygon { stroke: var(--background-fill-primary); stroke-width: 1.5; vector-effect: non-scaling-stroke; }
.shares figure { margin: 0 0 1rem; }
.shares .keys { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; font-variant-numeric: tabular-nums; }
.shares .keys i { display: inline-block; width: 0.8em; height: 0.8em; border-radius: 2px; margin-right: 0.35em; }
@media (max-width: 700px) {
    .compared { flex-direction: column; align-items: stretch; }
    .arrows { align-self: center; }
}
"""
