"""Changes single values of a configuration file and leaves everything else as a person wrote it.

Values and new tables are spelled by tomlkit; where they go is decided by the places of ``config_lines``,
because tomlkit puts a new key below the comment of the next table and takes that comment along when a table
is deleted. Every edit is read back before it is written: it must give exactly the intended document.
"""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any

from console.config import parse
from console.config_lines import KeyPath, Span, Standing, scan
from console.config_model import At
from console.errors import ConfigError, ConfigProblem, ProblemKind
from console.os_words import os_words
from console.store.atomic import write_atomically
from console.store.places import new_folder

TomlValue = str | bool | int | float | date | time | Path | Sequence["TomlValue"] | Mapping[str, "TomlValue"]

_BOM = b"\xef\xbb\xbf"
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def set_value(path: Path, key_path: Sequence[str], value: TomlValue) -> None:
    """Set one value, adding tables where they are missing; comments, order and line ends stay.

    Raises ConfigError when the file is not readable or the result would have problems it did not have before.
    """
    keys, plain = tuple(key_path), _plain(value)
    if not keys:
        raise ValueError("an empty key path")
    text, bom = _read(path)
    expected = _with(_document(text, path), keys, plain)
    if expected is None:
        raise _refused(path, keys)
    for candidate in _settings(text, keys, plain):
        if _same(candidate, expected):
            return _write(path, text, candidate, bom)
    raise _refused(path, keys)


def remove(path: Path, key_path: Sequence[str]) -> bool:
    """Remove a value or a table with everything below it and its own comments; False when it is not there."""
    keys = tuple(key_path)
    text, bom = _read(path)
    expected = _without(_document(text, path), keys)
    if expected is None:
        return False
    candidate = _cut(text, keys)
    if not _same(candidate, expected):
        raise _refused(path, keys)
    _write(path, text, candidate, bom)
    return True


def add_customer(path: Path, key: str, table: Mapping[str, TomlValue]) -> None:
    """Append ``[customers.KEY]`` with its tables; creates the file where needed. Raises ConfigError."""
    text, bom = _read(path) if path.exists() else ("", b"")
    expected = _document(text, path)
    customers = expected.setdefault("customers", {})
    if not isinstance(customers, dict) or key in customers:
        raise _refused(path, ("customers", key))
    customers[key] = _plain(table)
    import tomlkit

    addition = tomlkit.dumps({"customers": {key: customers[key]}})
    candidate = _joined(text, _line_ends(addition, text))
    if not _same(candidate, expected):
        raise _refused(path, ("customers", key))
    new_folder(path.absolute().parent)
    _write(path, text, candidate, bom)


def excerpt(path: Path, key_path: Sequence[str]) -> str:
    """A table with everything below it as a TOML text of its own, comments included. Raises ConfigError."""
    keys = tuple(key_path)
    text, _bom = _read(path)
    wanted = _nested(keys, _at(_document(text, path), keys))
    pieces = "".join(text[start:end] for start, end in _holes(text, keys))
    if _is(pieces, wanted):
        return pieces
    import tomlkit  # written with dots or inline: spelled anew

    return tomlkit.dumps(wanted)


def replace_table(path: Path, key_path: Sequence[str], section: str, *, dry_run: bool = False) -> bool:
    """Put a table that ``excerpt`` gave in the place of what stands there, or add it; False where nothing
    changes. ``dry_run`` only finds out. Raises ConfigError where the result would have new problems."""
    keys = tuple(key_path)
    text, bom = _read(path) if path.exists() else ("", b"")
    former = _document(text, path)
    without = _without(former, keys)
    table = _at(_document(section, path), keys)
    expected = _with(without if without is not None else former, keys, table)
    if expected is None:
        raise _refused(path, keys)
    if _pruned(expected) == _pruned(former):
        return False
    candidate = _joined(_cut(text, keys), _line_ends(section, text))
    if not _same(candidate, expected):
        raise _refused(path, keys)
    if dry_run:
        _admit(path, text, candidate)
        return True
    new_folder(path.absolute().parent)
    _write(path, text, candidate, bom)
    return True


def _nested(keys: tuple[str, ...], value: dict[str, Any]) -> dict[str, Any]:
    for key in reversed(keys):
        value = {key: value}
    return value


def _is(text: str, wanted: dict[str, Any]) -> bool:
    """Whether the text is TOML and holds exactly this."""
    try:
        return bool(tomllib.loads(text) == wanted)
    except ValueError:
        return False


def _read(path: Path) -> tuple[str, bytes]:
    try:
        data = path.read_bytes()
        bom = _BOM if data.startswith(_BOM) else b""
        return data[len(bom) :].decode("utf-8"), bom
    except (OSError, UnicodeDecodeError) as error:
        detail = os_words(error) if isinstance(error, OSError) else "UTF-8"
        raise ConfigError((ConfigProblem(ProblemKind.UNREADABLE, str(path), detail=detail),)) from None


def _document(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        parse(text, path)  # says what is wrong and where
        raise


def _write(path: Path, old: str, new: str, bom: bytes) -> None:
    """Write the file unless the edit brings in a problem that was not there."""
    _admit(path, old, new)
    write_atomically(path, bom + new.encode())


def _admit(path: Path, old: str, new: str) -> None:
    before = {(p.kind, p.key) for p in _problems(old, path)}
    added = tuple(p for p in _problems(new, path) if (p.kind, p.key) not in before)
    if added:
        raise ConfigError(added)


def _problems(text: str, path: Path) -> tuple[ConfigProblem, ...]:
    try:
        parse(text, path)
    except ConfigError as error:
        return error.problems
    return ()


def _refused(path: Path, keys: KeyPath) -> ConfigError:
    return ConfigError((At(path, keys).problem(ProblemKind.REFUSED_EDIT),))


def _plain(value: Any) -> Any:
    """A value as tomllib would read it: dicts and lists, paths as texts."""
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, Path) else value


def _with(document: dict[str, Any], keys: tuple[str, ...], value: Any) -> dict[str, Any] | None:
    """The document with the value set; None where a plain value stands in the way."""
    result = node = copy.deepcopy(document)
    for key in keys[:-1]:
        node = node.setdefault(key, {})
        if not isinstance(node, dict):
            return None
    node[keys[-1]] = value
    return result


def _without(document: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any] | None:
    """The document without this path; None where it is not there."""
    result = node = copy.deepcopy(document)
    for key in keys[:-1]:
        node = node.get(key, {})
        if not isinstance(node, dict):
            return None
    if not keys or keys[-1] not in node:
        return None
    del node[keys[-1]]
    return result


def _same(text: str, expected: dict[str, Any]) -> bool:
    """Whether the text gives this document; tables that are empty on either side count for nothing."""
    try:
        return bool(_pruned(tomllib.loads(text)) == _pruned(expected))
    except ValueError:
        return False


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        inner = {name: _pruned(one) for name, one in value.items()}
        return {name: one for name, one in inner.items() if one != {}}
    return [_pruned(one) for one in value] if isinstance(value, list) else (type(value), value)


def _settings(text: str, keys: tuple[str, ...], value: Any) -> Iterator[str]:
    """Ways to set the value, the one that changes least first."""
    spans = scan(text)
    span = spans.get(keys)
    if span and span.standing in (Standing.KEY, Standing.INNER):
        yield text[: span.value] + _spelled(value) + text[span.end :]
    for depth in range(len(keys) - 1, 0, -1):  # inside an inline table, which is spelled anew
        outer = spans.get(keys[:depth])
        if outer and outer.standing is Standing.KEY and text[outer.value] == "{":
            inline = _with(_at(tomllib.loads(text), keys[:depth]), keys[depth:], value)
            yield text[: outer.value] + _spelled(inline) + text[outer.end :]
    parent = keys[:-1]
    if not parent or (parent in spans and spans[parent].standing is Standing.HEADER):
        yield _line_added(text, spans, parent, f"{_name(keys[-1:])} = {_spelled(value)}")
    for path, other in reversed(spans.items()):  # beside a key that is written with dots
        if (
            other.standing is Standing.KEY
            and path[: len(parent)] == parent
            and len(other.table) < len(parent)
        ):
            name = _name(keys[len(other.table) :])
            yield _line_added(text, spans, other.table, f"{name} = {_spelled(value)}")
            break
    if parent:
        section = f"[{_name(parent)}]\n{_name(keys[-1:])} = {_spelled(value)}\n"
        yield _joined(text, _line_ends(section, text))


def _at(document: dict[str, Any], keys: KeyPath) -> dict[str, Any]:
    node: Any = document
    for key in keys:
        node = node[key]
    return dict(node)


def _line_added(text: str, spans: Mapping[KeyPath, Span], table: KeyPath, line: str) -> str:
    """The text with a line behind the last key of a table, before the comments of the next one."""
    own = [s.end for s in spans.values() if s.standing is Standing.KEY and s.table == table]
    newline = _newline(text)
    if own or table:
        end = max(own, default=spans[table].end if table in spans else 0)
        position = _line_end(text, end)
        gap = "" if text[:position].endswith("\n") else newline
        return text[:position] + gap + line + newline + text[position:]
    return line + newline + text


def _cut(text: str, keys: tuple[str, ...]) -> str:
    """The text without the keys and sections of this path."""
    spans = scan(text)
    if (span := spans.get(keys)) is not None and span.standing is Standing.INNER:
        return next(_inline_cut(text, spans, keys), text)
    kept, position = [], 0
    for start, end in _holes(text, keys):
        kept.append(text[position:start])
        position = max(position, end)
    return "".join([*kept, text[position:]])


def _holes(text: str, keys: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where the keys and sections of this path stand, with the comments above them, in order."""
    spans = scan(text)
    starts = sorted(_lead(text, s.start) for s in spans.values() if s.standing is Standing.HEADER)
    holes: list[tuple[int, int]] = []
    for path, span in spans.items():
        if path[: len(keys)] != keys:
            continue
        if span.standing is Standing.HEADER:
            start = _lead(text, span.start)
            holes.append((start, min((s for s in starts if s > start), default=len(text))))
        elif span.standing is Standing.KEY and not any(start <= span.start < end for start, end in holes):
            holes.append((_line_start(text, span.start), _line_end(text, span.end)))
    return sorted(holes)


def _inline_cut(text: str, spans: Mapping[KeyPath, Span], keys: tuple[str, ...]) -> Iterator[str]:
    for depth in range(len(keys) - 1, 0, -1):
        outer = spans.get(keys[:depth])
        if outer and outer.standing is Standing.KEY:
            inline = _without(_at(tomllib.loads(text), keys[:depth]), keys[depth:])
            yield text[: outer.value] + _spelled(inline) + text[outer.end :]


def _lead(text: str, header: int) -> int:
    """Where the comment lines directly above a header begin."""
    start = _line_start(text, header)
    while start > 0:
        above = _line_start(text, start - 1)
        if not text[above:start].lstrip(" \t").startswith("#"):
            break
        start = above
    return start


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    """Behind the line break that ends this line."""
    found = text.find("\n", position)
    return len(text) if found < 0 else found + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _line_ends(addition: str, text: str) -> str:
    return addition.replace("\r\n", "\n").replace("\n", _newline(text))


def _joined(text: str, addition: str) -> str:
    """Both texts with one blank line between them."""
    newline = _newline(text)
    if not text.strip():
        return text + addition
    gap = newline if text.endswith("\n") else newline * 2
    return text + ("" if text.endswith(newline * 2) else gap) + addition


def _name(keys: Sequence[str | int]) -> str:
    import tomlkit

    return ".".join(
        str(k) if _BARE_KEY.fullmatch(str(k)) else tomlkit.string(str(k)).as_string() for k in keys
    )


def _spelled(value: Any) -> str:
    """A value as TOML on one line; tables become inline tables."""
    import tomlkit

    if isinstance(value, Mapping):
        inner = ", ".join(f"{_name([name])} = {_spelled(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(_spelled, value))}]"
    return str(tomlkit.item(value).as_string())
