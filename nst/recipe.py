"""Every setting of the art, once: its default, range, unit and meaning, and the presets.

The command line, the page and the API read their options, ranges, help texts and defaults from here.
Where the work is done (device, precision) is no part of a recipe: see `nst.network.device`.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, asdict, dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from .errors import RecipeError
from .taps import MIN_SIDE, TAPS

STRENGTH = 75.0
"""The strength at which the content counts with `content_weight` as it is."""

STRENGTH_RANGE = 100.0
"""How many times more the content counts at strength 0 than at `STRENGTH`."""

REFERENCE_SIZE = 512
"""The long side, in pixels, at which a relative content loss counts with its weight as it is."""

SIZE_EXPONENT = 0.65
"""How the content's weight grows with the size: a larger picture has more places for the same Gram matrix, so its style
comes nearer by itself and its content less so.  Measured by `bench/sizes.py`."""

INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"stylize": ("content", "style"), "reconstruct": ("content",), "synthesize": ("style",)}
)
"""The images that each task is made of."""

TASKS = tuple(INPUTS)

STYLE_ROLES = ("style", "style_2", "style_3", "style_4")
"""What the style images of one picture are called, in their order; the first must be given."""

OPTIONAL_INPUTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stylize": (*STYLE_ROLES[1:], "mask", "init_image"),
        "reconstruct": ("init_image",),
        "synthesize": (*STYLE_ROLES[1:], "init_image"),
    }
)
"""The images that each task may be given as well."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is said about one field of `Recipe`, beside its type and default."""

    help: str
    group: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] | None = None
    unit: str = ""
    many: bool = False

    @property
    def allowed(self) -> str:
        """The range or the choices in words, as help texts and error messages name them."""
        if self.many and self.choices:
            return f"one or more of {self.choices[0]} to {self.choices[-1]}"
        if self.many:
            return f"1 to {len(STYLE_ROLES)} numbers from {_plain(self.low)} to {_plain(self.high)}, not all 0"
        if self.choices:
            return " or ".join((", ".join(self.choices[:-1]), self.choices[-1]))
        if self.high == math.inf:
            return "true or false"
        return f"{_plain(self.low)} to {_plain(self.high)} {self.unit}".strip()


def _plain(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else f"{number:g}"


def _setting(group: str, default: Any, help: str, **facts: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(help=help, group=group, **facts)})


_PICTURE, _BALANCE, _SCALES, _LOSSES, _STEPS = "Picture", "Balance", "Scales", "Losses", "Optimization"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a picture is made.  The defaults are the preset "balanced" for the task "stylize".

    Raises RecipeError on construction when a value is unknown, out of range or of the wrong type.
    """

    strength: float = _setting(
        _BALANCE,
        STRENGTH,
        "from the content to the style: 0 is a hint of it, 100 lets the content go",
        low=0.0,
        high=100.0,
    )
    size: int = _setting(_PICTURE, 512, "long side of the result", low=MIN_SIDE, high=4096, unit="px")
    upscale: bool = _setting(_PICTURE, False, "reach the size also where the picture is smaller than that")
    colors: str = _setting(
        _PICTURE,
        "style",
        "whose colors the result has: style: the style's; luminance: exactly the content's, as the style gives light "
        "and dark alone; match: the style's strokes in the content's mean and spread of color",
        choices=("style", "luminance", "match"),
    )
    style_scale: float = _setting(
        _PICTURE,
        1.0,
        "size of the brush strokes: 1: the style as large as the picture; 2: strokes twice as large, 0.5: half",
        low=0.25,
        high=4.0,
    )
    style_blend: tuple[float, ...] = _setting(
        _BALANCE,
        (1.0, 1.0, 1.0, 1.0),
        "how much each of several styles counts, in their order; only the ratio matters",
        low=0.0,
        high=1000.0,
        many=True,
    )
    start_size: int = _setting(
        _SCALES,
        64,
        "least long side of the first, coarsest scale; 0: work at the full size alone",
        low=0,
        high=4096,
        unit="px",
    )
    scale_step: float = _setting(_SCALES, 2.0, "how much larger each scale is than the one before", low=1.1, high=4.0)
    first_steps: int = _setting(_SCALES, 200, "steps at the coarsest scale", low=1, high=10000)
    last_steps: int = _setting(
        _SCALES, 70, "steps at the full size; the scales between lie on a geometric line", low=1, high=10000
    )
    content_weight: float = _setting(
        _BALANCE, 0.0265, "weight of the content loss: more keeps more of the picture", low=0.0, high=1e6
    )
    content_taps: tuple[str, ...] = _setting(
        _LOSSES,
        ("conv2", "conv4", "conv7"),
        "layers whose feature maps are compared with the content's",
        choices=TAPS,
        many=True,
    )
    style_weight: float = _setting(_BALANCE, 1.0, "weight of the style loss: more paints more", low=0.0, high=1e6)
    style_taps: tuple[str, ...] = _setting(
        _LOSSES,
        ("conv2", "conv4", "conv7", "conv10", "conv13"),
        "layers whose Gram matrices are compared with the style's",
        choices=TAPS,
        many=True,
    )
    style_statistic: str = _setting(
        _LOSSES,
        "moments",
        "what is compared of the style's features: moments: their mean and covariance, which weighs what is always "
        "there and what varies apart; gram: their Gram matrix, as in the article",
        choices=("moments", "gram"),
    )
    style_falloff: float = _setting(
        _BALANCE,
        4.0,
        "how many times less a style tap counts with each pooling before it; 1: all the same",
        low=0.25,
        high=16.0,
    )
    tv_weight: float = _setting(
        _BALANCE, 1.0, "weight of the total variation: more is smoother, less is grainier", low=0.0, high=1e4
    )
    pooling: str = _setting(
        _LOSSES,
        "max",
        "how the network halves its feature maps: max, as it was trained, or average, which paints softer",
        choices=("max", "average"),
    )
    loss: str = _setting(
        _LOSSES,
        "relative",
        "relative: each layer's error as a share of its target, the same in every size and network; "
        "plain: mean squared errors as they are, as in the article",
        choices=("relative", "plain"),
    )
    border: str = _setting(
        _LOSSES,
        "replicate",
        "what the first convolution sees outside the picture: replicate its edge, or zeros as in the article",
        choices=("replicate", "zeros"),
    )
    init: str = _setting(
        _STEPS,
        "content",
        "what the optimization starts from: the content, uniform noise behind a median filter (random, as in "
        "the article), noise in the style's colors, or an image of your own",
        choices=("content", "random", "style-noise", "image"),
    )
    optimizer: str = _setting(_STEPS, "lbfgs", "how the pixels are moved", choices=("adam", "lbfgs"))
    learning_rate: float = _setting(
        _STEPS, 1.0, "length of a step: 1 for lbfgs, about 0.02 for adam", low=1e-5, high=10.0
    )
    tolerance: float = _setting(
        _STEPS,
        0.005,
        "a scale ends early when ten steps lower its loss by less than this share; 0: never",
        low=0.0,
        high=0.5,
    )
    average: float = _setting(
        _STEPS,
        0.0,
        "how much of the running average of the pixels each step keeps; 0: no averaging",
        low=0.0,
        high=0.999,
    )
    seed: int = _setting(
        _PICTURE, 0, "seed of the noise: the same seed on the same device gives the same image", low=0, high=2**32 - 1
    )

    def __post_init__(self) -> None:
        for spec in fields(self):
            object.__setattr__(self, spec.name, check(spec.name, getattr(self, spec.name)))
        if self.content_weight == 0 and self.style_weight == 0:
            raise RecipeError("content_weight and style_weight are both 0: at least one must be more.")

    @classmethod
    def preset(cls, name: str = "balanced", task: str = "stylize", **changes: Any) -> Recipe:
        """A preset for a task, with changes: ``Recipe.preset("fast", size=256)``."""
        base = PRESETS[known(name, tuple(PRESETS), "preset")]
        known(task, TASKS, "task")
        return base.changed(**{**TASK_CHANGES[task], **changes})

    def changed(self, **changes: Any) -> Recipe:
        """A copy with other values; RecipeError for an unknown setting, with the nearest name."""
        for name in changes:
            known(name, tuple(SETTINGS), "setting")
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        """Plain values by name, fit for `json.dumps`; `from_json` is the inverse."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any] | str) -> Recipe:
        """From what `to_json` gave, or its text.  Settings that are left out take their defaults."""
        if isinstance(values, str):
            try:
                values = json.loads(values)
            except json.JSONDecodeError as error:
                raise RecipeError(f"The recipe is not JSON: {error}.") from None
        if not isinstance(values, Mapping):
            raise RecipeError(f"A recipe is an object of settings, not {type(values).__name__}.")
        return cls().changed(**values)

    def at_size(self, long_side: int) -> Recipe:
        """The recipe whose `content_weight` is the one that the loss of a picture of this size is made with.

        It is moved by `strength` on a log scale and, as long as losses are relative, grows with the size, so that one
        recipe makes the same picture at every size.  long_side: of the result, in pixels.
        """
        weight = self.content_weight * math.pow(STRENGTH_RANGE, 1 - self.strength / STRENGTH)
        if self.loss == "relative":
            weight *= math.pow(long_side / REFERENCE_SIZE, SIZE_EXPONENT)
        return self.changed(strength=STRENGTH, content_weight=min(weight, setting("content_weight").high))

    def scale_steps(self, scales: int) -> list[int]:
        """Steps at each of so many scales, from `first_steps` to `last_steps` on a geometric line."""
        if scales == 1:
            return [self.first_steps]
        ratio = (self.last_steps / self.first_steps) ** (1 / (scales - 1))
        return [round(self.first_steps * ratio**i) for i in range(scales)]


SETTINGS: Mapping[str, Field[Any]] = MappingProxyType({spec.name: spec for spec in fields(Recipe)})


def setting(name: str) -> Setting:
    """What is said about the field of this name."""
    facts: Setting = SETTINGS[name].metadata["setting"]
    return facts


def known(name: str, allowed: tuple[str, ...], what: str) -> str:
    """The name itself, or a RecipeError that lists what is allowed and guesses what was meant."""
    if name in allowed:
        return name
    near = difflib.get_close_matches(str(name), allowed, n=1)
    guess = f" Did you mean {near[0]!r}?" if near else ""
    raise RecipeError(f"There is no {what} {name!r}: choose from {', '.join(allowed)}.{guess}")


def check(name: str, value: Any) -> Any:
    """The value in its field's type, or a RecipeError that says what came and what is allowed."""
    facts, default = setting(name), SETTINGS[name].default
    assert default is not MISSING
    if facts.many:
        return (_check_taps if facts.choices else _check_numbers)(name, value, facts)
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
    elif facts.choices:
        return known(value, facts.choices, name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        within = facts.low <= value <= facts.high and math.isfinite(value)
        if within and (isinstance(default, float) or float(value).is_integer()):
            return type(default)(value)
    kind = {bool: "", int: "a whole number, ", float: "a number, "}[type(default)]
    raise RecipeError(f"{name} is {value!r}: allowed is {kind}{facts.allowed}.")


def _check_taps(name: str, value: Any, facts: Setting) -> tuple[str, ...]:
    taps = [tap.strip() for tap in value.split(",")] if isinstance(value, str) else value
    if not isinstance(taps, (list, tuple)) or not taps:
        raise RecipeError(f"{name} is {value!r}: allowed is {facts.allowed}.")
    for tap in taps:
        known(tap, TAPS, f"layer for {name}")
    return tuple(tap for tap in TAPS if tap in taps)


def _check_numbers(name: str, value: Any, facts: Setting) -> tuple[float, ...]:
    given = value.split(",") if isinstance(value, str) else value
    try:
        numbers = tuple(map(float, given))
    except (TypeError, ValueError):
        numbers = ()
    if not 1 <= len(numbers) <= len(STYLE_ROLES) or not any(numbers):
        raise RecipeError(f"{name} is {value!r}: allowed is {facts.allowed}.")
    if not all(facts.low <= number <= facts.high for number in numbers):
        raise RecipeError(f"{name} is {value!r}: allowed is {facts.allowed}.")
    return numbers


PRESETS: Mapping[str, Recipe] = MappingProxyType(
    {
        "fast": Recipe(first_steps=100, last_steps=20, content_weight=0.029),
        "balanced": Recipe(),
        "fine": Recipe(first_steps=250, last_steps=110, content_weight=0.0235),
        "article": Recipe(
            start_size=0,
            first_steps=300,
            last_steps=300,
            content_weight=1.0,
            style_weight=100.0,
            style_falloff=1.0,
            tv_weight=0.0,
            style_statistic="gram",
            loss="plain",
            border="zeros",
            init="random",
            tolerance=0.0,
        ),
    }
)

TASK_CHANGES: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "stylize": {},
        "reconstruct": {"style_weight": 0.0, "content_weight": 1.0, "tv_weight": 0.0, "init": "random"},
        "synthesize": {"content_weight": 0.0, "style_weight": 1.0, "init": "random"},
    }
)
"""What each of the article's three tasks changes in a preset: one of the two losses alone, from noise."""

WITHOUT: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "stylize": (),
        "reconstruct": (
            "strength",
            "colors",
            "style_scale",
            "style_blend",
            "style_weight",
            "style_taps",
            "style_statistic",
            "style_falloff",
        ),
        "synthesize": ("strength", "colors", "content_weight", "content_taps"),
    }
)
"""The settings that say nothing about a task, which has one of the two losses alone."""


def settings_of(task: str) -> tuple[str, ...]:
    """Names of the settings that matter for a task, in their order."""
    return tuple(name for name in SETTINGS if name not in WITHOUT[known(task, TASKS, "task")])
