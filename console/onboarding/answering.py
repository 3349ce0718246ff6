"""An answer as a person gives it: its values read by the item's fields, what follows, and keeping it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from checklists.model import AnswerField, Consequence, FieldKind, Item, Kind
from connectors.contract import Verdict
from console.errors import ConsoleError
from console.handover.mark import refuse_given
from console.i18n import _, language
from console.masking import hidden
from console.onboarding.book import read
from console.readiness import accepts
from console.store.answers import Answers
from console.store.said import Answer, Evidence, Said

if TYPE_CHECKING:
    from console.workspace import Workspace

Values = Mapping[str, str | tuple[str, ...]]
"""What the fields hold, by their key: dates as ISO, numbers with a point, choices by their keys."""

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wants to say of an item. ``paths`` are new files, ``files`` those that stay; ``due`` is
    the day by which the rest is promised, ``origin`` the file that it was read from; ``seen`` is how many
    words on the item they knew of, None = it does not matter."""

    said: Said
    who: str = field(repr=False)
    note: str = field(default="", repr=False)
    values: Values = field(default_factory=dict, repr=False)
    paths: tuple[Path, ...] = field(default=(), repr=False)
    files: tuple[Evidence, ...] = ()
    due: date | None = None
    origin: str = field(default="", repr=False)
    seen: int | None = None


def why_not(item: Item, draft: Draft) -> str | None:
    """Why an answer cannot be taken, as a sentence; None where it can.

    What is merely incomplete is taken: the item then stays open and says what is missing.
    """
    if not draft.who.strip():
        return _("Who says so? A name is needed.")
    if draft.said is Said.ACCEPTED and item.kind is not Kind.AUTOMATIC:
        return _("Only the failure of a check can be accepted.")
    if draft.said in (Said.ACCEPTED, Said.NOT_APPLICABLE) and not draft.note.strip():
        return _("This needs a reason as a note.")
    return None


def keep(workspace: Workspace, item: Item, draft: Draft, *, consent: bool = False) -> Answer:
    """Keep an answer and copies of its files; ``consent`` agrees to clear storage where there is no keyring.

    Blocks. Raises ConsoleError, StoreError.
    """
    reason = why_not(item, draft)
    if reason is not None:
        raise ConsoleError(reason, _("Nothing was stored."))
    accepted = _accepted(workspace, item) if draft.said is Said.ACCEPTED else ""
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        answers = Answers(conn, workspace.vault, workspace.folder)
        if consent and answers.needs_consent:
            answers.agree(draft.who.strip())
        return say(answers, item, draft, accepts=accepted)


def say(answers: Answers, item: Item, draft: Draft, subject: str = "", *, accepts: str = "") -> Answer:
    """The word that a draft is, with copies of its files. Blocks. Raises StoreError."""
    files = (*draft.files, *map(answers.attach, draft.paths))
    unique = {(one.sha256, one.name): one for one in files}
    return answers.say(
        item.id,
        draft.said,
        who=draft.who.strip(),
        note=draft.note.strip(),
        values=draft.values,
        files=unique.values(),
        due=draft.due,
        origin=draft.origin,
        subject=subject,
        accepts=accepts,
        seen=draft.seen,
    )


def _accepted(workspace: Workspace, item: Item) -> str:
    """What is accepted: the failure or warning that the item's check found last. Raises ConsoleError."""
    one = read(workspace).item(item.id)
    if one is None or one.checked is None or one.checked.finding.verdict not in (Verdict.FAIL, Verdict.WARN):
        raise ConsoleError(
            _("There is no failure to accept."), _("Run the check first: einzug check CUSTOMER.")
        )
    return accepts(one.checked.finding)


def evidence(workspace: Workspace, file: Evidence) -> bytes:
    """The content of a file that was attached. Blocks. Raises StoreError."""
    with workspace.store() as conn:
        return Answers(conn, workspace.vault, workspace.folder).evidence(file)


def read_values(item: Item, given: Mapping[str, Sequence[str]]) -> dict[str, str | tuple[str, ...]]:
    """The values of fields as they are kept; empty ones are left out. Raises ConsoleError."""
    known = {one.key: one for one in item.fields if one.kind is not FieldKind.FILE}
    found: dict[str, str | tuple[str, ...]] = {}
    for key, texts in given.items():
        if key not in known:
            names = ", ".join(known) or "-"
            raise ConsoleError(
                _("{item} has no field {key!r}.").format(item=item.id, key=key),
                _("Known: {names}.").format(names=names),
            )
        filled = tuple(text.strip() for text in texts if text.strip())
        if filled:
            found[key] = read_value(known[key], filled)
    return found


def read_value(one: AnswerField, texts: tuple[str, ...]) -> str | tuple[str, ...]:
    """The value of a field. Raises ConsoleError for what it cannot hold."""
    if one.kind is FieldKind.CHOICES:
        keys = dict.fromkeys(part.strip() for text in texts for part in text.split(",") if part.strip())
        return tuple(_choice(one, key) for key in keys)
    if len(texts) > 1:
        raise ConsoleError(_("{field} holds one value only.").format(field=one.key))
    text = texts[0]
    match one.kind:
        case FieldKind.CHOICE:
            return _choice(one, text)
        case FieldKind.NUMBER:
            return _number(one, text)
        case FieldKind.DATE:
            return _date(one, text)
        case _:
            return text


def consequences(item: Item, values: Values) -> list[Consequence]:
    """What follows from these values."""
    return [one for one in item.consequences if one.holds(values)]


def consequence_words(item: Item, one: Consequence, values: Values, *, mask: bool) -> str:
    """The sentence of a consequence, with the values of its fields; ``mask`` hides the personal ones."""
    return filled(one.text.in_(language()), item, values, mask=mask)


def filled(text: str, item: Item, values: Values, *, mask: bool = False) -> str:
    """A text with ``{field}`` replaced by the field's value in words; nothing else in it means anything."""
    fields = {f"{{{one.key}}}": one for one in item.fields}
    if not fields:
        return text

    def value(found: re.Match[str]) -> str:
        one = fields[found[0]]
        return hidden(value_words(one, values.get(one.key, "")), mask and one.personal) or "…"

    return re.sub("|".join(map(re.escape, fields)), value, text)


def value_words(one: AnswerField, value: str | tuple[str, ...]) -> str:
    """A value as people read and write it: choices by their labels, days and numbers as the language in force
    has them."""
    from console import formats

    labels = {choice.key: choice.label.in_(language()) for choice in one.choices}
    texts: Iterable[str] = (value,) if isinstance(value, str) else value
    if one.kind is FieldKind.DATE and isinstance(value, str) and value:
        try:
            return formats.date(date.fromisoformat(value))
        except ValueError:
            return value
    if one.kind is FieldKind.NUMBER and isinstance(value, str) and language() == "de":
        return value.replace(".", ",")
    return ", ".join(labels.get(text, text) for text in texts)


def _choice(one: AnswerField, text: str) -> str:
    for choice in one.choices:
        if text.casefold() in (choice.key.casefold(), choice.label.de.casefold(), choice.label.en.casefold()):
            return choice.key
    names = ", ".join(choice.key for choice in one.choices)
    raise ConsoleError(
        _("{field} cannot be {value!r}.").format(field=one.key, value=text[:60]),
        _("Known: {names}.").format(names=names),
    )


def _number(one: AnswerField, text: str) -> str:
    """A number as it is written in the language in force, thousands apart or not."""
    thousands, point = (".", ",") if language() == "de" else (",", ".")
    plain = text.replace(" ", "")
    if re.fullmatch(rf"-?\d{{1,3}}(\{thousands}\d{{3}})+(\{point}\d+)?", plain, re.ASCII):
        plain = plain.replace(thousands, "")
    plain = plain.replace(point, ".")
    if not _NUMBER.fullmatch(plain):
        raise ConsoleError(_("{field} has to be a number.").format(field=one.key))
    return plain


def read_day(text: str, what: str) -> date | None:
    """A day as people type it, None for nothing; ``what`` names it. Raises ConsoleError."""
    return date.fromisoformat(_day(text.strip(), what)) if text.strip() else None


def _date(one: AnswerField, text: str) -> str:
    return _day(text, one.key)


def _day(text: str, what: str) -> str:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y", "%d %b %Y"):
        try:
            return datetime.strptime(text, pattern).date().isoformat()
        except ValueError:
            continue
    raise ConsoleError(_("{field} has to be a day.").format(field=what), _("E.g. 2026-05-31 or 31.05.2026."))
