"""The algorithm: losses, the weighted sum, the steps down it from coarse to fine, and the three tasks made of them.

Begin at `painting.stylize`; the loop is `optimize.optimize`, the loss `objective.Objective`.  Imports `pictures` and
`network`; knows nothing of those who wait for a picture.
"""
