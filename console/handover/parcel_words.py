"""What a hand-over file says to people: what was written, what taking it in would change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from console import formats
from console.handover.compare import Relation
from console.i18n import _, ngettext

if TYPE_CHECKING:
    from console.handover.export import Exported
    from console.handover.parcel import Manifest
    from console.handover.taking import Arrival, Preview
    from console.store.handovers import Handover

SHOWN = 6
"""Files that are named; more are counted."""


def exported_lines(done: Exported, path: object) -> Iterator[str]:
    """What was written, what stayed behind, and what comes next."""
    yield _("Written to {path}.").format(path=path)
    yield _("It holds: {what}.").format(what=", ".join(_contents(done)))
    yield _("It holds no credentials and no key of this machine.")
    if done.skipped:
        yield _("! Left behind: {names}").format(names=_named(done.skipped))
    lost = done.lost["answer"] + done.lost["trip"]
    if lost:
        text = ngettext(
            "! {count} answer or test was sealed with a key that is gone; nobody can read it any more.",
            "! {count} answers or tests were sealed with a key that is gone; nobody can read them any more.",
            lost,
        )
        yield text.format(count=formats.count(lost))
    yield _("Tell {name} the passphrase by another way than the file goes.").format(name=done.manifest.to)
    text = _("From now on {name} works on {customer}; writing here is locked until it is taken back.")
    yield text.format(name=done.manifest.to, customer=done.manifest.customer)


def _contents(done: Exported) -> Iterator[str]:
    yield _("the configuration")
    agreements, entries = done.agreements, done.manifest.entries
    for count, text in (
        (agreements, ngettext("{count} agreement", "{count} agreements", agreements)),
        (entries, ngettext("{count} journal entry", "{count} journal entries", entries)),
        (done.answers, ngettext("{count} answer", "{count} answers", done.answers)),
        (done.evidence, ngettext("{count} piece of evidence", "{count} pieces of evidence", done.evidence)),
    ):
        yield text.format(count=formats.count(count))


def arrival_lines(arrival: Arrival) -> Iterator[str]:
    """Whose it is, who worked on it, and what taking it in would change."""
    manifest = arrival.manifest
    yield _("{name} ({customer})").format(name=manifest.name, customer=manifest.customer)
    yield from_words(manifest)
    yield relation_words(arrival.preview, manifest)
    yield from _overwritten(arrival.preview)


def from_words(manifest: Manifest) -> str:
    """Who handed it over to whom, when, and where it was made."""
    text = _("Handed over by {who} to {to} on {date}, from the machine {machine} (Einzug {version}).")
    return text.format(
        who=manifest.who,
        to=manifest.to,
        date=formats.datetime(manifest.moment),
        machine=manifest.machine or _("(unknown)"),
        version=manifest.version,
    )


def relation_words(preview: Preview, manifest: Manifest) -> str:
    """What it does to what is here."""
    there = formats.count(manifest.entries)
    match preview.relation:
        case Relation.NEW:
            return _("New here; entries in its journal: {there}.").format(there=there)
        case Relation.SAME:
            return _("The same work is here already.")
        case Relation.CONTINUES:
            text = _(
                "It goes on where this machine stopped: the journal goes from {here} to {there} entries."
            )
            return text.format(here=formats.count(preview.here.entries), there=there)


def _overwritten(preview: Preview) -> Iterator[str]:
    if preview.lifts is not None:
        text = _(
            "! {name} works on it since {date}; with this file there may be two states. Ask there first."
        )
        name, at = preview.lifts.to or _("(name unknown)"), preview.lifts.at.astimezone()
        yield text.format(name=name, date=formats.date(at))
    if preview.config:
        yield _("! The customer's part of the configuration here is replaced.")
    if preview.files:
        yield _("! These files here are replaced: {names}").format(names=_named(preview.files))


def taken_lines(taken: Handover, customer: str) -> Iterator[str]:
    """Who works on it now, and what this machine still needs."""
    yield _("From now on {name} works on {customer}, on this machine.").format(
        name=taken.to, customer=customer
    )
    yield _("Credentials did not come along: einzug credentials set {customer} PARTNER").format(
        customer=customer
    )
    yield _("Then einzug check {customer} tells whether everything is in its place.").format(
        customer=customer
    )


def _named(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:SHOWN])
    more = len(names) - SHOWN
    return f"{shown} " + _("and {count} more").format(count=formats.count(more)) if more > 0 else shown
