"""The end of the report: people, the list of evidence, versions, the proof, and a page to sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console import formats
from console.i18n import _, ngettext
from console.report.blocks import Block, Exhibit, Heading, Para, Signatures, Table, Tone, line
from console.report.exhibits import Exhibits
from console.report.model import File, Report
from console.report.summary import verdict
from console.report.words import DASH, HASH, files_of, number_words

PICTURES = 60
"""Pieces of evidence that are shown; the list names all of them."""


def people(report: Report) -> Iterator[Block]:
    """Everybody who answered or is named."""
    if not report.people:
        return
    yield Heading(_("People"))
    rows = tuple(
        (line(one.name), line(one.part), formats.count(one.answers) if one.answers else DASH)
        for one in report.people
    )
    yield Table((_("Name"), _("Named as"), _("Answers")), rows, (0.36, 0.50, 0.14), frozenset({2}))


def evidence(report: Report, exhibits: Exhibits | None) -> Iterator[Block]:
    """Every file with its checksum; where names are shown, what is a picture or a text is shown as well."""
    found = files_of(report.chapters)
    if not found:
        return
    yield Heading(_("Pieces of evidence"), fresh=True)
    rows = tuple(
        (
            number_words(number),
            f"{line(file.name)} ({formats.size(file.size)})",
            "; ".join(line(point.title) for point in points),
            sha256,
        )
        for number, (sha256, (file, points)) in enumerate(found.items(), 1)
    )
    yield Table((_("No."), _("File"), _("Stands for"), _("SHA-256")), rows, (0.07, 0.26, 0.37, 0.30))
    for number, sha256 in enumerate(found, 1):
        if sha256 in report.lost:
            text = _("{number} is no longer in the data folder of this machine.")
            yield Para(text.format(number=number_words(number)), Tone.BAD)
    if report.cover.masked:
        yield Para(_("The files themselves are not shown, because names are masked."), Tone.MUTED)
    elif exhibits is not None:
        yield from _shown([file for file, _points in found.values()], exhibits)


def _shown(files: Sequence[File], exhibits: Exhibits) -> Iterator[Block]:
    count = 0
    for number, file in enumerate(files, 1):
        found = exhibits(file) if count < PICTURES else None
        if found is not None:
            count += 1
            title = f"{number_words(number)} · {line(file.name)}"
            yield Exhibit(title, found.text, found.picture, found.size)
    if count < len(files):
        text = ngettext(
            "{count} file is not shown here: it is neither picture nor text, or there are too many.",
            "{count} files are not shown here: they are neither pictures nor texts, or there are too many.",
            len(files) - count,
        )
        yield Para(text.format(count=formats.count(len(files) - count)), Tone.MUTED)


def versions(report: Report) -> Iterator[Block]:
    """What it was made with."""
    yield Heading(_("Versions"))
    rows = [(line(name), line(value)) for name, value in report.versions]
    mappings = dict.fromkeys((run.title, run.mapping) for run in report.runs if run.mapping)
    rows += [(_("Field mapping of {title}").format(title=line(t)), line(m)[:HASH]) for t, m in mappings]
    yield Table((_("What"), _("Version")), tuple(rows), (0.6, 0.4))


def proof(report: Report, digest: str) -> Iterator[Block]:
    """The journal's chain and the digest of the report."""
    journal = report.journal
    if journal.first_broken is not None:
        text = _("The journal was changed; the first broken entry is {entry}.")
        yield Para(text.format(entry=journal.first_broken), Tone.BAD)
    text = ngettext(
        "The journal has {count} entry, its chain ends with {head}.",
        "The journal has {count} entries, its chain ends with {head}.",
        journal.rows,
    )
    yield Para(text.format(count=formats.count(journal.rows), head=journal.head or DASH), Tone.MUTED)
    yield Para(_("Digest of this report: {digest}").format(digest=digest), Tone.MUTED)


def signatures(report: Report, digest: str) -> Iterator[Block]:
    """A page of its own: what is signed, how to prove that it was not changed, and who takes note of it."""
    yield Heading(_("Signatures"), fresh=True)
    text = _("Go-live report of {name}, as of {date}.")
    yield Para(text.format(name=line(report.cover.name), date=formats.datetime(report.cover.made)))
    yield Para(verdict(report), Tone.BAD if report.ready.blocked else Tone.GOOD)
    yield Para(
        _("The undersigned have taken note of the state in this report, open and accepted points included.")
    )
    yield Signatures(
        (_("For the customer"), _("For the implementation")), _("Place, date"), _("Name, signature")
    )
    yield Heading(_("Proof"), 2)
    yield from proof(report, digest)
    yield Para(_("einzug report --verify FILE tells whether file and journal still agree."), Tone.MUTED)
