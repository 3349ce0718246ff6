"""From the tables of a TOML file to the model; every mistake is noted with its place, then reading goes
on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from checklists.mistakes import Mistake, MistakeKind
from checklists.model import (
    Addressee,
    AnswerField,
    Choice,
    Consequence,
    FieldKind,
    Item,
    Kind,
    When,
    Who,
    Words,
)

ITEM_KEYS = (
    "id", "rules", "kind", "check", "walk", "who", "addressee", "blocking", "evidence", "title", "why", "how",
    "when", "field", "consequence",
)  # fmt: skip
_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
_RULE = re.compile(r"[A-Z]{1,2}\d{1,3}[a-z]?")
_NUMBERED = re.compile(r"(\w+)\[(\d+)\]\.?")
_SHOWN = 60

E = TypeVar("E", bound=StrEnum)


class Place:
    """Where a file's tables stand: the line of the nth ``[[item]]`` and of the keys below it."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()

    def line(self, item: int | None, key: str) -> int:
        """The line of a key, or of what holds it; 1 for the head of the file. Lines count from 1."""
        start, end = self._span(item)
        for name, number in _NUMBERED.findall(key):
            start = self._head(f"item.{name}", int(number), start, end)
        for name in reversed(_NUMBERED.sub("", key).strip(".").split(".")):  # an inline table is one line
            written = re.compile(rf"\s*(\[\[item\.)?\"?{re.escape(name)}\"?\s*[.=\]]")
            for at in range(start, end):
                if name and written.match(self._lines[at]):
                    return at + 1
        return start + 1

    def _head(self, name: str, number: int, start: int, end: int) -> int:
        """Where the nth table of a list inside an item begins; ``start`` where it is written inline."""
        head = re.compile(rf"\s*\[\[\s*{re.escape(name)}\s*\]\]")
        heads = [at for at in range(start, end) if head.match(self._lines[at])]
        return heads[number - 1] if number <= len(heads) else start

    def _span(self, item: int | None) -> tuple[int, int]:
        heads = [at for at, line in enumerate(self._lines) if re.match(r"\s*\[\[\s*item\s*\]\]", line)]
        if item is None or item >= len(heads):
            return 0, heads[0] if heads and item is None else len(self._lines)
        return heads[item], heads[item + 1] if item + 1 < len(heads) else len(self._lines)


@dataclass(frozen=True, slots=True)
class Table:
    """A TOML table and where it stands. What cannot be used is noted in ``mistakes``, shared by all tables of
    a file, and replaced by something empty."""

    data: Mapping[str, Any]
    file: str
    place: Place
    mistakes: list[Mistake]
    item: int | None = None
    path: str = ""

    def wrong(self, kind: MistakeKind, key: str, found: object = "", allowed: tuple[str, ...] = ()) -> None:
        """Note a mistake at a key."""
        whole, shown = f"{self.path}{key}", str(found)
        shown = "".join(c if c.isprintable() else "?" for c in shown[:_SHOWN])
        self.mistakes.append(
            Mistake(kind, self.file, self.place.line(self.item, whole), whole, shown, allowed)
        )

    def only(self, known: tuple[str, ...]) -> None:
        """Every other key is a mistake."""
        for key in self.data:
            if key not in known:
                self.wrong(MistakeKind.UNKNOWN, key, key, known)

    def text(self, key: str, *, required: bool = False) -> str:
        """A text, without outer blanks."""
        value = self.data.get(key, "")
        if not isinstance(value, str):
            self.wrong(MistakeKind.TYPE, key, value, ("text",))
            return ""
        if required and not value.strip():
            self.wrong(MistakeKind.MISSING, key)
        return value.strip()

    def flag(self, key: str) -> bool:
        """Yes or no; no where nothing is said."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            self.wrong(MistakeKind.TYPE, key, value, ("true", "false"))
            return False
        return value

    def integer(self, key: str, default: int) -> int:
        """A whole number."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(MistakeKind.TYPE, key, value, ("number",))
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A text or a list of texts."""
        value = self.data.get(key, ())
        found = [value] if isinstance(value, str) else value
        if not isinstance(found, list | tuple) or not all(isinstance(one, str) and one for one in found):
            self.wrong(MistakeKind.TYPE, key, value, ("text", "list of texts"))
            return ()
        return tuple(found)

    def one_of(self, key: str, kind: type[E], default: E | None = None) -> E:
        """A word of an enumeration; ``default`` where there is none."""
        allowed = tuple(member.value for member in kind)
        value = self.data.get(key)
        if value is None and default is not None:
            return default
        if value not in allowed:
            missing = value is None
            self.wrong(MistakeKind.MISSING if missing else MistakeKind.VALUE, key, value or "", allowed)
            return next(iter(kind))
        return kind(value)

    def words(self, key: str, *, required: bool = True) -> Words:
        """A text in both languages: ``key.de`` and ``key.en``."""
        value = self.data.get(key)
        if value is None and not required:
            return Words("", "")
        if not isinstance(value, dict):
            self.wrong(
                MistakeKind.MISSING if value is None else MistakeKind.TYPE, key, value or "", ("de", "en")
            )
            return Words("", "")
        inner = self.table(key)
        inner.only(("de", "en"))
        return Words(inner.text("de", required=True), inner.text("en", required=True))

    def table(self, key: str) -> Table:
        """A table inside this one; an empty one where there is none."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            self.wrong(MistakeKind.TYPE, key, value, ("table",))
            value = {}
        return Table(value, self.file, self.place, self.mistakes, self.item, f"{self.path}{key}.")

    def tables(self, key: str) -> list[Table]:
        """A list of tables."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.wrong(MistakeKind.TYPE, key, value, (f"[[{key}]]",))
            return []
        top = self.item is None and not self.path
        return [
            Table(
                one,
                self.file,
                self.place,
                self.mistakes,
                at if top else self.item,
                f"{self.path}{key}[{at + 1}].",
            )
            for at, one in enumerate(value)
        ]


def read_item(table: Table) -> Item:
    """One item; its mistakes are noted in the table."""
    table.only(ITEM_KEYS)
    id_ = table.text("id", required=True)
    if id_ and not _ID.fullmatch(id_):
        table.wrong(MistakeKind.VALUE, "id", id_, ("a-z 0-9 _ . -",))
    for rule in table.texts("rules"):
        if not _RULE.fullmatch(rule):
            table.wrong(MistakeKind.VALUE, "rules", rule, ("C6", "I10"))
    kind = table.one_of("kind", Kind)
    fields = tuple(_field(one) for one in table.tables("field"))
    keys = [one.key for one in fields]
    for key in {key for key in keys if keys.count(key) > 1}:
        table.wrong(MistakeKind.REPEATED, "field", key)
    return Item(
        id=id_,
        kind=kind,
        who=table.one_of("who", Who),
        addressee=table.one_of("addressee", Addressee, Addressee.CONSULTANT),
        title=table.words("title"),
        why=table.words("why"),
        how=table.words("how"),
        rules=table.texts("rules"),
        key=_key(table, kind),
        blocking=table.flag("blocking"),
        evidence=table.flag("evidence"),
        when=_when(table.table("when")),
        fields=fields,
        consequences=tuple(_consequence(one, fields) for one in table.tables("consequence")),
    )


def _key(table: Table, kind: Kind) -> str:
    """The check or walk that answers; each kind has its own and no other."""
    wanted = {Kind.AUTOMATIC: "check", Kind.GUIDED: "walk"}.get(kind)
    for name in ("check", "walk"):
        if name != wanted and name in table.data:
            table.wrong(MistakeKind.UNKNOWN, name, name, (wanted,) if wanted else ())
    return table.text(wanted, required=True) if wanted else ""


def _when(table: Table) -> When:
    table.only(("partner", "use_case", "erp_product", "erp_source", "setting", "answer"))
    settings, answers = table.table("setting"), table.table("answer")
    return When(
        table.texts("partner"),
        table.texts("use_case"),
        table.texts("erp_product"),
        table.texts("erp_source"),
        {name: settings.texts(name) for name in settings.data},
        {name: answers.texts(name) for name in answers.data},
    )


def _field(table: Table) -> AnswerField:
    table.only(("key", "kind", "label", "required", "choice", "expires"))
    kind = table.one_of("kind", FieldKind)
    expires = table.flag("expires")
    if expires and kind is not FieldKind.DATE:
        table.wrong(MistakeKind.VALUE, "expires", kind, (FieldKind.DATE,))
    choices = tuple(_choice(one) for one in table.tables("choice"))
    chosen = kind in (FieldKind.CHOICE, FieldKind.CHOICES)
    if chosen != bool(choices):
        table.wrong(MistakeKind.MISSING if chosen else MistakeKind.UNKNOWN, "choice")
    key, label = table.text("key", required=True), table.words("label")
    return AnswerField(key, kind, label, table.flag("required"), choices, expires)


def _choice(table: Table) -> Choice:
    table.only(("key", "label"))
    return Choice(table.text("key", required=True), table.words("label"))


def _consequence(table: Table, fields: tuple[AnswerField, ...]) -> Consequence:
    table.only(("when", "text", "takes_over", "keeps_open"))
    when = table.table("when")
    known = {one.key: tuple(choice.key for choice in one.choices) for one in fields}
    wanted = {name: when.texts(name) for name in when.data}
    for name, values in wanted.items():
        if name not in known:
            when.wrong(MistakeKind.VALUE, name, name, tuple(known))
        for value in values:
            if known.get(name) and value not in known[name]:
                when.wrong(MistakeKind.VALUE, name, value, known[name])
    takes = table.table("takes_over")
    return Consequence(
        wanted,
        table.words("text"),
        {name: takes.text(name) for name in takes.data},
        table.flag("keeps_open"),
    )
