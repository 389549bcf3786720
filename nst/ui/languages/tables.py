"""English words that stand in tables of nst already, under the keys that other languages have them by."""

from __future__ import annotations

from functools import cache

from ...recipe import PRESETS, SETTINGS, setting
from ...task import ROLE_HELP, TASKS, role_name
from ..credits import example_titles


@cache
def tabled_words() -> dict[str, str]:
    """Key -> English, of settings, their groups and choices, presets, tasks, images and examples."""
    words: dict[str, str] = {}
    for name in SETTINGS:
        about = setting(name)
        words[f"setting.{name}.label"] = _label(name)
        words[f"setting.{name}.help"] = _sentence(about.help)
        words[f"group.{about.group.lower()}"] = about.group
        if not about.many:
            words |= {f"choice.{name}.{choice}": choice for choice in about.choices or ()}
    words |= {f"preset.{name}": name for name in PRESETS}
    words |= {f"task.{name}.verb": task.verb for name, task in TASKS.items()}
    words |= {f"role.{role}.name": role_name(role) for role in ROLE_HELP}
    words |= {f"role.{role}.label": role_name(role).capitalize() for role in ROLE_HELP}
    words |= {f"role.{role}.help": f"{_sentence(about)}." for role, about in ROLE_HELP.items()}
    words |= {f"example.{stem}": title for stem, title in example_titles().items()}
    return {key: text.replace("{", "{{").replace("}", "}}") for key, text in words.items()}


def _label(name: str) -> str:
    """What a setting is called on the page: "Style scale"."""
    return name.replace("_", " ").capitalize().replace("Tv ", "TV ")


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
