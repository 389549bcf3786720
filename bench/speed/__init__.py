"""How fast a step is beside the article's plain loop, in one process: `python -m bench.speed`.

`yardstick` is the loop as the article's reader would write it: torchvision's vgg16_bn as it is, fp32, hooks, MSE and
Gram matrices, autograd, L-BFGS.  It gets our model's own convolutions and a batch norm that changes nothing, so both
minimize the same loss.  A and B alternate (`clock`), and so does a large matrix product (`rate`); figures are medians.
Both have their memory in large pages, as our commands have.
On a GPU the yardstick's fp32 is without TF32, as ours is.

Writes bench/results/speed-MACHINE.json: seconds per step at each size, for the yardstick and for each of our
precisions, the cosine between the gradients, and a step's arithmetic as a share of what the product reached meanwhile;
peak memory at one size, in processes of their own (`memory`); how a step grows with the pixels; with --runs, whole runs
of `balanced`; and, with --race, the seconds until ours has the loss at which the yardstick is after some hundred steps,
with a plot of loss against seconds beside it, and the judge's figures of both pictures (`race`).

`python -m bench.speed --device cuda` is all that a GPU is to be measured by: it makes the whole runs unasked, says
whether steps could be recorded as a graph, and sets what has a target beside it (`targets`).
"""
