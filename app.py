"""The studio as a Space runs it, and anybody else: `python app.py` is `gramarye serve`, with its options."""

from __future__ import annotations

import os
import sys

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # before Gradio is imported, as `spaces` does: no other host is asked


def main() -> int:
    """Serve until Ctrl-C, and return the exit code."""
    from nst.cli.main import main as gramarye
    from nst.serving.host import on_zero_gpu
    from nst.threads import share_cores

    share_cores()  # before PyTorch is loaded, which `spaces` does
    if on_zero_gpu():
        import spaces  # noqa: F401  # before anything that might start CUDA

    return gramarye(["serve", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
