"""Which of two folders' pictures people choose when they don't know which is which: `python -m bench.blind A B`.

Pictures of one name are shown side by side on a page of this machine alone, in a random order, each folder as often on
the left as on the right.  Choose by a click or by the arrow keys; votes are kept after each, so that one can go on
another time.  At the end stands the share of the pairs, with its 95 % interval.

Without a browser: `--sheet OUT.png` writes contact sheets and, beside them, OUT.key.json, which says what lies where;
`--cast 1=left 2=none` then takes votes by the sheets' numbers.
"""
