"""What a search in a plan asks for, as data, and as a condition that SQLite evaluates row by row."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import orjson

from connectors.contract import Action
from console.store.pattern_cost import reach
from console.store.vault import Vault, VaultError


class Where(StrEnum):
    """Where a term looks."""

    TEXT = "text"  # id, reason in words, names of differing fields
    ID = "id"
    ACTION = "action"
    ENTITY = "entity"
    RULE = "rule"
    RESULT = "result"
    VALUE = "value"  # the sealed values; each row is opened, which takes its time


@dataclass(frozen=True, slots=True)
class Term:
    """One condition: any of ``texts`` is found, or the ``pattern`` matches; ``inverted``: the opposite."""

    where: Where
    texts: tuple[str, ...]
    pattern: bool = False
    inverted: bool = False


Query = tuple[Term, ...]
"""Terms that must all hold; () = everything."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What a plan's codes mean: reason code -> sentence, rule id -> the (entity, field) pairs it rules, and
    entities and fields -> the names that people see."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in SQL with its values; ``slow`` when rows must be opened for it."""

    sql: str = "1"
    values: tuple[str, ...] = ()
    slow: bool = False


def condition(query: Query, lexicon: Lexicon) -> Condition:
    """The query as SQL over the table ``change``."""
    sql, values = ["1"], []
    for term in query:
        one, given = _MAKERS.get(term.where, _listed)(term, lexicon)
        sql.append(f"NOT ({one})" if term.inverted else f"({one})")
        values += given
    return Condition(" AND ".join(sql), tuple(values), any(term.where is Where.VALUE for term in query))


Sql = tuple[str, list[str]]


def _any(parts: list[Sql]) -> Sql:
    return " OR ".join(sql for sql, _ in parts) or "0", [value for _, values in parts for value in values]


def _holds(expression: str, term: Term) -> Sql:
    if term.pattern:
        return _any([(f"matches(?, {expression})", [text]) for text in term.texts])
    # SQLite folds ASCII only, but several times as fast as Python.
    return _any([
        (f"instr(lower({expression}), ?)", [text.lower()])
        if text.isascii()
        else (f"holds(?, {expression})", [text])
        for text in term.texts
    ])  # fmt: skip


def _text(term: Term, lexicon: Lexicon) -> Sql:
    reasons = [
        code
        for code, sentence in lexicon.reasons.items()
        if any((matches if term.pattern else holds)(text, sentence) for text in term.texts)
    ]
    found = _holds("id || char(10) || fields || char(10) || code", term)
    fields = (("instr(' ' || fields || ' ', ?)", [f" {name} "]) for name in _named(term, lexicon))
    return _any([found, *fields, *(("reason = ?", [code]) for code in reasons)])


def _named(term: Term, lexicon: Lexicon) -> list[str]:
    """The entities and fields whose names for people are looked for."""
    found = matches if term.pattern else holds
    return [raw for raw, name in lexicon.names.items() if any(found(text, name) for text in term.texts)]


def _id(term: Term, _lexicon: Lexicon) -> Sql:
    return _holds("id", term)


def _value(term: Term, _lexicon: Lexicon) -> Sql:
    return _holds("opened(id, body)", term)


def _rule(term: Term, lexicon: Lexicon) -> Sql:
    """Skips carry their rule, a changed record has those of its differing fields; a new one has all."""
    parts: list[Sql] = []
    for rule in term.texts:
        parts.append(("rule = ?", [rule]))
        for entity, name in lexicon.rules.get(rule, ()):
            sql = "action = ? AND entity = ? AND instr(' ' || fields || ' ', ?)"
            parts.append((sql, [Action.UPDATE.value, entity, f" {name} "]))
    return _any(parts)


def _entity(term: Term, lexicon: Lexicon) -> Sql:
    return _any([_listed(term, lexicon), *(("entity = ?", [name]) for name in _named(term, lexicon))])


def _listed(term: Term, _lexicon: Lexicon) -> Sql:
    if term.pattern:
        return _holds(term.where.value, term)
    marks = ", ".join("?" * len(term.texts))
    return f"{term.where.value} IN ({marks})", list(term.texts)


_MAKERS: Mapping[Where, Callable[[Term, Lexicon], Sql]] = {
    Where.TEXT: _text,
    Where.ID: _id,
    Where.VALUE: _value,
    Where.RULE: _rule,
    Where.ENTITY: _entity,
}


def holds(needle: str, text: str) -> bool:
    """Whether a text occurs in another, whatever the case."""
    return needle.casefold() in text.casefold()


def matches(pattern: str, text: str) -> bool:
    """Whether a regular expression matches anywhere in a text, whatever the case.

    In a long text only the beginning of each line is looked at, as far as the pattern can afford it.
    """
    search, far = compiled(pattern).search, reach(pattern)
    if len(text) <= far:
        return search(text) is not None
    return any(search(line[:far]) is not None for line in text.split("\n"))


@lru_cache(16)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as all searches understand it; ``^`` and ``$`` are the ends of each part. Raises re.error."""
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


def teach(conn: sqlite3.Connection, vault: Vault) -> None:
    """Give a connection the functions that conditions use. It must stay in one thread while it searches."""

    def opened(id_: str, body: bytes) -> str:
        try:
            before, after, _args = orjson.loads(vault.open(body, id_.encode()))
        except VaultError:
            return ""
        return "\n".join(_flat(side) for side in (before, after) if side)

    conn.create_function("holds", 2, holds, deterministic=True)
    conn.create_function("matches", 2, matches, deterministic=True)
    conn.create_function("opened", 2, opened, deterministic=True)


def _flat(payload: str) -> str:
    if not payload.startswith("["):
        return ""
    values = orjson.loads(payload)
    texts = [" ".join(map(str, v)) if isinstance(v, list) else str(v) for v in values if v is not None]
    return "\n".join(texts)
