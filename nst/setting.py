"""What is said about one setting of a recipe, and how a value that somebody gives is checked against it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field
from typing import Any, TypeVar

from .errors import RecipeError, shown, shown_name
from .task import STYLE_ROLES

T = TypeVar("T", bound=str)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is said about one field of `Recipe`, beside its type and default.

    many: it is several values, of choices or of numbers.
    """

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


def setting_field(group: str, default: Any, help: str, **description: Any) -> Any:
    """A dataclass field with a `Setting` beside its default."""
    return field(default=default, metadata={"setting": Setting(help=help, group=group, **description)})


def require_known(name: str, allowed: tuple[T, ...], what: str) -> T:
    """The name itself, or a RecipeError that lists what is allowed and guesses what was meant."""
    for known in allowed:
        if name == known:
            return known
    nearest = difflib.get_close_matches(shown_name(name), allowed, n=1) if isinstance(name, str) else []
    guess = f" Did you mean {nearest[0]!r}?" if nearest else ""
    raise RecipeError(f"There is no {what} {shown(name)}: choose from {', '.join(allowed)}.{guess}")


def checked(spec: Field[Any], value: Any) -> Any:
    """The value in its field's type, or a RecipeError that says what came and what is allowed."""
    about, default, name = setting_of(spec), spec.default, spec.name
    assert default is not MISSING
    if about.many:
        return (_checked_choices if about.choices else _checked_numbers)(name, value, about)
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
    elif about.choices:
        return require_known(value, about.choices, name)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        within = about.low <= value <= about.high and math.isfinite(value)
        if within and (isinstance(default, float) or float(value).is_integer()):
            return type(default)(value)
    kind = {bool: "", int: "a whole number, ", float: "a number, "}[type(default)]
    raise RecipeError(f"{name} is {shown(value)}: allowed is {kind}{about.allowed}.")


def setting_of(spec: Field[Any]) -> Setting:
    """What is said about a field."""
    about: Setting = spec.metadata["setting"]
    return about


def _checked_choices(name: str, value: Any, about: Setting) -> tuple[str, ...]:
    chosen = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(chosen, (list, tuple)) or not chosen:
        raise RecipeError(f"{name} is {shown(value)}: allowed is {about.allowed}.")
    allowed = about.choices or ()
    for part in chosen:
        require_known(part, allowed, f"layer for {name}")
    return tuple(choice for choice in allowed if choice in chosen)


def _checked_numbers(name: str, value: Any, about: Setting) -> tuple[float, ...]:
    given = value.split(",") if isinstance(value, str) else value
    try:
        numbers = () if _is_no_list_of_numbers(given) else tuple(map(float, given))
    except (TypeError, ValueError, OverflowError):
        numbers = ()
    within = all(about.low <= number <= about.high for number in numbers)
    if not (1 <= len(numbers) <= len(STYLE_ROLES) and any(numbers) and within):
        raise RecipeError(f"{name} is {shown(value)}: allowed is {about.allowed}.")
    return numbers


def _is_no_list_of_numbers(value: Any) -> bool:
    """True for what `float` would make numbers of all the same: keys, bytes, true and false."""
    return isinstance(value, (Mapping, bytes, bytearray)) or any(isinstance(part, bool) for part in value)
