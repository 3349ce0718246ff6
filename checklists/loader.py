"""Reads checklists: those that come with the console, and those of a folder beside the configuration."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from pathlib import Path

from checklists.mistakes import Mistake, MistakeKind, Wrong
from checklists.model import Checklist
from checklists.reading import Place, Table, read_item

LIST_KEYS = ("id", "title", "partner", "order", "item")
LAST = 1000
"""Where a list without an order stands: behind those that have one."""


@cache
def shipped() -> tuple[Checklist, ...]:
    """The lists that come with the console, in their order."""
    folder = resources.files("checklists")
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return _sorted(parse(folder.joinpath(name).read_text(encoding="utf-8"), name) for name in files)


def load(folder: Path | None = None) -> tuple[Checklist, ...]:
    """The shipped lists and those in a folder, in their order. Raises Wrong with every mistake of every
    file."""
    lists, mistakes = [*shipped()], list[Mistake]()
    files = sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else []
    for path in files:
        try:
            lists.append(parse(_text(path), path.name))
        except Wrong as wrong:
            mistakes += wrong.mistakes
    mistakes += [*_repeated(lists), *_unasked(lists)]
    if mistakes:
        raise Wrong(mistakes)
    return _sorted(lists)


def parse(text: str, file: str) -> Checklist:
    """A list out of its TOML. Raises Wrong with all its mistakes."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Wrong([Mistake(MistakeKind.SYNTAX, file, _line(error), found=str(error)[:80])]) from None
    table = Table(document, file, Place(text), [])
    table.only(LIST_KEYS)
    entries = table.tables("item")
    if not entries:
        table.wrong(MistakeKind.MISSING, "item")
    items = [read_item(entry) for entry in entries]
    seen = set[str]()
    for entry, item in zip(entries, items, strict=True):
        if item.id in seen:
            entry.wrong(MistakeKind.REPEATED, "id", item.id)
        seen.add(item.id)
    found = Checklist(
        id=table.text("id", required=True),
        title=table.words("title"),
        order=table.integer("order", LAST),
        items=tuple(items),
        partner=table.text("partner"),
        origin=file,
    )
    if table.mistakes:
        raise Wrong(table.mistakes)
    return found


def _sorted(lists: Iterable[Checklist]) -> tuple[Checklist, ...]:
    return tuple(sorted(lists, key=lambda one: (one.order, one.id)))


def _repeated(lists: Iterable[Checklist]) -> Iterator[Mistake]:
    """Ids that two files share: answers are kept by the item's id alone."""
    homes: dict[str, str] = {}
    for one in lists:
        for key, id_ in (("id", one.id), *(("item.id", item.id) for item in one.items)):
            home = homes.setdefault(f"{key} {id_}", one.origin)
            if home != one.origin:
                yield Mistake(MistakeKind.REPEATED, one.origin, 1, key, id_, (home,))


def _unasked(lists: Iterable[Checklist]) -> Iterator[Mistake]:
    """Conditions that hang on an answer nobody is asked for: such an item would always apply."""
    held = [*lists]
    asked = {f"{item.id}.{one.key}" for each in held for item in each.items for one in item.fields}
    for each in held:
        for item in each.items:
            for name in item.when.answers.keys() - asked:
                yield Mistake(MistakeKind.VALUE, each.origin, 1, f"{item.id}.when.answer", name)


def _line(error: tomllib.TOMLDecodeError) -> int:
    """The line that the parser's sentence ends with; Python 3.14 has it as a number."""
    words = str(error).replace(",", " ").replace(")", " ").split()
    return next((int(after) for word, after in itertools.pairwise(words) if word == "line"), 1)


def _text(path: Path) -> str:
    """Raises Wrong."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError:
        raise Wrong([Mistake(MistakeKind.UNREADABLE, path.name, 1)]) from None
    except UnicodeDecodeError:
        raise Wrong([Mistake(MistakeKind.ENCODING, path.name, 1)]) from None
