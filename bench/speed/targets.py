"""What this project wants of a GPU, and whether a measurement has it."""

from __future__ import annotations

from typing import Any, NamedTuple

GPU = "H200"
"""Of which the targets are; others are held against them for want of their own."""


class Target(NamedTuple):
    """A bound on a figure: at most so much, or else at least."""

    bound: float
    at_most: bool

    def judge(self, value: float) -> dict[str, Any]:
        """What a row says about it."""
        met = value <= self.bound if self.at_most else value >= self.bound
        return {"for": GPU, "at_most" if self.at_most else "at_least": self.bound, "met": met}


RUN_SECONDS = {512: Target(1.5, at_most=True), 1024: Target(4.0, at_most=True)}
"""Long side in pixels -> seconds of a whole run of `balanced`."""

STEP_SHARES = {1024: Target(0.4, at_most=False)}
"""Side in pixels -> what a step in bf16 reaches of the rate of a large matrix product."""


def judged_run(size: int, seconds: float) -> dict[str, Any]:
    """For a row about a whole run on a GPU: its target, where it has one."""
    return {"target": RUN_SECONDS[size].judge(seconds)} if size in RUN_SECONDS else {}


def judged_share(size: int, shares: dict[str, float]) -> dict[str, Any]:
    """For a row about a step on a GPU; shares: precision -> share of the product's rate."""
    if size not in STEP_SHARES or "bf16" not in shares:
        return {}
    return {"target": STEP_SHARES[size].judge(shares["bf16"])}


def report(rows: list[dict[str, Any]]) -> list[str]:
    """A line for each row that has a target."""
    return [_line(row) for row in rows if "target" in row]


def _line(row: dict[str, Any]) -> str:
    target, size = row["target"], row["size"]
    if row["what"] == "run":
        found, wanted = f"balanced at {size} px: {row['seconds']:.2f} s", f"at most {target.get('at_most')} s"
    else:
        found = f"a step at {size} px: {row['share']['bf16']:.0%} of the rate of a bf16 matrix product"
        wanted = f"at least {target.get('at_least'):.0%}"
    return f"{found}; target for an {target['for']}: {wanted}: {'met' if target['met'] else 'missed'}"
