"""What is seen of a chain as a table: for CSV and XLSX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.chains import Chain, Group
from console.chains import words
from console.chains.kept import Held
from console.chains.reading import ChainPlace
from console.chains.view import Line, View, causes_of, lines, seen
from console.i18n import _
from console.names import link_name
from console.sheets import Lines, save_csv, save_xlsx

Table = tuple[Sequence[str], Lines]
"""The head of a table, and its rows."""


def objects_table(found: Sequence[Line], chain: Chain, partner: str) -> Table:
    """A row for each object: how it stands as a whole, then each of its links."""
    names = [link_name(partner, link.key) for link in chain.links]
    about = (_("Link"), _("Why"), _("What helps"), _("Who"), _("Concerns"))
    head = (_("Object"), _("Name"), _("State"), *about)
    return (*head, *names), map(_object, found)


def _object(line: Line) -> tuple[str, ...]:
    row = line.row
    whole = (row.id, row.label, words.state_word(row.state))
    told = (line.link, line.reason, line.repair, line.who, line.person)
    return (*whole, *told, *(words.state_word(one.state) for one in row.links))


def causes_table(found: Sequence[Group], partner: str, *, mask: bool) -> Table:
    """A row for each cause, with the objects that wait for it."""
    about = (_("Link"), _("About"), _("Why"), _("What helps"), _("Who"))
    head = (_("Objects"), _("State"), *about, _("Numbers"))
    return head, _causes(found, partner, mask=mask)


def _causes(found: Sequence[Group], partner: str, *, mask: bool) -> Iterator[tuple[str, ...]]:
    for group in found:
        one = group.verdict
        yield (
            str(len(group.rows)),
            words.state_word(one.state),
            link_name(partner, one.link),
            words.about_words(group, mask=mask),
            words.told(one.reason),
            words.told(one.repair),
            words.hand_name(one.hand),
            ", ".join(row.label or row.id for row in group.rows),
        )


def save_seen(place: ChainPlace, held: Held, view: View, path: Path, *, by_cause: bool, mask: bool) -> int:
    """Write what is seen of a chain, as objects or causes. Returns the rows. Raises OSError, SheetFull."""
    found = tuple(seen(lines(held.reading, place.partner, mask=mask), view))
    if by_cause:
        return _save(causes_table(causes_of(found), place.partner, mask=mask), path)
    return _save(objects_table(found, place.chain, place.partner), path)


def _save(table: Table, path: Path) -> int:
    """The ending of the file's name decides how it is written."""
    head, rows = table
    if path.suffix.lower() == ".xlsx":
        return save_xlsx(path, [(_("Chain"), head, rows)])
    return save_csv(path, head, rows)
