"""A document as one HTML file: no script, nothing fetched from anywhere, every text escaped."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape
from itertools import zip_longest

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
)
from console.report.drawings import WIDTH, Box, Drawing, Label, Line, Shape
from console.report.html_style import STYLE

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""What a browser may do with it: show it, with the styles and pictures that are in it."""


def page(document: Document, stamp: str) -> str:
    """The whole file; ``stamp`` is put first of all, where no text of a customer can come before it."""
    parts = (
        f'<!DOCTYPE html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n',
        f'<meta name="einzug-report" content="{stamp}">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>{_text(document.title)}</title>\n<style>{STYLE}{_margins(document)}</style>\n",
        "</head>\n<body>\n<main>\n",
        *(f"{_block(block)}\n" for block in document.blocks),
        "</main>\n</body>\n</html>\n",
    )
    return "".join(parts)


def _margins(document: Document) -> str:
    """Head and foot of every printed page."""
    before, _page, rest = document.page.partition("{page}")
    between, _pages, after = rest.partition("{pages}")
    words = " ".join((_css(before), "counter(page)", _css(between), "counter(pages)", _css(after)))
    small = "font: 8pt sans-serif; color: #5b6b7a;"
    return (
        f"@page {{ @top-left {{ content: {_css(document.header)}; {small} }}"
        f" @bottom-left {{ content: {_css(document.footer)}; {small} }}"
        f" @bottom-right {{ content: {words}; {small} }} }}\n"
    )


def _css(text: str) -> str:
    """A text as a CSS string: whatever is not a plain letter or digit by its number."""
    spelled = (c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):06x} " for c in text)
    return f'"{"".join(spelled)}"'


def _text(text: str) -> str:
    return escape(text, quote=True)


def _block(block: Block) -> str:
    match block:
        case Title():
            about = "".join(f'<p class="about">{_text(one)}</p>' for one in block.lines)
            kind = f'<p class="kind">{_text(block.text)}</p>'
            return f"<header>{kind}<h1>{_text(block.subject)}</h1>{about}</header>"
        case Heading():
            fresh = ' class="fresh"' if block.fresh else ""
            return f"<h{block.level + 1}{fresh}>{_text(block.text)}</h{block.level + 1}>"
        case Para():
            return f'<p class="{block.tone}">{_text(block.text)}</p>'
        case Tiles():
            return f'<div class="tiles">{"".join(map(_tile, block.tiles))}</div>'
        case Table():
            return "".join(_table(block))
        case Entry():
            return _entry(block)
        case Figure():
            return svg(block.drawing)
        case Exhibit():
            return _exhibit(block)
        case Signatures():
            return f'<div class="signatures">{"".join(_signature(block))}</div>'


def _tile(tile: tuple[str, str, str]) -> str:
    value, label, tone = tile
    return f'<div class="{tone}"><b>{_text(value)}</b><span>{_text(label)}</span></div>'


def _table(table: Table) -> Iterator[str]:
    def cells(tag: str, row: tuple[str, ...]) -> str:
        sides = (' class="right"' if n in table.right else "" for n in range(len(row)))
        return "".join(f"<{tag}{side}>{_text(cell)}</{tag}>" for side, cell in zip(sides, row, strict=True))

    yield "<table><colgroup>"
    yield from (f'<col style="width:{width * 100:.4g}%">' for width in table.widths)
    yield f"</colgroup><thead><tr>{cells('th', table.head)}</tr></thead><tbody>"
    for tone, row in zip_longest(table.tones, table.rows):
        mark = f' class="{tone}"' if tone else ""
        yield f"<tr{mark}>{cells('td', row)}</tr>"
    yield "</tbody></table>"


def _entry(entry: Entry) -> str:
    head = f'<dt class="{entry.tone}">{_text(entry.word)}</dt><dd><b>{_text(entry.title)}</b></dd>'
    about = f'<dd class="about">{_text(entry.about)}</dd>' if entry.about else ""
    lines = (
        f"<dt>{_text(label)}</dt><dd>{_text(text)}</dd>" if label else f"<dd>{_text(text)}</dd>"
        for label, text in entry.lines
    )
    return f"<dl>{head}{about}{''.join(lines)}</dl>"


def _exhibit(block: Exhibit) -> str:
    """Only what was decoded to a picture of ours is a picture; everything else is text."""
    shown = f"<pre>{_text(block.text)}</pre>" if block.text else ""
    if block.picture:
        data = b64encode(block.picture).decode("ascii")
        width, height = block.size
        shown = f'<img alt="" width="{width}" height="{height}" src="data:image/jpeg;base64,{data}">'
    return f"<figure><figcaption>{_text(block.title)}</figcaption>{shown}</figure>"


def _signature(block: Signatures) -> Iterator[str]:
    for party in block.parties:
        lines = "".join(f'<p class="line">{_text(text)}</p>' for text in (block.place, block.name))
        yield f"<section><p><b>{_text(party)}</b></p>{lines}</section>"


def svg(drawing: Drawing) -> str:
    """A drawing as inline SVG."""
    shapes = "".join(map(_shape, drawing.shapes))
    box = f'viewBox="0 0 {WIDTH:g} {drawing.height:g}"'
    return f'<svg {box} role="img" aria-label="{_text(drawing.about)}" font-size="8.5">{shapes}</svg>'


def _shape(shape: Shape) -> str:
    match shape:
        case Box(x, y, width, height, colour):
            size = f'width="{width:.2f}" height="{height:.2f}"'
            return f'<rect x="{x:.2f}" y="{y:.2f}" {size} fill="{colour}"/>'
        case Line(x1, y1, x2, y2, colour):
            ends = f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}"'
            return f'<line {ends} stroke="{colour}" stroke-width="0.7"/>'
        case Label(x, y, text, anchor, colour, bold):
            weight = ' font-weight="600"' if bold else ""
            place = f'x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" fill="{colour}"'
            return f"<text {place}{weight}>{_text(text)}</text>"
