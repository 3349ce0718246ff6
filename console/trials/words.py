"""Trials in words and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from connectors.contract import Text
from connectors.texts import render
from connectors.trials import TrialRow
from console import formats
from console.i18n import _, language
from console.terminal import table
from console.trials.desk import TrialPlace, Tried, ordered

SHOWN = 50
"""Records that are listed; as JSON there are all."""


def title(place: TrialPlace) -> str:
    """The trial's name."""
    return render(Text(f"{place.partner}.trial_{place.trial.key}"), language())


def option_name(place: TrialPlace, option: str) -> str:
    """An option's name."""
    return render(Text(f"{place.partner}.option_{option}"), language())


def chosen_words(place: TrialPlace, chosen: Collection[str]) -> str:
    """The options that are chosen, in a line."""
    return ", ".join(option_name(place, one) for one in ordered(place, chosen)) or _("nothing more")


def sums(rows: Collection[TrialRow]) -> TrialRow:
    """All groups together."""
    counts = ((row.total, row.empty, row.shared) for row in rows)
    total, empty, shared = (sum(column) for column in zip(*counts, strict=True)) if rows else (0, 0, 0)
    return TrialRow(_("all"), total, empty, shared)


def verdict(place: TrialPlace, rows: Collection[TrialRow]) -> str:
    """What a choice means, in a sentence."""
    every = sums(rows)
    bad = every.empty + every.shared
    args: dict[str, str | int] = {
        "share": formats.percent(bad / every.total, 1) if every.total else "",
        "empty": formats.count(every.empty),
        "shared": formats.count(every.shared),
    }
    return _said(place, "none" if not every.total else "bad" if bad else "good", **args)


def heads(place: TrialPlace) -> tuple[str, str, str, str]:
    """What the groups are, and what is counted of each."""
    group, total, empty, shared = (_said(place, name) for name in ("group", "total", "empty", "shared"))
    return group, total, empty, shared


def cells(row: TrialRow) -> tuple[str, str, str, str]:
    """A group with its counts."""
    return (row.group, formats.count(row.total), formats.count(row.empty), formats.count(row.shared))


def remarks(tried: Tried) -> tuple[str, ...]:
    """What stands out beside the choice."""
    return tuple(render(text, language()) for text in tried.reading.remarks)


def details(tried: Tried) -> tuple[str, ...]:
    """The records behind it."""
    return tuple(render(text, language()) for text in tried.reading.details)


def _said(place: TrialPlace, what: str, **args: str | int) -> str:
    return render(Text(f"{place.partner}.trial_{place.trial.key}_{what}", args), language())


def lines(tried: Tried, chosen: Collection[str], rows: Collection[TrialRow]) -> Iterator[str]:
    """The trial at a terminal: the options, the counts, what stands out."""
    place, lacking = tried.place, tried.reading.lacking
    yield title(place)
    for one in place.trial.options:
        mark = "x" if one in chosen else " "
        count = _("missing: {count}").format(count=formats.count(lacking[one]))
        yield f"  [{mark}] {one}  {option_name(place, one)}  ({count})"
    every = [*rows, sums(rows)] if len(rows) > 1 else [*rows]
    yield from table(heads(place), map(cells, every)).split("\n")
    yield verdict(place, rows)
    yield from remarks(tried)
    found = details(tried)
    yield from (f"  {text}" for text in found[:SHOWN])
    if len(found) > SHOWN:
        more = formats.count(len(found) - SHOWN)
        yield "  " + _("… and {count} more; --json has them all.").format(count=more)


def document(
    customer: str, tried: Tried, chosen: Collection[str], rows: Collection[TrialRow]
) -> dict[str, Any]:
    """The trial as scripts rely on it."""
    return {
        "schema": 1,
        "customer": customer,
        "partner": tried.place.partner,
        "trial": tried.place.trial.key,
        "in_force": list(tried.chosen),
        "chosen": list(ordered(tried.place, chosen)),
        "lacking": dict(tried.reading.lacking),
        "groups": [
            {"group": row.group, "total": row.total, "empty": row.empty, "shared": row.shared} for row in rows
        ],
        "remarks": list(remarks(tried)),
        "details": list(details(tried)),
    }
