"""Where measurements are kept: bench/results/NAME-MACHINE.json."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import date
from pathlib import Path
from typing import Any

import torch

RESULTS = Path(__file__).parent / "results"


def results_path(name: str) -> Path:
    """The file of a measurement on this machine."""
    return RESULTS / f"{name}-{re.sub(r'[^a-z0-9]+', '-', _cpu().lower()).strip('-')}-{os.cpu_count()}.json"


def save_results(name: str, on: str, rows: list[dict[str, Any]]) -> Path:
    """Write rows with the date, the machine and the backbone they were measured `on`."""
    machine = {"cpu": _cpu(), "cores": os.cpu_count(), "torch": torch.__version__}
    RESULTS.mkdir(exist_ok=True)
    path = results_path(name)
    measurement = {"date": date.today().isoformat(), "machine": machine, "on": on, "rows": rows}
    path.write_text(json.dumps(measurement, indent=1) + "\n")
    return path


def _cpu() -> str:
    return str(torch.cpu.get_capabilities().get("cpu_name", platform.machine()))
