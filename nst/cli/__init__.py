"""The command line: `main` runs what `parser` understood, and each command has a file (`paint` has those of the tasks).

The options of a recipe are made from its fields (`options`).  A painting is carried out by `session`, which writes what
`output` allows and hears `signals`; all that is said goes through `terminal`.

Imports all other wings; none imports it.
"""
