"""Where everything stands in a TOML text: tomllib gives values without places, this gives the places.

It reads only texts that tomllib has accepted, so it need not recognise mistakes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

KeyPath = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2}(?!"))'
    r"|'''.*?'''(?:'{0,2}(?!'))"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\[\]{}#\r\n]+")
_BLANKS = re.compile(r"[ \t]*")
_FILLING = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")


class Standing(StrEnum):
    """How a path comes to be in the text."""

    HEADER = "header"  # [a.b] or [[a.b]]
    KEY = "key"  # a.b = value, on a line of its own
    INNER = "inner"  # inside an inline table or an array
    IMPLIED = "implied"  # the a of [a.b] or a.b = 1


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets of a header or a key with its value; ``table`` is the header it stands under."""

    standing: Standing
    start: int
    value: int
    end: int
    table: KeyPath


def scan(text: str) -> dict[KeyPath, Span]:
    """Every table, key and array item of a valid TOML text with its place, in the order of the text."""
    spans: dict[KeyPath, Span] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    position = _skip(_FILLING, text, 0)
    while position < len(text):
        if text[position] == "[":
            table, position = _header(text, position, spans, counts)
        else:
            position = _statement(text, position, table, table, Standing.KEY, spans)
        position = _skip(_FILLING, text, position)
    return spans


def locate(text: str) -> dict[KeyPath, int]:
    """The line, counted from 1, of every path of a valid TOML text."""
    lines: dict[KeyPath, int] = {}
    line, seen = 1, 0
    for path, span in sorted(scan(text).items(), key=lambda item: item[1].start):
        line += text.count("\n", seen, span.start)
        seen = span.start
        lines[path] = line
    return lines


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of a path, or of the nearest table around it that stands in the text."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return None


def _header(
    text: str, start: int, spans: dict[KeyPath, Span], counts: dict[KeyPath, int]
) -> tuple[KeyPath, int]:
    brackets = 2 if text.startswith("[[", start) else 1
    keys, end = _key(text, _skip(_BLANKS, text, start + brackets))
    end = text.index("]" * brackets, end) + brackets
    path: KeyPath = ()
    for depth, key in enumerate(keys, start=1):
        path = (*path, key)
        if brackets == 2 and depth == len(keys):
            counts[path] = counts.get(path, 0) + 1
        if depth < len(keys) or brackets == 2:
            spans.setdefault(path, Span(Standing.IMPLIED, start, end, end, ()))
        if path in counts:
            path = (*path, counts[path] - 1)
    spans[path] = Span(Standing.HEADER, start, end, end, path)
    return path, end


def _statement(
    text: str, start: int, parent: KeyPath, table: KeyPath, standing: Standing, spans: dict[KeyPath, Span]
) -> int:
    """Note one ``key = value``; returns where it ends."""
    keys, equals = _key(text, start)
    value = _skip(_BLANKS, text, text.index("=", equals) + 1)
    path = (*parent, *keys)
    inner: dict[KeyPath, Span] = {}
    end = _value(text, value, path, table, inner)
    for depth in range(len(parent) + 1, len(path)):
        spans.setdefault(path[:depth], Span(Standing.IMPLIED, start, end, end, table))
    spans[path] = Span(standing, start, value, end, table)
    spans.update(inner)
    return end


def _value(text: str, start: int, path: KeyPath, table: KeyPath, spans: dict[KeyPath, Span]) -> int:
    if text[start] == "[":
        return _array(text, start, path, table, spans)
    if text[start] == "{":
        return _inline(text, start, path, table, spans)
    if match := _STRING.match(text, start):
        return match.end()
    match = _BARE.match(text, start)
    return start + len(match[0].rstrip()) if match else start + 1


def _array(text: str, start: int, path: KeyPath, table: KeyPath, spans: dict[KeyPath, Span]) -> int:
    position, index = _skip(_FILLING, text, start + 1), 0
    while text[position] != "]":
        inner: dict[KeyPath, Span] = {}
        end = _value(text, position, (*path, index), table, inner)
        spans[(*path, index)] = Span(Standing.INNER, position, position, end, table)
        spans.update(inner)
        position, index = _after_comma(text, end), index + 1
    return position + 1


def _inline(text: str, start: int, path: KeyPath, table: KeyPath, spans: dict[KeyPath, Span]) -> int:
    position = _skip(_FILLING, text, start + 1)
    while text[position] != "}":
        position = _after_comma(text, _statement(text, position, path, table, Standing.INNER, spans))
    return position + 1


def _after_comma(text: str, position: int) -> int:
    position = _skip(_FILLING, text, position)
    return _skip(_FILLING, text, position + 1) if text[position] == "," else position


def _key(text: str, start: int) -> tuple[tuple[str, ...], int]:
    match = _KEY.match(text, start)
    if match is None:
        raise ValueError(f"no key at offset {start}")
    if '"' not in match[0] and "'" not in match[0]:
        return tuple(part.strip() for part in match[0].split(".")), match.end()
    keys = []
    node: object = tomllib.loads(f"{match[0]} = 0")  # tomllib knows the escapes
    while isinstance(node, dict):
        key, node = next(iter(node.items()))
        keys.append(key)
    return tuple(keys), match.end()


def _skip(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position
