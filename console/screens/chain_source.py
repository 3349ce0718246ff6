"""A chain as rows of tables, by object and by cause, and what is told of the one under the cursor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from connectors.chains import ChainRow, Group, LinkState, LinkVerdict
from console import formats
from console.chains import words
from console.chains.view import Line, View, key_of
from console.cockpit_chains import ChainTrack
from console.i18n import _
from console.names import link_name
from console.widgets.header import age_words
from console.widgets.record_model import Align, Column, TableRow, Tone
from console.widgets.safe_text import content

TONES = {
    LinkState.OK: Tone.GOOD,
    LinkState.BROKEN: Tone.BAD,
    LinkState.UNCONFIRMED: Tone.NORMAL,
    LinkState.UNKNOWN: Tone.WARN,
    LinkState.AFTER: Tone.MUTED,
}
STYLES = {
    LinkState.OK: "$success",
    LinkState.BROKEN: "$error bold",
    LinkState.UNCONFIRMED: "bold",
    LinkState.UNKNOWN: "$warning bold",
    LinkState.AFTER: "dim",
}
MARK = 13
"""Columns for glyph and word of a state."""

NAMED = 40
"""Objects of a cause that are named."""


def object_columns() -> tuple[Column, ...]:
    """The columns of the objects, beside the state; the least important disappear first."""
    return (
        Column(_("Object"), 16),
        Column(_("Links"), 8, priority=3),
        Column(_("Link"), 15),
        Column(_("What helps"), None, minimum=12),
        Column(_("Who"), 13, priority=1),
        Column(_("Concerns"), 16, priority=2),
    )


def cause_columns() -> tuple[Column, ...]:
    """The columns of the causes, beside the state."""
    return (
        Column(_("Objects"), 7, align=Align.RIGHT),
        Column(_("Link"), 15),
        Column(_("About"), 20, priority=1),
        Column(_("What helps"), None, minimum=12),
        Column(_("Who"), 13, priority=2),
        Column(_("Why"), None, priority=3, minimum=24),
    )


def object_row(line: Line) -> TableRow:
    """An object."""
    row = line.row
    cells = (row.label or row.id, words.strip(row), line.link, line.repair, line.who, line.person)
    return TableRow(row.id, cells, words.mark(row.state), TONES[row.state])


class ObjectSource:
    """Objects as rows; only those that are drawn are made."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._lines = lines
        self._places = {line.row.id: place for place, line in enumerate(lines)}

    def count(self) -> int:
        """How many objects there are."""
        return len(self._lines)

    def window(self, offset: int, limit: int) -> Sequence[TableRow]:
        """Some rows."""
        return [object_row(line) for line in self._lines[offset : offset + limit]]

    def find(self, key: str) -> int | None:
        """The place of an object."""
        return self._places.get(key)


def cause_row(group: Group, partner: str, *, mask: bool) -> TableRow:
    """A cause."""
    one = group.verdict
    cells = (
        formats.count(len(group.rows)),
        link_name(partner, one.link),
        words.about_words(group, mask=mask),
        words.told(one.repair),
        words.hand_name(one.hand),
        words.told(one.reason),
    )
    return TableRow(key_of(one), cells, words.mark(one.state), TONES[one.state])


def head(track: ChainTrack, view: View, *, old: bool) -> Content:
    """How a chain stands, what is going on, and which part of it is seen; ``old``: written since."""
    parts = [f"{track.partner} {track.title}"]
    if track.held is not None:
        parts += [words.count_words(track.held.reading.rows), age_words(track.age or 0.0)]
    lines = [content("  ".join(parts), "bold")]
    if track.busy:
        lines.append(content("… " + _("every object is being looked at")))
    elif track.error:
        lines.append(content("✗ " + " ".join(track.error) + " " + _("r tries again."), "$error"))
    elif old:
        lines.append(content("! " + _("Something was written since: r looks anew."), "$warning"))
    if seen := view_words(track, view):
        lines.append(content(seen))
    return Content("\n").join(lines)


def view_words(track: ChainTrack, view: View) -> str:
    """Which part is seen; "" for all."""
    parts = []
    if view.link:
        name = link_name(track.place.partner, view.link)
        parts.append(_("only broken at: {link} (t)").format(link=name))
    if view.cause:
        parts.append(_("only one cause (Esc shows all)"))
    return "  ".join(parts)


def object_detail(track: ChainTrack, row: ChainRow, *, mask: bool) -> Content:
    """An object with all its links: how each stands, why, what helps, who can do it."""
    partner = track.place.partner
    lines = [content(" ".join(filter(None, (row.label, f"({row.id})"))), "bold")]
    if row.person:
        concerned = words.person_words(row, mask=mask)
        lines.append(content(_("Concerns: {person}").format(person=concerned)))
    for link in row.links:
        head = f"{words.mark(link.state)}  {link_name(partner, link.link)}"
        about = words.subject_words(link, mask=mask)
        lines.append(content(f"{head}  {about}".rstrip(), STYLES[link.state]))
        lines += [content(line) for line in words.repair_lines(link)]
        lines += [content(f"    {line}", "$accent") for line in _ways(track, link)]
    if row.url:
        lines += [Content(""), content(row.url, "dim")]
    return Content("\n").join(lines)


def cause_detail(track: ChainTrack, group: Group, *, mask: bool) -> Content:
    """A cause with what helps, the objects that wait for it, and what stands beside the whole chain."""
    one = group.verdict
    head, *rest = words.group_lines(track.place.partner, group, mask=mask)
    lines = [content(head, STYLES[one.state]), *(content(line) for line in rest)]
    lines += [content(f"    {line}", "$accent") for line in _ways(track, one)]
    names = ", ".join(row.label or row.id for row in group.rows[:NAMED])
    more = f", … +{formats.count(len(group.rows) - NAMED)}" if len(group.rows) > NAMED else ""
    remarks = track.held.reading.remarks if track.held is not None else ()
    lines += [Content(""), content(names + more), Content("")]
    return Content("\n").join([*lines, *(content(words.told(text), "dim") for text in remarks)])


def _ways(track: ChainTrack, verdict: LinkVerdict) -> Iterator[str]:
    """What can be done about a link from here."""
    if verdict.state in (LinkState.OK, LinkState.AFTER):
        return
    if verdict.fix:
        yield _("→ f shows the plan that mends this.")
    if track.place.item(verdict.link):
        yield _("→ c confirms it by hand.")


def broken_links(track: ChainTrack, found: Sequence[Line]) -> tuple[str, ...]:
    """The links at which objects are broken now, in the chain's order."""
    at = {line.row.first.link for line in found if line.row.first is not None}
    return tuple(link.key for link in track.place.chain.links if link.key in at)
