"""The app under mixed load, and whether it keeps its promises: `python -m bench.soak --minutes 30`.

`app` starts it and reads what it takes of the machine, `prober` asks for the page every second, `visitors` use it as it
is meant, `strangers` do not, `crowd` has all of them come at once, and `verdict` says which promises were broken.
"""
