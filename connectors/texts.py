"""Sentences as data: every code of a ``texts.toml`` in German and English.

A code's first part names the folder that holds it (``bots4you.x`` is in ``connectors/bots4you/texts.toml``);
codes of no folder are in ``connectors/texts.toml``, those of a third party's partner in its own package. An
entry has ``de`` and ``en``, for a count of one perhaps ``de_one`` and ``en_one``. Problems also have
``todo_de`` and ``todo_en``: what to do next; the evidence of findings perhaps ``repair_de`` and
``repair_en``: who mends it, and how.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from connectors.contract import Text
from connectors.problems import Owner, Problem, Trouble

LANGUAGES = ("de", "en")
_BRACKETS = re.compile(r" \([^()]*\)")
_NAME = re.compile(r"{(\w+)}")


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
    for package in _packages(first):
        node: Any = table(package).get(first, {})
        found = node.get(rest) if isinstance(node, dict) else None
        if isinstance(found, dict):
            return found
    raise KeyError(code)


def _packages(first: str) -> Iterator[str]:
    """Where sentences of this first part may lie; a third party's only where we have none."""
    yield "connectors"
    yield f"connectors.{first}"
    from connectors.registry import third_party_package  # late: it brings the whole client side

    if package := third_party_package(first):
        yield package


def render(text: Text, language: str = "de") -> str:
    """The sentence for a Text, with a ``count`` of one the ``_one`` of its entry where it has that.

    Raises KeyError for a code that no table holds.
    """
    entry = _entry(text.code)
    form = f"{language}_one" if text.args.get("count") == 1 else language
    place = text.code.partition(".")[0]
    args = {name: _Argument(str(value), place, language) for name, value in text.args.items()}
    return entry.get(form, entry[language]).format_map(args)


def repair(text: Text, language: str = "de") -> str:
    """What to do about a finding's evidence, and whose turn it is; "" where its entry says nothing of it. A
    problem that is the evidence tells its own."""
    entry = _entry(text.code)
    words = entry.get(f"repair_{language}") or entry.get(f"todo_{language}", "")
    return words.format_map({"where": "", "status": "", "retry_after": 0, "excerpt": "", **text.args})


def template(code: str, language: str = "de") -> str:
    """The sentence of a code with its ``{blanks}`` left open. Raises KeyError for a code of no table."""
    return _entry(code)[language]


def sentence(problem: Problem) -> Text:
    """What a problem says, as a Text: the evidence of a finding."""
    args: dict[str, str | int] = {
        "where": problem.where,
        "status": problem.status or "",
        "retry_after": round(problem.retry_after or 0),
        "excerpt": problem.excerpt,
    }
    return Text(problem.code, args)


def meaning(problem: Problem, language: str = "de") -> str:
    """What happened, in one sentence."""
    return _told(_entry(problem.code)[language], problem)


def todo(problem: Problem, language: str = "de") -> str:
    """What to do next, in one sentence; "" where waiting is all there is to do."""
    return _told(_entry(problem.code).get(f"todo_{language}", ""), problem)


def _told(words: str, problem: Problem) -> str:
    """The words with what is known of a problem; where nothing is, neither brackets nor a gap are left."""
    args = sentence(problem).args

    def kept(found: re.Match[str]) -> str:
        names = _NAME.findall(found[0])
        return found[0] if not names or any(args[name] for name in names) else ""

    return _BRACKETS.sub(kept, words).format_map(args).replace("  ", " ")


@dataclass(frozen=True, slots=True)
class _Argument:
    """A value of a sentence. ``{x:field}`` shows the keys of fields, parted by commas, under their names;
    ``{x:problem}`` what the code of a problem means, without its full stop."""

    value: str
    place: str
    language: str

    def __format__(self, spec: str) -> str:
        if spec == "problem":
            return self._problem()
        if spec != "field":
            return format(self.value, spec)
        return ", ".join(map(self._name, self.value.split(",")))

    def _problem(self) -> str:
        try:
            told = meaning(Problem(self.value, Trouble.REJECTED, Owner.NOBODY), self.language)
        except KeyError:
            return self.value
        return told.rstrip(".: ")

    def _name(self, field: str) -> str:
        try:
            return template(f"{self.place}.field_{field}", self.language)
        except KeyError:
            return field
