"""The version of the package, once.

It is raised with each release, and whenever a step's arithmetic changes, if only in the order of its sums: pictures
name the version that made them, and strokes part after a few steps (see `nst.painting.replay`).
"""

VERSION = "0.5.0"
