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


def results_path(name: str, folder: Path = RESULTS, *, gpu: str | None = None) -> Path:
    """The file of a measurement on this machine; gpu: the name of the one that it is of."""
    machine = gpu or f"{_cpu()}-{os.cpu_count()}"
    return folder / f"{name}-{re.sub(r'[^a-z0-9]+', '-', machine.lower()).strip('-')}.json"


def save_results(
    name: str, on: str, rows: list[dict[str, Any]], folder: Path = RESULTS, *, gpu: str | None = None
) -> Path:
    """Write rows, one a line, with the date, the machine and the backbone they were measured `on`.

    gpu: the name of the one that they are of.
    """
    machine = {"cpu": _cpu(), "cores": os.cpu_count(), "torch": torch.__version__, **({"gpu": gpu} if gpu else {})}
    folder.mkdir(exist_ok=True)
    path = results_path(name, folder, gpu=gpu)
    head = json.dumps({"date": date.today().isoformat(), "machine": machine, "on": on}, indent=1)
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows)
    part = path.with_suffix(".part")
    part.write_text(f'{head[:-2]},\n "rows": [\n{lines}\n ]\n}}\n')
    part.replace(path)  # a run that is cut short here leaves the rows of before
    return path


def _cpu() -> str:
    return str(torch.cpu.get_capabilities().get("cpu_name", platform.machine()))
