"""Foreign bytes on their way to the XML parser: decoded once, measured all the way, without a DTD.

The parser gets UTF-8 whatever the file is in. Three measures keep the memory bounded: the bytes of the whole
file, those of one object, and those without any event (a name or text that never ends).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.openimmo.complaint import Complaint, Place, failure
from connectors.problems import Failure, Owner, Problem, Trouble

MB = 1024 * 1024
_CHUNK = 64 * 1024
_ENCODINGS = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1"), "latin-1"),
    **dict.fromkeys(("windows-1252", "cp1252", "cp-1252"), "latin-1"),  # see _WINDOWS
    **dict.fromkeys(("iso-8859-15", "latin9", "latin-9"), "iso8859-15"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be", "utf-32", "ucs-2", "ucs-4"), "wide"),
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_DECLARED = re.compile(rb"<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_PROLOG = re.compile(r"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_WINDOWS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""What senders mean by bytes that ISO 8859-1 leaves to control characters: the euro sign, dashes, quotes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a foreign document may cost; all sizes in bytes, ``depth`` and ``elements`` of one object."""

    total: int = 512 * MB
    part: int = 64 * MB
    silence: int = 12 * MB
    prolog: int = 64 * 1024
    depth: int = 32
    elements: int = 20_000
    objects: int = 200_000


LIMITS = Limits()


class Source:
    """A document to be parsed: a stream of bytes with a name for messages.

    ``read`` is called by the parser; ``heard`` and ``settled`` tell that an element began or ended, and that
    an object is done with. ``notes`` holds what was odd about the encoding. Raises Failure from ``read``.
    """

    def __init__(self, stream: BinaryIO, name: str, limits: Limits = LIMITS) -> None:
        self.name = name
        self.limits = limits
        self.notes: list[Complaint] = []
        self._stream = stream
        self._consumed = self._settled_at = self._heard_at = 0
        self._lines = 1
        self._decoder: codecs.IncrementalDecoder | None = None
        self._codec = ""
        self._prolog: str | None = ""
        self._mojibake: codecs.IncrementalDecoder | None = None
        self._beyond_ascii = False

    def read(self, _size: int = -1) -> bytes:
        """The next piece as UTF-8; empty at the end. Raises Failure."""
        while True:
            raw = self._raw()
            text = self._decoded(raw)
            if self._prolog is not None:
                text = self._past_prolog(text, final=not raw)
            if text or not raw:
                return text.encode("utf-8")

    def heard(self) -> None:
        """The parser came to an element."""
        self._heard_at = self._consumed

    def settled(self) -> None:
        """An object was dealt with and dropped."""
        self._settled_at = self._consumed

    def fail(self, code: str, line: int | None = None, excerpt: str = "") -> Failure:
        """The failure to raise for this document."""
        return failure(code, f"{self.name}:{line}" if line else self.name, excerpt=excerpt)

    def _raw(self) -> bytes:
        try:
            raw = self._stream.read(_CHUNK)
        except OSError:
            raise failure("openimmo.file_unreadable", self.name, owner=Owner.CONSULTANT) from None
        self._consumed += len(raw)
        limits = self.limits
        if self._consumed > limits.total:
            raise self.fail("openimmo.too_large", excerpt=str(limits.total // MB))
        if self._consumed - self._settled_at > limits.part:
            raise self.fail("openimmo.object_too_large", self._lines, str(limits.part // MB))
        if self._consumed - self._heard_at > limits.silence:
            raise self.fail("openimmo.text_too_large", self._lines, str(limits.silence // MB))
        return raw

    def _decoded(self, raw: bytes) -> str:
        if self._decoder is None:
            raw = self._choose(raw)
        assert self._decoder is not None  # noqa: S101  (just chosen)
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            good = error.object[: error.start].decode(self._codec, "ignore")
            line = self._lines + good.count("\n")
            raise self.fail("openimmo.encoding_broken", line, self._codec.upper()) from None
        if self._codec == "latin-1":
            text = self._western(raw, text)
        self._lines += text.count("\n")
        return text

    def _choose(self, first: bytes) -> bytes:
        """Find the encoding by the first bytes; gives them without their mark."""
        while len(first) < 4 and (more := self._raw()):
            first += more
        if first[:4] in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE):
            raise self.fail("openimmo.encoding_unknown", excerpt="UTF-32")
        mark, codec = next(((m, c) for m, c in _MARKS if first.startswith(m)), (b"", ""))
        if not mark:
            codec = {b"<\0": "utf-16-le", b"\0<": "utf-16-be"}.get(first[:2], "")
        declared = self._declared(first[:1024].replace(b"\0", b""))
        if not codec:
            codec = "utf-8" if declared in ("", "wide") else declared
        wide = codec.startswith("utf-16")
        if (declared and (declared == "wide") != wide) or (mark and declared not in ("", codec, "wide")):
            self._note("openimmo.encoding_contradicted", codec.upper())
        self._codec = codec
        self._decoder = codecs.getincrementaldecoder(codec)("strict")
        if codec == "latin-1":
            self._mojibake = codecs.getincrementaldecoder("utf-8")("strict")
        return first[len(mark) :]

    def _declared(self, first: bytes) -> str:
        found = _DECLARED.match(first.removeprefix(codecs.BOM_UTF8).lstrip(b"\xff\xfe"))
        if not found:
            return ""
        name = found[1].decode("ascii")
        if name.lower() not in _ENCODINGS:
            raise self.fail("openimmo.encoding_unknown", excerpt=name)
        return _ENCODINGS[name.lower()]

    def _western(self, raw: bytes, text: str) -> str:
        """Windows characters among ISO 8859-1, and UTF-8 that calls itself so."""
        if self._mojibake is not None:
            self._beyond_ascii = self._beyond_ascii or not text.isascii()
            try:
                self._mojibake.decode(raw, final=not raw)
            except UnicodeDecodeError:
                self._mojibake = None
            else:
                if not raw and self._beyond_ascii:
                    self._note("openimmo.encoding_doubtful", "UTF-8")
        return text.translate(_WINDOWS)

    def _note(self, code: str, encoding: str) -> None:
        self.notes.append(Place("/", 1, file=self.name).warning(code, encoding=encoding))

    def _past_prolog(self, text: str, *, final: bool) -> str:
        """Nothing until the root element begins; then all that was held back. Raises Failure for a DTD."""
        held = (self._prolog or "") + text
        rest = held[_end(held) :]
        if rest[:9].upper() == "<!DOCTYPE":
            raise self.fail("openimmo.doctype", held.count("\n", 0, len(held) - len(rest)) + 1)
        if rest and not rest.startswith("<"):
            raise self.fail("openimmo.not_xml", 1)
        if len(rest) > 1 and rest[1] not in "!?":
            self._prolog = None
            return held
        if final or len(held) > self.limits.prolog:
            raise self.fail("openimmo.empty" if not rest else "openimmo.not_xml", 1)
        self._prolog = held
        return ""


def _end(prolog: str) -> int:
    found = _PROLOG.match(prolog)
    return found.end() if found else 0


@contextmanager
def opened(path: Path, limits: Limits = LIMITS) -> Iterator[Source]:
    """A document on disk. Raises Failure ``openimmo.file_unreadable``."""
    try:
        stream = path.open("rb")
    except OSError:
        problem = Problem("openimmo.file_unreadable", Trouble.CONFIG, Owner.CONSULTANT, where=path.name)
        raise Failure(problem) from None
    with stream:
        yield Source(stream, path.name, limits)
