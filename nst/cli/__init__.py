"""The command line, one file for each command; options are made from the fields of `Recipe`.

Imports all other wings; none imports it.
"""
