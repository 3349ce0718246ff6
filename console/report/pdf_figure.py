"""Drawings and pictures on a page of the PDF."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

from reportlab.lib.colors import HexColor
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from console.report.drawings import SIZE, WIDTH, Box, Drawing, Label, Line, Shape
from console.report.pdf_fonts import BOLD, PLAIN, printable


class Picture(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Paints the shapes of a drawing."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__()
        self._drawing = drawing

    @classmethod
    def parted(cls, drawing: Drawing, height: float) -> Iterator[Picture]:
        """The drawing, in as many pieces as pages of that height need."""
        top = 0.0
        while top < drawing.height:
            end = min(top + height, drawing.height)
            inside = tuple(_moved(shape, top) for shape in drawing.shapes if top <= _lower(shape) < end + 1)
            yield cls(Drawing(end - top, drawing.about, inside))
            top = end

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """How much room it takes."""
        return WIDTH, self._drawing.height

    def draw(self) -> None:
        """Paint it; a page's y grows upwards."""
        canvas, height = self.canv, self._drawing.height
        for shape in self._drawing.shapes:
            match shape:
                case Box(x, y, width, tall, colour):
                    canvas.setFillColor(HexColor(colour))
                    canvas.rect(x, height - y - tall, width, tall, stroke=0, fill=1)
                case Line(x1, y1, x2, y2, colour):
                    canvas.setStrokeColor(HexColor(colour))
                    canvas.setLineWidth(0.6)
                    canvas.line(x1, height - y1, x2, height - y2)
                case Label(x, y, text, anchor, colour, bold):
                    canvas.setFillColor(HexColor(colour))
                    canvas.setFont(BOLD if bold else PLAIN, SIZE - 0.7)
                    put = {"start": canvas.drawString, "end": canvas.drawRightString}
                    put.get(anchor, canvas.drawCentredString)(x, height - y, printable(text))


class _Jpeg(ImageReader):  # type: ignore[misc]
    """A JPEG that goes into the file as it is."""

    def getRGBData(self) -> bytes:
        """Only asked for to give it a name: its own bytes do, so that no picture is unfolded and kept."""
        self._dataA = None  # it has no transparency
        content: bytes = self.fp.getvalue()
        return content


class Photo(Flowable):  # type: ignore[misc]
    """A JPEG on the page."""

    def __init__(self, content: bytes, width: float, height: float) -> None:
        super().__init__()
        self._content = content
        self._size = (width, height)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """How much room it takes."""
        return self._size

    def draw(self) -> None:
        """Put it on the page."""
        self.canv.drawImage(_Jpeg(io.BytesIO(self._content)), 0, 0, *self._size)


def _lower(shape: Shape) -> float:
    match shape:
        case Box(_x, y, _width, height, _colour):
            return y + height
        case Line(_x1, y1, _x2, y2, _colour):
            return max(y1, y2)
        case Label(_x, y, _text, _anchor, _colour, _bold):
            return y


def _moved(shape: Shape, by: float) -> Shape:
    if isinstance(shape, Line):
        return replace(shape, y1=shape.y1 - by, y2=shape.y2 - by)
    return replace(shape, y=shape.y - by)
