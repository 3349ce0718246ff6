"""Who the one contact person of an object shall be (rule O8). What no rule decides is left to a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.model import LettingObject, Office
from connectors.onoffice.people import passes


@dataclass(frozen=True, slots=True)
class Undecided:
    """A person has to decide; ``why`` is ``agreed_fails``, ``several_pass``, ``none_passes`` or
    ``none_linked``."""

    why: str
    addresses: tuple[int, ...] = ()


class Chooser:
    """Chooses for the objects of one office; each address is judged once."""

    def __init__(self, office: Office, settings: ContactChainSettings) -> None:
        self._office = office
        self._settings = settings
        self._passing = {id_ for id_, one in office.addresses.items() if passes(one, office, settings)}

    def choose(self, one: LettingObject) -> int | Undecided:
        """The contact person: as agreed for the object, else the only broker that passes, else the only other
        person that does once the plan is written, else whom the settings name for such cases."""
        if agreed := self._settings.contact_persons.get(str(one.id)):
            passing = self._passes([int(agreed)])
            return passing[0] if passing else Undecided("agreed_fails", (int(agreed),))
        passing = self._passes(one.brokers) or self._passes(one.persons)
        if len(passing) == 1:
            return passing[0]
        for named in self._named(one):
            if named in passing or not passing:
                return named
        if passing:
            return Undecided("several_pass", passing)
        return Undecided("none_passes" if one.linked else "none_linked", one.linked)

    def _passes(self, ids: Iterable[int]) -> tuple[int, ...]:
        return tuple(id_ for id_ in dict.fromkeys(ids) if id_ in self._passing)

    def _named(self, one: LettingObject) -> Iterator[int]:
        """Whom the settings name where no rule decides, as far as they pass."""
        if self._settings.officer and one.officer is not None:
            officer = self._office.users.get(one.officer)
            own = self._passes(officer.addresses) if officer else ()
            yield from own if len(own) == 1 else ()
        if self._settings.contact:
            yield from self._passes([int(self._settings.contact)])
