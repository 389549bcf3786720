"""Why it works, to look into: dot products, similarities, Gram matrices, picture metrics, and what each layer keeps.

Works on NumPy arrays.  Imports `pictures`, `network` and `painting`.
"""
