"""Pictures and documents of the seeded company: tiny, valid, made in code, each with bytes of its own."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass

from connectors.letting import Attachment, AttachmentGroup

FIRST_ID = 6_000_001
_WIDTH, _HEIGHT = 64, 48  # whole blocks of eight, as a JPEG counts


@dataclass(frozen=True, slots=True)
class Medium:
    """One file of a unit. ``note`` is written into the file, so that no two files are alike."""

    id: str
    unit_id: str
    name: str
    group: AttachmentGroup
    title: str
    note: str

    @property
    def suffix(self) -> str:
        """The ending of its name, without the dot."""
        return self.name.rpartition(".")[2]

    @property
    def content(self) -> bytes:
        """The bytes of the file, always the same."""
        return {"jpg": jpeg, "png": png, "pdf": pdf}[self.suffix](self.note)

    @property
    def md5(self) -> str:
        """The MD5 of the content in hexadecimal digits."""
        return hashlib.md5(self.content, usedforsecurity=False).hexdigest()

    @property
    def attachment(self) -> Attachment:
        """The file as a vacancy refers to it."""
        return Attachment(
            ref=f"media-{self.id}.{self.suffix}", group=self.group, title=self.title, check=self.md5
        )


def jpeg(note: str) -> bytes:
    """A grey baseline JPEG with a comment: every block is one zero difference and an end of block."""

    def segment(marker: int, payload: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload

    one_code = bytes([1, *[0] * 15, 0])  # one code of one bit, for the symbol 0
    blocks = (_WIDTH // 8) * (_HEIGHT // 8)
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            segment(0xFE, note.encode()),
            segment(0xDB, b"\0" + b"\x10" * 64),
            segment(0xC0, struct.pack(">BHHB", 8, _HEIGHT, _WIDTH, 1) + b"\x01\x11\0"),
            segment(0xC4, b"\0" + one_code),
            segment(0xC4, b"\x10" + one_code),
            segment(0xDA, b"\x01\x01\0\0\x3f\0"),
            b"\0" * (blocks * 2 // 8),
            b"\xff\xd9",
        )
    )


def png(note: str) -> bytes:
    """A grey PNG with a text chunk."""

    def chunk(kind: bytes, payload: bytes) -> bytes:
        return (
            struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))
        )

    rows = (b"\0" + b"\xc0" * _WIDTH) * _HEIGHT
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 0, 0, 0, 0)),
            chunk(b"tEXt", b"Comment\0" + note.encode("latin-1", "replace")),
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )


def pdf(note: str) -> bytes:
    """A PDF of one page with one line of text."""
    shown = note.encode("latin-1", "replace").translate(None, b"()\\")
    stream = b"BT /F1 14 Tf 60 760 Td (" + shown + b") Tj ET"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        font,
    )
    made = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return made + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(made))
    )
