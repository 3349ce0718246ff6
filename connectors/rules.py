"""The rules as data: every demand of a partner system that code, plans, checks and lists may cite by id."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType


class RuleKind(StrEnum):
    """Who can tell whether a rule is kept."""

    AUTO = "auto"  # checked or enforced by the console
    AUTO_FIX = "auto+fix"  # checked, and the console can mend it
    MANUAL = "manual"  # no interface shows it: a person records evidence
    GUIDED = "guided"  # the console leads, a person clicks, every stage is checked
    SIMULATE = "simulate"  # our model of the partner, not the partner itself
    INFO = "info"  # shown, never a verdict


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its id, who can tell, and the plain sentence in both languages."""

    id: str
    kind: RuleKind
    de: str
    en: str


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its id, in the order of ``rules.toml``."""
    text = resources.files("connectors").joinpath("rules.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    return MappingProxyType(
        {id_: Rule(id_, RuleKind(entry["kind"]), entry["de"], entry["en"]) for id_, entry in table.items()}
    )


def rule(rule_id: str) -> Rule:
    """The rule with this id. Raises KeyError that names the nearest known ids."""
    try:
        return rules()[rule_id]
    except KeyError:
        from difflib import get_close_matches

        nearest = ", ".join(get_close_matches(rule_id, rules(), n=3, cutoff=0))
        raise KeyError(f"no rule {rule_id!r}; nearest: {nearest}") from None


def sentence(rule_id: str, language: str = "de") -> str:
    """The rule in one or two plain sentences. Raises KeyError for an id that no rule has."""
    found = rule(rule_id)
    return found.en if language == "en" else found.de
