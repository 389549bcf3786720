"""`python -m nst`: the same as `gramarye`."""

import sys

from .cli.main import main

sys.exit(main())
