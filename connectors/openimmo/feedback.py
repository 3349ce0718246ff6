"""``openimmo_feedback`` 1.2.5: inquiries from portals, read tolerantly, for real senders break its lists.

Everything about persons is kept out of every ``repr``; hints and failures name places, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from connectors.openimmo.complaint import Complaint, Place
from connectors.openimmo.read import local, tree
from connectors.openimmo.schema import FEEDBACK, schema
from connectors.openimmo.source import MB, Limits, Source
from connectors.openimmo.structure import place_of

if TYPE_CHECKING:
    from lxml.etree import _Element

LIMITS = Limits(total=32 * MB, part=32 * MB, elements=300_000)

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ].*)?", re.ASCII | re.DOTALL)
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,].*)?", re.ASCII | re.DOTALL)
_ROOT = ("version", "sender", "objekt", "fehlerliste", "status")
_SENDER = ("name", "openimmo_anid", "datum", "makler_id", "regi_id")
_OBJECT = (
    "portal_unique_id", "portal_obj_id", "anbieter_id", "oobj_id", "zusatz_refnr", "expose_url",
    "bezeichnung", "etage", "whg_nr", "strasse", "ort", "land", "stadtbezirk", "preis", "gebot", "wae",
    "anzahl_zimmer", "flaeche",
)  # fmt: skip
_PERSON = (
    "int_id", "anrede", "vorname", "nachname", "firma", "strasse", "postfach", "plz", "ort", "tel", "fax",
    "mobil", "email", "anfrage",
)  # fmt: skip


@dataclass(frozen=True, slots=True, repr=False)
class Extra:
    """A ``feld`` of a ``user_defined_extend``: what sender and receiver agreed beyond the format."""

    name: str
    value: str
    kinds: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class Prospect:
    """An ``interessent``. Texts are stripped, "" where nothing was sent; ``preferences`` and ``wishes`` are
    words of the format, whatever the sender wrote for them."""

    int_id: str = ""
    anrede: str = ""
    vorname: str = ""
    nachname: str = ""
    firma: str = ""
    strasse: str = ""
    postfach: str = ""
    plz: str = ""
    ort: str = ""
    tel: str = ""
    fax: str = ""
    mobil: str = ""
    email: str = ""
    anfrage: str = ""
    preferences: tuple[str, ...] = ()
    wishes: tuple[str, ...] = ()
    extras: tuple[Extra, ...] = ()

    def extra(self, name: str) -> str:
        """The value of the first extra field of this name, "" without one."""
        return next((extra.value for extra in self.extras if extra.name == name), "")


@dataclass(frozen=True, slots=True, repr=False)
class Inquiry:
    """An ``objekt`` with those who asked for it. ``oobj_id`` is the sender's ``objektnr_extern``: it joins
    the inquiry to the vacancy."""

    portal_unique_id: str = ""
    portal_obj_id: str = ""
    anbieter_id: str = ""
    oobj_id: str = ""
    zusatz_refnr: str = ""
    expose_url: str = ""
    bezeichnung: str = ""
    etage: str = ""
    whg_nr: str = ""
    strasse: str = ""
    ort: str = ""
    land: str = ""
    stadtbezirk: str = ""
    preis: str = ""
    gebot: str = ""
    wae: str = ""
    anzahl_zimmer: str = ""
    flaeche: str = ""
    marketing: tuple[str, ...] = ()
    prospects: tuple[Prospect, ...] = ()
    extras: tuple[Extra, ...] = ()


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent the feedback, and when; ``day`` is None where the day is missing or cannot be read."""

    name: str = ""
    openimmo_anid: str = ""
    makler_id: str = ""
    regi_id: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Fault:
    """A ``fehler`` or ``status``: what a receiver has to say about a delivery."""

    number: int | None
    text: str
    object_id: str = ""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A whole document. ``hints`` names what was odd and understood all the same."""

    version: str
    sender: Sender
    inquiries: tuple[Inquiry, ...]
    faults: tuple[Fault, ...]
    states: tuple[Fault, ...]
    hints: tuple[Complaint, ...]


def read(source: Source, file: str = "") -> Feedback:
    """A feedback document. Raises Failure for what is no XML, another document, or too large."""
    root = tree(source, (FEEDBACK,))
    hints: list[Complaint] = []
    place = place_of(root, f"/{FEEDBACK}", Place("", None, file=file))
    hints += [Place(n.path, n.line, file=file).hint(n.text.code, **n.text.args) for n in source.notes]
    if str(root.tag).startswith("{"):
        hints.append(place.hint("openimmo.namespace_ignored"))
    hints += _strange(root, place, _ROOT)
    for name in ("version", "sender"):
        if next(_all(root, name), None) is None:
            hints.append(place.warning("openimmo.feedback_missing", name=name))
    sender = next(_all(root, "sender"), None)
    return Feedback(
        version=_text(root, "version"),
        sender=Sender() if sender is None else _sender(sender, place, hints),
        inquiries=tuple(
            _inquiry(one, _numbered(one, n, place), hints) for n, one in _counted(root, "objekt")
        ),
        faults=tuple(
            _fault(one, "fehlernr") for held in _all(root, "fehlerliste") for one in _all(held, "fehler")
        ),
        states=tuple(_fault(one, "statusnr") for one in _all(root, "status")),
        hints=tuple(hints),
    )


def _sender(element: _Element, above: Place, hints: list[Complaint]) -> Sender:
    place = place_of(element, f"{above.path}/sender", above)
    hints += _strange(element, place, _SENDER)
    hints += [
        place.warning("openimmo.feedback_missing", name=name)
        for name in ("name", "datum", "makler_id")
        if not _text(element, name)
    ]
    sent = _text(element, "datum")
    day = parse_day(sent)
    if sent and day is None:
        hints.append(place.warning("openimmo.feedback_day", found=place.told(sent)))
    return Sender(
        name=_text(element, "name"),
        openimmo_anid=_text(element, "openimmo_anid"),
        makler_id=_text(element, "makler_id"),
        regi_id=_text(element, "regi_id"),
        day=day,
    )


def parse_day(text: str) -> date | None:
    """``31.12.2025`` or ``2025-12-31``, a time of day behind it ignored; None for anything else."""
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        year, month, day = map(int, iso.groups())
    elif german := _GERMAN.fullmatch(text):
        day, month, year = map(int, german.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:  # the 30th of February
        return None


def _inquiry(element: _Element, place: Place, hints: list[Complaint]) -> Inquiry:
    hints += _strange(element, place, (*_OBJECT, "vermarktungsart", "interessent", "user_defined_extend"))
    if not _text(element, "oobj_id"):
        hints.append(place.warning("openimmo.feedback_no_object"))
    people = [_prospect(one, _numbered(one, n, place), hints) for n, one in _counted(element, "interessent")]
    if not people:
        hints.append(place.warning("openimmo.feedback_nobody"))
    return Inquiry(
        **{name: _text(element, name) for name in _OBJECT},
        marketing=tuple(_words(element, "vermarktungsart")),
        prospects=tuple(people),
        extras=tuple(_extras(element)),
    )


def _prospect(element: _Element, place: Place, hints: list[Complaint]) -> Prospect:
    hints += _strange(element, place, (*_PERSON, "bevorzugt", "wunsch", "user_defined_extend"))
    known = schema()
    return Prospect(
        **{name: _text(element, name) for name in _PERSON},
        preferences=tuple(_listed(element, "bevorzugt", known.preferences, place, hints)),
        wishes=tuple(_listed(element, "wunsch", known.wishes, place, hints)),
        extras=tuple(_extras(element)),
    )


def _listed(
    element: _Element, name: str, words: tuple[str, ...], place: Place, hints: list[Complaint]
) -> Iterator[str]:
    """The words of a list, in the format's spelling; one that means nothing to us is left out with a hint."""
    for found in _words(element, name):
        word = found.upper()
        meant = word if word in words else schema().known_as.get(word, "")
        if meant in words:
            yield meant
            if meant != found:
                hints.append(place.hint("openimmo.feedback_word", name=name, meant=meant))
        else:
            hints.append(place.warning("openimmo.feedback_unknown", name=name, allowed=", ".join(words)))


def _extras(element: _Element) -> Iterator[Extra]:
    for held in _all(element, "user_defined_extend"):
        for one in _all(held, "feld"):
            yield Extra(
                _text(one, "name"), _text(one, "wert"), tuple(_words(one, "typ")), tuple(_words(one, "modus"))
            )


def _fault(element: _Element, number: str) -> Fault:
    digits = _text(element, number)
    known = int(digits) if re.fullmatch(r"-?\d{1,9}", digits, re.ASCII) else None
    return Fault(known, _text(element, "text"), _text(element, "objekt_id"))


def _strange(element: _Element, place: Place, known: tuple[str, ...]) -> Iterator[Complaint]:
    """Elements the format does not know here."""
    for name in sorted({local(child) for child in element} - {*known}):
        yield place.hint("openimmo.feedback_strange", name=Place("", None).told(name))


def _all(element: _Element, name: str) -> Iterator[_Element]:
    return (child for child in element if local(child) == name)


def _counted(element: _Element, name: str) -> Iterator[tuple[int, _Element]]:
    return enumerate(_all(element, name), start=1)


def _numbered(element: _Element, number: int, above: Place) -> Place:
    return place_of(element, f"{above.path}/{local(element)}[{number}]", above)


def _words(element: _Element, name: str) -> Iterator[str]:
    """The texts of all children of this name that are not empty."""
    texts = ("".join(map(str, child.itertext())).strip() for child in _all(element, name))
    return (text for text in texts if text)


def _text(element: _Element, name: str) -> str:
    return next(_words(element, name), "")
