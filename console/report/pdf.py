"""A document as PDF, by reportlab with the fonts that come with it. Imported only where a PDF is wanted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import zip_longest
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    HRFlowable,
    KeepInFrame,
    KeepTogether,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
)
from reportlab.platypus import Table as Grid

from console.report.blocks import (
    Block,
    Document,
    Entry,
    Exhibit,
    Figure,
    Heading,
    Para,
    Signatures,
    Table,
    Tiles,
    Title,
    Tone,
)
from console.report.drawings import WIDTH, Colour
from console.report.pdf_figure import Photo, Picture
from console.report.pdf_fonts import BOLD, PLAIN, printable, register

MARGIN = (A4[0] - WIDTH) / 2
TOP = 24 * mm
BOTTOM = 20 * mm
ROOM = A4[1] - TOP - BOTTOM
ACCENT = "#1d4e79"
LABELS = 116.0
"""Width of an item's labels."""

POINTS = 0.5
"""Points that a pixel of a picture takes at most: small ones are not blown up."""

TALL = 40
"""Characters of an item's texts, in hundreds, from which it may be parted between two pages."""
TONES = {
    Tone.PLAIN: Colour.INK,
    Tone.GOOD: Colour.GOOD,
    Tone.OPEN: Colour.AMBER,
    Tone.BAD: Colour.BAD,
    Tone.MUTED: Colour.MUTED,
}

BARS = {Tone.OPEN: Colour.OPEN}
"""Tones whose areas are lighter than their words."""


def pages(document: Document, stamp: str) -> bytes:
    """The whole file; ``stamp`` becomes its keywords. The same document gives the same bytes."""
    register()
    out = io.BytesIO()
    frame = Frame(MARGIN, BOTTOM, WIDTH, ROOM, 0, 0, 0, 0)
    template = BaseDocTemplate(
        out,
        pagesize=A4,
        title=document.title,
        author="Einzug",
        subject=document.header,
        keywords=stamp,
        lang=document.language,
        invariant=1,
        pageTemplates=[PageTemplate("page", [frame])],
    )
    story = list(_story(document.blocks))
    if document.single:
        story = [KeepInFrame(WIDTH, ROOM - 1, story, mode="shrink")]
    template.build(story, canvasmaker=partial(_Numbered, document))
    return out.getvalue()


def _story(blocks: Sequence[Block]) -> Iterator[Flowable]:
    """All blocks; a heading stays with the drawing that it announces."""
    for at, block in enumerate(blocks):
        if isinstance(block, Heading) and not block.fresh:
            near = blocks[at + 1 : at + 5 - block.level]
            coming = (one.drawing.height for one in near if isinstance(one, Figure))
            yield CondPageBreak(min(next(coming, 0.0), ROOM / 2) + (150 if block.level == 1 else 75))
        yield from _block(block)


class _Numbered(Canvas):  # type: ignore[misc]  # reportlab ships no types
    """A canvas that knows at the end how many pages there are, and writes head and foot of each then."""

    def __init__(self, document: Document, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._document = document
        self._kept: list[dict[str, Any]] = []
        self.marks: list[tuple[str, int]] = []  # headings of the page

    def showPage(self) -> None:
        """Keep the page for later."""
        self._kept.append(dict(self.__dict__))
        self.marks = []
        self._startPage()

    def save(self) -> None:
        """Write all pages."""
        for page in self._kept:
            self.__dict__.update(page)
            self._edges(len(self._kept))
            for text, level in self.marks:
                place = f"mark-{self._pageNumber}-{text}"
                self.bookmarkPage(place)
                self.addOutlineEntry(text, place, level, closed=level == 0)
            super().showPage()
        super().save()

    def _edges(self, count: int) -> None:
        number = self._document.page.format(page=self._pageNumber, pages=count)
        self.setFont(PLAIN, 7.5)
        self.setFillColor(HexColor(Colour.MUTED))
        self.drawString(MARGIN, A4[1] - 14 * mm, printable(self._document.header)[:110])
        self.drawString(MARGIN, 12 * mm, printable(self._document.footer)[:90])
        self.drawRightString(A4[0] - MARGIN, 12 * mm, number)
        self.setStrokeColor(HexColor(Colour.LINE))
        self.line(MARGIN, A4[1] - 16 * mm, A4[0] - MARGIN, A4[1] - 16 * mm)


class _Mark(Flowable):  # type: ignore[misc]
    """A heading, as an entry of the outline that readers show beside the pages."""

    def __init__(self, text: str, level: int) -> None:
        super().__init__()
        self._entry = (text, level)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """It takes no room."""
        return 0.0, 0.0

    def draw(self) -> None:
        """Note it for the page it is on."""
        self.canv.marks.append(self._entry)


@lru_cache(64)
def _style(
    size: float = 9, colour: str = Colour.INK, font: str = PLAIN, before: float = 0, after: float = 3,
    indent: float = 0, right: bool = False,
) -> ParagraphStyle:  # fmt: skip
    return ParagraphStyle(
        "text", fontName=font, fontSize=size, leading=size * 1.36, textColor=HexColor(colour),
        spaceBefore=before, spaceAfter=after, leftIndent=indent, alignment=TA_RIGHT if right else 0,
        splitLongWords=1,
    )  # fmt: skip


def _para(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(_markup(text), style)


def _markup(text: str) -> str:
    """A text as the paragraphs' own markup: everything in it escaped, line ends kept."""
    return escape(printable(text)).replace("\n", "<br/>")


def _block(block: Block) -> Iterator[Flowable]:
    make: dict[type[Any], Callable[[Any], Iterator[Flowable]]] = {
        Title: _title,
        Heading: _heading,
        Para: _paragraph,
        Tiles: _tiles,
        Table: _table,
        Entry: _entry,
        Figure: _figure,
        Exhibit: _exhibit,
        Signatures: _signatures,
    }
    yield from make[type(block)](block)


def _title(block: Title) -> Iterator[Flowable]:
    yield _Mark(printable(block.text), 0)
    yield _para(block.text, _style(10, ACCENT, BOLD, after=1))
    yield _para(block.subject, _style(19, font=BOLD, after=4))
    for text in block.lines:
        yield _para(text, _style(8.5, Colour.MUTED, after=0))
    yield HRFlowable("100%", 2, color=HexColor(ACCENT), spaceBefore=6, spaceAfter=8)


def _heading(block: Heading) -> Iterator[Flowable]:
    if block.fresh:
        yield PageBreak()
    yield _Mark(printable(block.text), block.level - 1)
    if block.level == 1:
        yield _para(block.text, _style(14, ACCENT, BOLD, before=12, after=2))
        yield HRFlowable("100%", 0.7, color=HexColor(Colour.LINE), spaceBefore=1, spaceAfter=6)
    else:
        yield _para(block.text, _style(10.5, font=BOLD, before=9, after=3))


def _paragraph(block: Para) -> Iterator[Flowable]:
    bold = block.tone in (Tone.GOOD, Tone.BAD)
    yield _para(block.text, _style(9, TONES[block.tone], BOLD if bold else PLAIN))


def _tiles(block: Tiles) -> Iterator[Flowable]:
    """Each with a bar of its colour at the left, narrow gaps between them."""
    gap, count = 8.0, len(block.tiles)
    cells: list[list[Paragraph] | str] = []
    style: list[tuple[Any, ...]] = [
        ("TOPPADDING", (0, 0), (-1, -1), 6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
    ]
    for value, label, tone in block.tiles:
        here = (len(cells), 0)
        bar = HexColor(ACCENT if tone is Tone.PLAIN else BARS.get(tone, TONES[tone]))
        style += [
            ("BACKGROUND", here, here, HexColor("#f5f7f9")),
            ("LINEBEFORE", here, here, 3, bar),
            ("LEFTPADDING", here, here, 11),
        ]
        big, small = _style(17, TONES[tone], BOLD, after=0), _style(8, Colour.MUTED, after=0)
        cells += [[_para(value, big), _para(label, small)], ""]
    widths = [(WIDTH - gap * (count - 1)) / count, gap] * count
    yield Grid([cells[:-1]], colWidths=widths[:-1], style=style)
    yield Spacer(1, 6)


def _table(block: Table) -> Iterator[Flowable]:
    def row(cells: tuple[str, ...], font: str, colours: Sequence[str]) -> list[Paragraph]:
        return [
            _para(cell, _style(7.4 if font == BOLD else 7.8, colour, font, after=0, right=n in block.right))
            for n, (cell, colour) in enumerate(zip(cells, colours, strict=True))
        ]

    plain: list[str] = [Colour.INK] * len(block.widths)
    rows = [row(block.head, BOLD, [Colour.MUTED] * len(block.widths))]
    for tone, cells in zip_longest(block.tones, block.rows):
        rows.append(row(cells, PLAIN, [TONES[tone], *plain[1:]] if tone else plain))
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 7),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 2.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LINEBELOW", (0, 0), (-1, 0), 1, HexColor(Colour.SKIPPED)),
        ("LINEBELOW", (0, 1), (-1, -1), 0.5, HexColor(Colour.EMPTY)),
    ]
    widths = [WIDTH * part for part in block.widths]
    yield Grid(rows, colWidths=widths, repeatRows=1, splitInRow=1, hAlign="LEFT", style=style)
    yield Spacer(1, 4)


def _entry(block: Entry) -> Iterator[Flowable]:
    """Labels left, texts right; the first line is the item with its state."""
    label, text = _style(7.6, Colour.MUTED, after=0), _style(8.4, after=0)
    word = _style(7.6, TONES[block.tone], PLAIN if block.tone is Tone.MUTED else BOLD, after=0)
    rows = [[_para(block.word, word), _para(block.title, _style(8.8, font=BOLD, after=0))]]
    if block.about:
        rows.append([_para("", label), _para(block.about, _style(7.4, Colour.MUTED, after=0))])
    rows += [[_para(name, label), _para(said, text)] for name, said in block.lines]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), 0.6),
        ("TOPPADDING", (0, 0), (-1, 0), 4),
        ("TOPPADDING", (0, 1), (0, -1), 1.2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 0.6),
        ("BOTTOMPADDING", (0, -1), (-1, -1), 5),
        ("LINEABOVE", (0, 0), (-1, 0), 0.5, HexColor(Colour.LINE)),
    ]
    grid = Grid(rows, colWidths=[LABELS, WIDTH - LABELS], splitInRow=1, hAlign="LEFT", style=style)
    long = sum(len(said) for _name, said in block.lines) > TALL * 100
    yield grid if long else KeepTogether([grid])


def _exhibit(block: Exhibit) -> Iterator[Flowable]:
    """A picture as large as fits beside its title, or a text that may go over pages."""
    title = _para(block.title, _style(8.4, font=BOLD, before=8, after=3))
    if block.picture:
        width, height = block.size
        scale = min(WIDTH / width, (ROOM - 40) / height, POINTS)
        yield KeepTogether([title, Photo(block.picture, width * scale, height * scale)])
        return
    yield CondPageBreak(80)
    yield title
    yield from (_para(part, _style(7.6, after=0)) for part in block.text.split("\n"))
    yield Spacer(1, 4)


def _figure(block: Figure) -> Iterator[Flowable]:
    yield from Picture.parted(block.drawing, ROOM - 1)
    yield Spacer(1, 4)


def _signatures(block: Signatures) -> Iterator[Flowable]:
    gap, width = 30.0, (WIDTH - 30.0) / 2
    line = _style(8, Colour.MUTED, after=0)
    rows: list[list[Any]] = [[_para(party, _style(9, font=BOLD)) for party in block.parties]]
    for text in (block.place, block.name):
        rows.append([_para(text, line) for _party in block.parties])
    style: list[tuple[Any, ...]] = [("LEFTPADDING", (0, 0), (-1, -1), 0), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    columns = [width] * len(block.parties)
    cells = [[cell for one in row for cell in (one, "")][:-1] for row in rows]
    widths = [one for column in columns for one in (column, gap)][:-1]
    for row in (1, 2):
        style.append(("TOPPADDING", (0, row), (-1, row), 3))
        for column in range(0, len(widths), 2):
            style.append(("LINEABOVE", (column, row), (column, row), 0.7, HexColor(Colour.INK)))
        style.append(("BOTTOMPADDING", (0, row - 1), (-1, row - 1), 34))
    yield KeepTogether([Grid(cells, colWidths=widths, style=style)])
