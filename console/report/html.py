"""A document as one HTML file: no script, nothing fetched from anywhere, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from console.report.blocks import (
    Block,
    Document,
    Entry,
    Figure,
    Heading,
    Para,
    Signatures,
    Table,
    Tiles,
    Title,
)
from console.report.drawings import WIDTH, Box, Drawing, Label, Line, Shape

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""What a browser may do with it: show it, with the styles in it."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #eef1f4; color: #1f2933;
  font: 14px/1.45 "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif; }
main { max-width: 50rem; margin: 1.5rem auto; padding: 2.5rem 3rem; background: #fff;
  border: 1px solid #d5dce2; overflow-wrap: anywhere; }
header { border-bottom: 3px solid #1d4e79; padding-bottom: .9rem; margin-bottom: 1.2rem; }
header p.kind { margin: 0; color: #1d4e79; font-weight: 600; letter-spacing: .04em; }
h1 { margin: .1rem 0 .5rem; font-size: 1.9rem; line-height: 1.2; }
header p.about { margin: 0; color: #5b6b7a; }
h2 { margin: 2.2rem 0 .7rem; padding-bottom: .25rem; font-size: 1.3rem; color: #1d4e79;
  border-bottom: 1px solid #c9d2da; }
h3 { margin: 1.3rem 0 .45rem; font-size: 1.02rem; }
p { margin: .4rem 0; white-space: pre-line; }
.good { color: #2f7d4f; } .open { color: #8a6400; } .bad { color: #b3261e; } .muted { color: #5b6b7a; }
p.good, p.bad { font-weight: 600; }
.tiles { display: flex; gap: .8rem; margin: 1rem 0; }
.tiles div { flex: 1; padding: .7rem .9rem; background: #f5f7f9; border-left: 4px solid #1d4e79; }
.tiles div.good { border-color: #2f7d4f; } .tiles div.open { border-color: #d9a300; }
.tiles div.bad { border-color: #b3261e; }
.tiles b { display: block; font-size: 1.55rem; line-height: 1.2; }
.tiles span { color: #5b6b7a; }
table { width: 100%; margin: .5rem 0 .8rem; border-collapse: collapse; table-layout: fixed;
  font-size: .92em; }
th { text-align: left; color: #5b6b7a; font-weight: 600; border-bottom: 1.5px solid #8fa3b5; }
th, td { padding: .3rem .5rem .3rem 0; vertical-align: top; }
td { border-bottom: 1px solid #e6ebef; }
.right { text-align: right; }
article { margin: .45rem 0; padding: .35rem 0 .35rem .8rem; border-left: 4px solid #8fa3b5; }
article.good { border-color: #2f7d4f; } article.open { border-color: #d9a300; }
article.bad { border-color: #b3261e; } article { color: #1f2933; }
article h4 { margin: 0; font-size: 1em; } article h4 span { margin-right: .5em; }
h4 span.plain { color: #5b6b7a; }
article p { margin: .1rem 0; font-size: .92em; } article p b { font-weight: 600; }
svg { display: block; width: 100%; height: auto; margin: .4rem 0; }
.signatures { display: flex; gap: 3rem; margin-top: 1.2rem; }
.signatures section { flex: 1; } .signatures p { margin: 0; }
.signatures p.line { margin-top: 2.6rem; padding-top: .2rem; border-top: 1px solid #1f2933; color: #5b6b7a; }
@media (max-width: 40rem) { main { margin: 0; padding: 1.2rem; } .tiles { flex-wrap: wrap; } }
@media print {
  @page { size: A4; margin: 18mm 17mm 18mm; }
  body { background: #fff; font-size: 9pt; line-height: 1.38; }
  h1 { font-size: 1.7rem; } h3 { margin-top: .9rem; } th, td { padding: .18rem .5rem .18rem 0; }
  h2.fresh { margin-top: 0; }
  main { max-width: none; margin: 0; padding: 0; border: 0; }
  .fresh { break-before: page; } h2, h3 { break-after: avoid; }
  article, tr, svg, .tiles, .signatures { break-inside: avoid; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


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
    yield from (f"<tr>{cells('td', row)}</tr>" for row in table.rows)
    yield "</tbody></table>"


def _entry(entry: Entry) -> str:
    head = f'<h4><span class="{entry.tone}">{_text(entry.word)}</span>{_text(entry.title)}</h4>'
    lines = (
        f"<p><b>{_text(label)}</b> {_text(text)}</p>" if label else f'<p class="muted">{_text(text)}</p>'
        for label, text in entry.lines
    )
    return f'<article class="{entry.tone}">{head}{"".join(lines)}</article>'


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
