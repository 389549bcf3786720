"""How good a picture is: `Judge` takes a picture and what it was made of and gives `Figures`.

The networks (`vgg19`, `alexnet`) never had a part in making a picture, and most figures are no distance of Gram
matrices, so no loss is flattered by being measured with itself.  Each figure lies in a file of its own, as functions of
tensors; `judge` puts them together.
"""

from .judge import CONTENT_FIGURES, Figures, Judge

__all__ = ["CONTENT_FIGURES", "Figures", "Judge"]
