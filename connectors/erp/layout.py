"""Which file and which heading carries which canonical field: ``columns.toml`` and the configuration."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from connectors.problems import Failure, Owner, Problem, Trouble


@dataclass(frozen=True, slots=True)
class Layout:
    """The form of one export: file stem, fields that make a row unique, headings by field."""

    entity: str
    file: str
    key: tuple[str, ...]
    required: tuple[str, ...]  # the heading must be there
    filled: tuple[str, ...]  # its cells must not be empty
    columns: Mapping[str, str]
    optional: bool = False  # not every company has this export: its absence is no defect


def plain(heading: str) -> str:
    """A heading as it is compared: composed characters, no blanks, no case."""
    return "".join(unicodedata.normalize("NFC", heading).split()).casefold()


@cache
def defaults() -> Mapping[str, Layout]:
    """The layouts of ``columns.toml`` by entity."""
    text = resources.files("connectors.erp").joinpath("columns.toml").read_text(encoding="utf-8")
    return {
        entity: Layout(
            entity=entity,
            file=table["file"],
            key=tuple(table["key"]),
            required=tuple(table["required"]),
            filled=tuple(table["filled"]),
            columns=table["columns"],
            optional=table.get("optional", False),
        )
        for entity, table in tomllib.loads(text).items()
    }


def layouts(changes: Mapping[str, Mapping[str, str]]) -> Mapping[str, Layout]:
    """The default layouts with a customer's own files and headings.

    Raises Failure ``erp.unknown_columns`` for an entity or field that does not exist.
    """
    found = dict(defaults())
    for entity, table in changes.items():
        layout = found.get(entity)
        if layout is None:
            raise _unknown(entity)
        unknown = [name for name in table if name != "file" and name not in layout.columns]
        if unknown:
            raise _unknown(f"{entity}.{unknown[0]}")
        headings = {name: heading for name, heading in table.items() if name != "file"}
        found[entity] = replace(
            layout, file=table.get("file", layout.file), columns={**layout.columns, **headings}
        )
    return found


def _unknown(where: str) -> Failure:
    return Failure(
        Problem("erp.unknown_columns", Trouble.CONFIG, Owner.CONSULTANT, where=f"erp.columns.{where}")
    )
