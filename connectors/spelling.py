"""How values of the ERP are spelt when they are sent: texts, e-mail addresses, telephone numbers, floors."""

from __future__ import annotations

import re
import unicodedata

from connectors.housing import Person, Unit
from connectors.letting import Vacancy

_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")


def text(raw: str | None) -> str | None:
    """A text as it is sent: NFC, no outer or repeated blanks; None where nothing is left."""
    if not raw:
        return None
    return " ".join(unicodedata.normalize("NFC", raw).split()) or None


def paragraphs(raw: str | None) -> str | None:
    """A longer text as it is sent: like ``text``, but what begins a new line still does."""
    lines = (text(line) or "" for line in unicodedata.normalize("NFC", raw or "").splitlines())
    return "\n".join(lines).strip() or None


def email(person: Person) -> str | None:
    """The preferred e-mail address, whatever it looks like."""
    return next((mail for mail in map(text, person.emails) if mail), None)


def valid_email(person: Person) -> str | None:
    """The first e-mail address that has the form of one, with a domain of at least two names."""
    return next((mail for mail in map(text, person.emails) if mail and is_email(mail)), None)


def is_email(mail: str) -> bool:
    """Whether a mail could be sent to this address, as far as its form tells."""
    local = mail.partition("@")[0]
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    return len(mail) <= 254 and not dots and _EMAIL.fullmatch(mail) is not None


def unit_label(unit: Unit | Vacancy) -> str | None:
    """Floor and position in words; a position that the floor's text already holds is not repeated.

    A number in it is another one: the 3 of ``3. Etage`` is not the third flat on that floor.
    """
    floor, position = text(unit.floor_raw) or "", text(unit.position) or ""
    held = position == floor or (position in floor and not any(map(str.isdigit, position)))
    return floor or None if held else ", ".join(filter(None, (floor, position)))


def phones(raw: tuple[str, ...]) -> tuple[str, ...]:
    """The numbers that can be written as E.164, in their order, each once."""
    return tuple(dict.fromkeys(number for number in map(phone, raw) if number))


def phone(raw: str) -> str | None:
    """A telephone number as E.164; a national one is taken as German. None for what is no full number."""
    international = raw.lstrip().startswith(("+", "00"))
    digits = re.sub(r"[\s/().\u2010-\u2015-]", "", raw.replace("(0)", "") if international else raw)
    digits = re.sub(r"^00", "+", digits)
    digits = re.sub(r"^0", "+49", digits)
    digits = re.sub(r"^\+490+", "+49", digits)
    return digits if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits) else None
