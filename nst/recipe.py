"""Every setting of the art, once: its default, range, unit and meaning, and the presets.

The command line, the page and the API read their options, ranges, help texts and defaults from here.
Where the work is done (device, precision) is no part of a recipe: see `nst.network.device`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

from .errors import RecipeError
from .setting import Setting, checked, require_known, setting_of
from .setting import setting_field as _setting
from .taps import ARTICLE_CONTENT_TAPS, ARTICLE_STYLE_TAPS, MIN_SIDE, TAPS
from .task import TASKS, TaskName

STRENGTH = 75.0
"""The strength at which the content counts with `content_weight` as it is."""

STRENGTH_RANGE = 100.0
"""How many times more the content counts at strength 0 than at `STRENGTH`."""

REFERENCE_SIZE = 512
"""The long side, in pixels, at which a relative content loss counts with its weight as it is."""

LEAST_MEASURED_SIZE = 256
"""Down to this long side, in pixels, pictures were measured."""

SMALL_EXPONENT, MIDDLE_EXPONENT, LARGE_EXPONENT = 0.65, 1.7, 0.8
"""How the content's weight grows with the size: to `LEAST_MEASURED_SIZE`, from there to `REFERENCE_SIZE`, and beyond.

A larger picture has more places for the same statistics, so its style comes nearer by itself and its content less so.
Measured by `bench/sizes.py` but for the first, which is a guess.
"""

PresetName = Literal["fast", "balanced", "article"]
DEFAULT_PRESET: PresetName = "balanced"
"""Its recipe is `Recipe()`."""

Colors = Literal["style", "luminance", "match"]
ContentTarget = Literal["own", "transported"]
StyleStatistic = Literal["moments", "gram", "wasserstein"]
Pooling = Literal["max", "average"]
Loss = Literal["relative", "plain"]
Border = Literal["replicate", "zeros", "wrap"]
Init = Literal["content", "random", "style-noise", "image"]
OptimizerName = Literal["adam", "lbfgs"]

LEARNING_RATES: Mapping[OptimizerName, float] = MappingProxyType({"lbfgs": 1.0, "adam": 0.02})
"""What suits each optimizer: Adam's steps are as long as its rate, L-BFGS finds the length of its own."""

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
    size: int = _setting(_PICTURE, 512, "long side of the result", low=MIN_SIDE, high=8192, unit="px")
    upscale: bool = _setting(_PICTURE, False, "reach the size also where the picture is smaller than that")
    colors: Colors = _setting(
        _PICTURE,
        "style",
        "whose colors the result has: style: the style's; luminance: exactly the content's, as the style gives light "
        "and dark alone; match: the style's strokes in the content's mean and spread of color",
        choices=get_args(Colors),
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
    first_steps: int = _setting(_SCALES, 120, "steps at the coarsest scale", low=1, high=10000)
    last_steps: int = _setting(
        _SCALES, 38, "steps at the full size; the scales between lie on a geometric line", low=1, high=10000
    )
    content_weight: float = _setting(
        _BALANCE, 0.045, "weight of the content loss: more keeps more of the picture", low=0.0, high=1e6
    )
    content_focus: float = _setting(
        _BALANCE,
        8.0,
        "how many times as much the most important places of the content count as the least; which they are says an "
        "importance image, or auto_focus finds it",
        low=1.0,
        high=1000.0,
    )
    auto_focus: bool = _setting(
        _BALANCE, False, "find what is important in the content by itself, as faces and straight edges are, to keep it"
    )
    content_taps: tuple[str, ...] = _setting(
        _LOSSES,
        ARTICLE_CONTENT_TAPS,
        "layers whose feature maps are compared with the content's",
        choices=TAPS,
        many=True,
    )
    content_target: ContentTarget = _setting(
        _LOSSES,
        "transported",
        "what the content loss asks for: own: the content's feature maps as they are, as in the article; transported: "
        "the same, moved to the style's mean and covariance, so that the content does not ask for its own colors and "
        "contrast against the style",
        choices=get_args(ContentTarget),
    )
    style_weight: float = _setting(_BALANCE, 1.0, "weight of the style loss: more paints more", low=0.0, high=1e6)
    style_taps: tuple[str, ...] = _setting(
        _LOSSES,
        TAPS,
        "layers whose statistics are compared with the style's; the article's are " + ", ".join(ARTICLE_STYLE_TAPS),
        choices=TAPS,
        many=True,
    )
    style_statistic: StyleStatistic = _setting(
        _LOSSES,
        "moments",
        "what is compared of the style's features: moments: their mean and covariance, which weighs what is always "
        "there and what varies apart; gram: their Gram matrix, as in the article; wasserstein: their distribution as a "
        "whole, which is slower",
        choices=get_args(StyleStatistic),
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
    pooling: Pooling = _setting(
        _LOSSES,
        "max",
        "how the network halves its feature maps: max, as it was trained, or average, which paints softer",
        choices=get_args(Pooling),
    )
    loss: Loss = _setting(
        _LOSSES,
        "relative",
        "relative: each layer's error as a share of its target, the same in every size and network; "
        "plain: mean squared errors as they are, as in the article; gray pictures may get specks of color then",
        choices=get_args(Loss),
    )
    border: Border = _setting(
        _LOSSES,
        "replicate",
        "what the first convolution sees outside the picture: replicate its edge, or zeros as in the article; wrap: "
        "every convolution sees the opposite side, for a tile without seams, whose sides are multiples of 16 px",
        choices=get_args(Border),
    )
    init: Init = _setting(
        _STEPS,
        "content",
        "what the optimization starts from: the content, uniform noise behind a median filter (random, as in "
        "the article), noise in the style's colors, or an image of your own",
        choices=get_args(Init),
    )
    optimizer: OptimizerName = _setting(_STEPS, "lbfgs", "how the pixels are moved", choices=get_args(OptimizerName))
    learning_rate: float = _setting(
        _STEPS,
        0.0,
        "length of a step; 0: what suits the optimizer, "
        + ", ".join(f"{rate:g} for {name}" for name, rate in LEARNING_RATES.items()),
        low=0.0,
        high=10.0,
    )
    spectral_decay: float = _setting(
        _STEPS,
        0.25,
        "how much further L-BFGS moves coarse structure than fine: it works on the picture's waves, whose amplitudes "
        "fall with their frequency to this power; 0: on the pixels, as in the article",
        low=0.0,
        high=1.0,
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
            object.__setattr__(self, spec.name, checked(spec, getattr(self, spec.name)))
        if self.content_weight == 0 and self.style_weight == 0:
            raise RecipeError("content_weight and style_weight are both 0: at least one must be more.")

    @classmethod
    def preset(cls, name: PresetName = DEFAULT_PRESET, task: TaskName = "stylize", **changes: Any) -> Recipe:
        """A preset for a task, with changes: ``Recipe.preset("fast", size=256)``."""
        base = PRESETS[require_known(name, tuple(PRESETS), "preset")]
        about, usual = TASKS[require_known(task, tuple(TASKS), "task")], cls()
        defaults = {key: new for key, new in about.defaults.items() if getattr(base, key) == getattr(usual, key)}
        return base.changed(**{**defaults, **about.changes, **changes})

    def changed(self, /, **changes: Any) -> Recipe:
        """A copy with other values; RecipeError for an unknown setting, with the nearest name."""
        for name in changes:
            require_known(name, tuple(SETTINGS), "setting")
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
            except (ValueError, RecursionError):  # a number of thousands of digits; lists in lists in lists
                raise RecipeError("The recipe has a number or a list that is too long for any setting.") from None
        if not isinstance(values, Mapping):
            raise RecipeError(f"A recipe is an object of settings, not {type(values).__name__}.")
        for name in values:
            require_known(name, tuple(SETTINGS), "setting")
        return cls().changed(**values)

    def at_size(self, long_side: int) -> Recipe:
        """The recipe whose `content_weight` is the one that the loss of a picture of this size is made with.

        It is moved by `strength` on a log scale and, as long as losses are relative, grows with the size, so that one
        recipe makes the same picture at every size.  long_side: of the result, in pixels.
        """
        weight = self.content_weight * math.pow(STRENGTH_RANGE, 1 - self.strength / STRENGTH)
        if self.loss == "relative":
            weight *= _size_factor(long_side)
        return self.changed(strength=STRENGTH, content_weight=min(weight, setting("content_weight").high))

    @property
    def wraps(self) -> bool:
        """True where the result is a torus: its right side goes on at its left one, and its bottom at its top."""
        return self.border == "wrap"

    @property
    def step_length(self) -> float:
        """`learning_rate`, or what suits the optimizer where that is 0."""
        return self.learning_rate or LEARNING_RATES[self.optimizer]

    def scale_steps(self, scales: int) -> list[int]:
        """Steps at each of so many scales, from `first_steps` to `last_steps` on a geometric line."""
        if scales == 1:
            return [self.first_steps]
        ratio = (self.last_steps / self.first_steps) ** (1 / (scales - 1))
        return [round(self.first_steps * ratio**i) for i in range(scales)]


def _size_factor(long_side: int) -> float:
    """1 at `REFERENCE_SIZE`."""
    if long_side > REFERENCE_SIZE:
        return math.pow(long_side / REFERENCE_SIZE, LARGE_EXPONENT)
    middle, small = max(long_side, LEAST_MEASURED_SIZE), min(long_side, LEAST_MEASURED_SIZE)
    return math.pow(middle / REFERENCE_SIZE, MIDDLE_EXPONENT) * math.pow(small / LEAST_MEASURED_SIZE, SMALL_EXPONENT)


SETTINGS: Mapping[str, Field[Any]] = MappingProxyType({spec.name: spec for spec in fields(Recipe)})


def setting(name: str) -> Setting:
    """What is said about the field of this name."""
    return setting_of(SETTINGS[name])


def check(name: str, value: Any) -> Any:
    """The value in the type of the field of this name, or a RecipeError that says what came and what is allowed."""
    return checked(SETTINGS[name], value)


def check_text(name: str, text: str) -> Any:
    """As `check`, of a value that is written as text: "0.5", "true", "conv1,conv2"."""
    default = SETTINGS[name].default
    if isinstance(default, bool):
        return check(name, {"true": True, "false": False}.get(text.strip().lower(), text))
    return check(name, _number(text) if isinstance(default, (int, float)) else text.strip())


def _number(text: str) -> float | str:
    """The number that a text says; the text itself if it says none, as it is named in the message then."""
    try:
        return float(text) if "." in text or "e" in text.lower() else int(text)
    except ValueError:
        return text


def settings_of(task: TaskName) -> tuple[str, ...]:
    """Names of the settings that matter for a task, in their order."""
    ignored = TASKS[require_known(task, tuple(TASKS), "task")].ignored
    return tuple(name for name in SETTINGS if name not in ignored)


PRESETS: Mapping[PresetName, Recipe] = MappingProxyType(
    {
        "fast": Recipe(first_steps=50, last_steps=16, content_weight=0.06),
        "balanced": Recipe(),
        "article": Recipe(
            start_size=0,
            first_steps=300,
            last_steps=300,
            content_weight=1.0,
            content_target="own",
            style_weight=100.0,
            style_taps=ARTICLE_STYLE_TAPS,
            style_falloff=1.0,
            tv_weight=0.0,
            style_statistic="gram",
            loss="plain",
            border="zeros",
            init="random",
            spectral_decay=0.0,
            tolerance=0.0,
        ),
    }
)
