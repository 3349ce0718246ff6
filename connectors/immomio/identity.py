"""Ids of Immomio's records and what is said of a record that gets none (rules C1, C2, I7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.agreed import Mandanten, scope_of
from connectors.contract import Record, Skipped, Text, Value
from connectors.ids import EmptyPart, SeparatorInPart, build, clean, parse

MANDANT = "clientNumber"
"""The field by which a plan is limited to a Mandant. Where Immomio has none, the id tells it."""


class Sent:
    """The ids of the records that are sent. One that two records build refers to neither of them."""

    def __init__(self) -> None:
        self._once: set[str] = set()
        self._again: set[str] = set()

    def note(self, one: Record | Skipped) -> str | None:
        """Note the next record. Returns its id, None where it is skipped."""
        if isinstance(one, Skipped):
            return None
        (self._again if one.id in self._once else self._once).add(one.id)
        return one.id

    def __contains__(self, id_: str) -> bool:
        return id_ in self._once and id_ not in self._again


def identify(entity: str, key: str, separator: str, numbers: Mapping[str, str]) -> str | Skipped:
    """The composite id of a record, or why it has none. ``key`` is the ERP's own."""
    try:
        return build(separator, **numbers)
    except EmptyPart as error:
        shown = ", ".join(clean(number) or "?" for number in numbers.values())
        args = {"numbers": shown, "key": key}
        return skipped(entity, key, "C2", Text(f"immomio.empty_{error.name}", args), numbers["mandant"])
    except SeparatorInPart as error:
        text = Text(f"agreed.separator_in_{error.name}", {"number": error.value})
        return skipped(entity, key, "C1", text, numbers["mandant"])


def skipped(entity: str, key: str, rule: str, reason: Text, mandant: str) -> Skipped:
    """A record that is not sent. It is not wanted at Immomio, so the ERP's own key stands for its id."""
    return Skipped(entity, f"erp:{key}", rule, reason, {MANDANT: clean(mandant)})


def record(entity: str, id_: str, fields: Mapping[str, Value], separator: str) -> Record:
    """A record with the Mandant that its id begins with."""
    return Record(entity, id_, {MANDANT: id_.partition(separator)[0], **fields})


def with_mandant(one: Record, separator: str) -> Record:
    """A record of Immomio's with the Mandant that its id begins with."""
    return replace(one, fields={MANDANT: one.id.partition(separator)[0], **one.fields})


def ours(id_: str, separator: str, counts: Iterable[int], mandanten: Mandanten) -> bool:
    """Whether an id's form proves that we made it for a configured Mandant.

    With "all" no Mandant is named, so the form proves nothing and the id map decides.
    """
    wanted = scope_of(mandanten).mandanten
    return wanted is not None and any(
        parts is not None and parts[0] in wanted
        for parts in (parse(separator, id_, count) for count in counts)
    )
