"""Builds any settings dataclass from the plain values of a TOML table, by its type hints alone.

The configuration knows no partner: a partner declares its options and settings as frozen dataclasses, and
this makes them, reporting every mistake with file, line and key instead of the first one only.
"""

from __future__ import annotations

import difflib
import math
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from console.config_model import NOTHING, At, printable
from console.errors import ConfigError, ConfigProblem, ProblemKind

D = TypeVar("D")

SECRET_NAMES = frozenset(
    {
        "username", "password", "passwort", "kennwort", "api_key", "apikey", "token", "secret", "webhook_url",
        "ftp_username", "ftp_password", "client_id", "client_secret", "passphrase", "private_key",
    }
)  # fmt: skip
"""Names of credentials: they are refused in the configuration, and their values never shown."""


def coerce(
    cls: type[D],
    table: Mapping[str, Any],
    at: At,
    *,
    defaults: Mapping[str, Any] = NOTHING,
    besides: Collection[str] = (),
) -> D:
    """An instance of the dataclass ``cls``, made of a table. Raises ConfigError with all problems.

    ``defaults`` fill fields of that name that the table leaves out. Keys in ``besides`` may stand in the
    table though ``cls`` has no such field. Lists become tuples; paths start at the configuration's folder.
    """
    problems: list[ConfigProblem] = []
    made = build(cls, table, at, problems, defaults=defaults, besides=besides)
    if made is None:
        raise ConfigError(tuple(problems))
    return made


def build(
    cls: type[D],
    table: Mapping[str, Any],
    at: At,
    problems: list[ConfigProblem],
    *,
    defaults: Mapping[str, Any] = NOTHING,
    besides: Collection[str] = (),
    given: Mapping[str, Any] = NOTHING,
) -> D | None:
    """Like ``coerce``, but notes the problems and gives None. ``given`` are finished values, no keys."""
    before = len(problems)
    own = {f.name: f for f in _fields(cls) if f.init and f.name not in given}
    hints = get_type_hints(cls)
    reject_unknown(set(table) - set(besides), own, at, problems, hidden=besides)
    values: dict[str, Any] = dict(given)
    for name, one in own.items():
        if name in table:
            values[name] = _convert(table[name], hints[name], at.key(name), problems)
        elif name in defaults:
            values[name] = _convert(defaults[name], hints[name], at.key(name), problems)
        elif one.default is MISSING and one.default_factory is MISSING:
            problems.append(at.key(name).problem(ProblemKind.MISSING, allowed=_allowed(hints[name])))
    if len(problems) > before:
        return None
    try:
        return cls(**values)
    except ValueError as error:
        problems.append(_own_check(str(error), own, table, at))
        return None


def reject_unknown(
    names: Collection[str],
    known: Collection[str],
    at: At,
    problems: list[ConfigProblem],
    *,
    hidden: Collection[str] = (),
) -> None:
    """Note each name that is not known, with the nearest one; ``hidden`` names serve as suggestions only."""
    for name in sorted(set(names) - set(known)):
        if is_secret(name):
            problems.append(at.key(name).problem(ProblemKind.SECRET))
            continue
        near = difflib.get_close_matches(name, sorted({*known, *hidden}), n=1, cutoff=0.5)
        problems.append(at.key(name).problem(ProblemKind.UNKNOWN, nearest=near[0] if near else ""))


def is_secret(name: str) -> bool:
    """Whether a key of this name holds a credential."""
    return name.lower().replace("-", "_") in SECRET_NAMES


def shown(value: Any) -> str:
    """What was found, as a message may show it: short, and on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{printable(value)}"'
        case Mapping():
            return "[…]" if not value else f"[{printable(', '.join(map(str, value)))}]"
        case list() | tuple():
            return f"[{printable(', '.join(shown(v) for v in value[:3]))}{', …' if len(value) > 3 else ''}]"
    return printable(str(value))


def _own_check(message: str, own: Collection[str], table: Mapping[str, Any], at: At) -> ConfigProblem:
    """The problem for a ValueError("field: message") of a ``__post_init__``."""
    name, colon, text = message.partition(":")
    if colon and name in own:
        found = shown(table[name]) if name in table else ""
        return at.key(name).problem(ProblemKind.VALUE, found=found, detail=printable_sentence(text.strip()))
    return at.problem(ProblemKind.VALUE, detail=printable_sentence(message))


def printable_sentence(text: str) -> str:
    """A message of a settings class on one line, at most 300 characters."""
    return "".join(c if c.isprintable() else " " for c in text)[:300]


class _Unfit(Exception):
    """A value does not fit its hint; ``path`` leads from the value to the part that does not."""

    def __init__(self, value: Any, allowed: tuple[str, ...], path: tuple[str | int, ...] = ()) -> None:
        super().__init__("unfit")
        self.value, self.allowed, self.path = value, allowed, path


def _convert(value: Any, hint: Any, at: At, problems: list[ConfigProblem]) -> Any:
    try:
        return _fit(value, hint, at, problems)
    except _Unfit as unfit:
        kind = ProblemKind.TYPE
        problems.append(
            at.key(*unfit.path).problem(
                kind, found=shown(unfit.value), allowed=unfit.allowed or _allowed(hint)
            )
        )
        return None


def _fit(value: Any, hint: Any, at: At, problems: list[ConfigProblem]) -> Any:
    """The value as its hint wants it. Raises _Unfit; TypeError for a hint this module does not know."""
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        return _fit_union(value, hint, at, problems)
    if origin is Literal:
        if any(value == a and type(value) is type(a) for a in get_args(hint)):
            return value
        raise _Unfit(value, _allowed(hint))
    if origin in (tuple, frozenset):
        return origin(_fit_items(value, get_args(hint)[0], at, problems))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(value, Mapping):
            raise _Unfit(value, ("@table",))
        inner = get_args(hint)[1]
        return types.MappingProxyType({k: _convert(v, inner, at.key(k), problems) for k, v in value.items()})
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, Mapping):
            raise _Unfit(value, ("@table",))
        return build(hint, value, at, problems)
    return _fit_plain(value, hint, at)


def _fit_union(value: Any, hint: Any, at: At, problems: list[ConfigProblem]) -> Any:
    """The first alternative that fits; when none does, the one that got furthest tells why."""
    deepest: _Unfit | None = None
    for alternative in get_args(hint):
        if alternative is types.NoneType:
            if value is None:
                return None
            continue
        try:
            return _fit(value, alternative, at, problems)
        except _Unfit as unfit:
            if unfit.path and (deepest is None or len(unfit.path) > len(deepest.path)):
                deepest = unfit
    raise deepest or _Unfit(value, _allowed(hint))


def _fit_items(value: Any, hint: Any, at: At, problems: list[ConfigProblem]) -> list[Any]:
    if not isinstance(value, (list, tuple)):
        raise _Unfit(value, ("@list",))
    items = []
    for index, item in enumerate(value):
        try:
            items.append(_fit(item, hint, at.key(index), problems))
        except _Unfit as unfit:
            raise _Unfit(unfit.value, unfit.allowed, (index, *unfit.path)) from None
    return items


def _fit_plain(value: Any, hint: Any, at: At) -> Any:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if hint is bool and isinstance(value, bool):
        return value
    if hint is str and isinstance(value, str):
        return value
    if hint is int and isinstance(value, int) and number:
        return value
    if hint is float and number and math.isfinite(value):
        return _as_float(value)
    if hint is Decimal and (number or isinstance(value, (str, Decimal))):
        return _as_decimal(value)
    if hint is Path and isinstance(value, (str, Path)):
        return _as_path(value, at)
    if hint in (date, datetime) and type(value) is hint:
        return value
    if isinstance(hint, type) and issubclass(hint, Enum):
        found = next(
            (m for m in hint if m is value or (m.value == value and type(m.value) is type(value))), None
        )
        if found is not None:
            return found
    raise _Unfit(value, _allowed(hint))


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise _Unfit(value, ("@number",)) from None


def _as_decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise _Unfit(value, ("@number",)) from None
    if not number.is_finite():
        raise _Unfit(value, ("@number",))
    return number


def _as_path(value: str | Path, at: At) -> Path:
    try:
        path = Path(value).expanduser()
    except RuntimeError:  # ~ of a user nobody knows
        raise _Unfit(value, ("@path",)) from None
    if not str(value).strip() or "\0" in str(value):
        raise _Unfit(value, ("@path",))
    return at.file.parent / path


_WORDS: dict[Any, str] = {
    bool: "@boolean", str: "@text", int: "@integer", float: "@number", Decimal: "@number", Path: "@path",
    date: "@date", datetime: "@date",
}  # fmt: skip


def _allowed(hint: Any) -> tuple[str, ...]:
    """What may stand there, for a message: values as they are written, types as ``@words``."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        parts = (p for a in get_args(hint) if a is not types.NoneType for p in _allowed(a))
        return tuple(dict.fromkeys(parts))
    if origin is Literal:
        return tuple(shown(a) for a in get_args(hint))
    if origin in (tuple, frozenset):
        return ("@list",)
    if hint in _WORDS:
        return (_WORDS[hint],)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return tuple(shown(m.value) for m in hint)
    if hint is Any:
        return ()
    if (origin or hint) is not None and (is_dataclass(hint) or issubclass(origin or hint, Mapping)):
        return ("@table",)
    raise TypeError(f"settings cannot have a field of type {hint!r}")


def _fields(cls: type[Any]) -> tuple[Field[Any], ...]:
    if not is_dataclass(cls):
        raise TypeError(f"{cls.__name__} is no dataclass")
    return fields(cls)
