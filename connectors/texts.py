"""Sentences as data: every code of a ``texts.toml`` in German and English.

A code's first part names the folder that holds it (``bots4you.x`` is in ``connectors/bots4you/texts.toml``);
codes of no folder are in ``connectors/texts.toml``. An entry has ``de`` and ``en``, and for problems
``todo_de`` and ``todo_en``: what to do next.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from connectors.contract import Text
from connectors.problems import Problem

LANGUAGES = ("de", "en")


@cache
def table(package: str) -> dict[str, Any]:
    """The parsed ``texts.toml`` of a package; empty where it has none."""
    try:
        data = resources.files(package).joinpath("texts.toml").read_text(encoding="utf-8")
    except (FileNotFoundError, ModuleNotFoundError, TypeError):  # TypeError: a module, not a package (3.11)
        return {}
    return tomllib.loads(data)


def _entry(code: str) -> dict[str, str]:
    first, _, rest = code.partition(".")
    for tree in (table("connectors"), table(f"connectors.{first}")):
        node: Any = tree.get(first, {})
        found = node.get(rest) if isinstance(node, dict) else None
        if isinstance(found, dict):
            return found
    raise KeyError(code)


def render(text: Text, language: str = "de") -> str:
    """The sentence for a Text. Raises KeyError for a code that no table holds."""
    return _entry(text.code)[language].format_map({k: str(v) for k, v in text.args.items()})


def meaning(problem: Problem, language: str = "de") -> str:
    """What happened, in one sentence."""
    return _entry(problem.code)[language].format_map(_Args(problem))


def todo(problem: Problem, language: str = "de") -> str:
    """What to do next, in one sentence; "" where waiting is all there is to do."""
    return _entry(problem.code).get(f"todo_{language}", "").format_map(_Args(problem))


class _Args(dict[str, str]):
    """The parts of a problem that a sentence may name."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(
            where=problem.where,
            status=str(problem.status or ""),
            retry_after=f"{problem.retry_after or 0:.0f}",
            excerpt=problem.excerpt,
        )
