"""The applications of the Immomio double: people apply, clerks invite, accept, reject and delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.immomio.sandbox_records import (
    Checks,
    Fields,
    Refusal,
    is_day,
    is_decimal,
    is_text,
    is_texts,
    paged,
)
from connectors.immomio.sandbox_vacancies import Vacancies, now
from connectors.sandbox import names
from connectors.sandbox.clock import Clock

STATES = {"invite": "INVITED", "accept": "ACCEPTED", "reject": "REJECTED", "delete": "DELETED"}
NEW, ACCEPTED, DELETED = "NEW", "ACCEPTED", "DELETED"
MOST_TOGETHER = 10

PERSON: Checks = {
    **dict.fromkeys(
        ("salutation", "title", "firstName", "lastName", "companyName", "email", "street", "houseNumber"),
        is_text,
    ),
    **dict.fromkeys(("postalCode", "city"), is_text),
    "birthDate": is_day,
    "phoneNumbers": is_texts,
}
WISH: Checks = {"wantedStart": is_day, "acceptedRent": is_decimal, "message": is_text}


@dataclass(slots=True)
class Applications:
    """All applications by id. The rows of people who move in together share a group, its main one first."""

    clock: Clock
    vacancies: Vacancies
    seed: int
    records: dict[str, Fields] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    applicants: dict[str, str] = field(default_factory=dict)
    invented: int = 0

    def one(self, id_: str) -> Fields:
        """An application by its id. Raises Refusal."""
        if id_ not in self.records:
            raise Refusal(404, "not_found")
        return self.records[id_]

    def page(self, number: int, size: int, state: str | None, since: datetime | None) -> Fields:
        """One page of those in a state and changed since a moment, where given, in the order they came."""
        found = [
            record
            for record in self.records.values()
            if state in (None, record["state"])
            and (since is None or datetime.fromisoformat(record["changedAt"]) >= since)
        ]
        return paged(found[(number - 1) * size : number * size], number, size, len(found))

    def act(self, data: Fields) -> Any:
        """Apply: ``{"vacancy", ...person and wish, "together": [person, ...]}``, a person invented where none
        is given, answers all rows. Or decide: ``{"id", "do"}``, answers the row.

        Raises KeyError for an unknown vacancy or application, ValueError and TypeError for impossible values.
        """
        if "do" in data:
            return self._decide(str(data.get("id", "")), data["do"], data.get("acceptedRent"))
        return self._apply(dict(data))

    def clear(self) -> None:
        """Hold nothing."""
        self.records.clear()
        self.groups.clear()
        self.applicants.clear()

    def _apply(self, data: Fields) -> list[Fields]:
        vacancy = str(data.pop("vacancy", ""))
        if vacancy not in self.vacancies.shelf.records:
            raise KeyError(vacancy)
        together = data.pop("together", [])
        if not isinstance(together, list) or len(together) > MOST_TOGETHER:
            raise ValueError(f"together must be a list of at most {MOST_TOGETHER} people")
        wish = {name: data.pop(name, None) for name in WISH}
        _checked(wish, WISH)
        wish["wantedStart"] = wish["wantedStart"] or self._start(vacancy)
        people = [self._person(data), *(self._person(person) for person in together)]
        group: list[str] = []
        for index, person in enumerate(people):
            id_ = f"A-{len(self.records) + 1:06}"
            group.append(id_)
            self.groups[id_] = group
            self.records[id_] = {
                "applicationId": id_,
                "vacancy": vacancy,
                "state": NEW,
                "applicant": self._applicant(person),
                "main": index == 0,
                "changedAt": now(self.clock),
                **person,
                **(wish if index == 0 else dict.fromkeys(WISH)),
            }
        self.vacancies.applied(vacancy, 1)
        return [self.records[id_] for id_ in group]

    def _decide(self, id_: str, do: Any, rent: Any) -> Fields:
        """Change the state of an application and of those who move in together with it."""
        group = self.groups[id_]
        if do not in STATES:
            raise ValueError(f"do must be one of {', '.join(STATES)}")
        if rent is not None and not is_decimal(rent):
            raise ValueError("acceptedRent must be a number with at most two places")
        state = STATES[do]
        main = self.records[group[0]]
        if main["state"] == DELETED:
            raise ValueError("the application is deleted")
        if main["state"] == state:
            return self.records[id_]
        for row in (self.records[each] for each in group):
            row.update(state=state, changedAt=now(self.clock))
            if state == DELETED:
                row.update(dict.fromkeys((*PERSON, *WISH)))
        if state == ACCEPTED:
            main["acceptedRent"] = rent if rent is not None else self._rent(main)
        elif state == DELETED:
            self.vacancies.applied(main["vacancy"], -1)
        return self.records[id_]

    def _rent(self, row: Fields) -> Any:
        """What was wished, else what the vacancy costs."""
        vacancy = self.vacancies.shelf.records.get(row["vacancy"], {})
        return row["acceptedRent"] or vacancy.get("totalRent") or vacancy.get("baseRent")

    def _start(self, vacancy: str) -> str:
        """When somebody would move in who does not say so."""
        available = self.vacancies.shelf.records[vacancy]["availableFrom"]
        in_a_month = (self.clock.now().date() + timedelta(days=30)).isoformat()
        return max(in_a_month, available) if available else in_a_month

    def _person(self, given: Any) -> Fields:
        """A whole person: what is given, or somebody invented where nobody is named."""
        if not isinstance(given, dict):
            raise TypeError("a person must be an object")
        _checked(given, PERSON)
        named = any(given.get(name) for name in ("firstName", "lastName", "companyName"))
        if named:
            return dict.fromkeys(PERSON) | given
        self.invented += 1
        rng = Random(f"{self.seed} {self.invented}")  # noqa: S311 - reproducible, not secret
        return dict.fromkeys(PERSON) | _somebody(rng) | given

    def _applicant(self, person: Mapping[str, Any]) -> str:
        """The same id for the same e-mail address; without one, everybody is new."""
        new = f"P-{len(self.applicants) + 1:06}"
        return self.applicants.setdefault((person["email"] or new).casefold(), new)


def _checked(values: Fields, checks: Checks) -> None:
    for name, value in values.items():
        if name not in checks or (value is not None and not checks[name](value)):
            raise ValueError(f"{name!r} is no field of an application or has another type")


def _somebody(rng: Random) -> Fields:
    """Somebody who does not exist."""
    female = rng.random() < 0.5
    first = rng.choice(names.FEMALE_NAMES if female else names.MALE_NAMES)
    last = rng.choice(names.LAST_NAME_HEADS) + rng.choice(names.LAST_NAME_TAILS)
    code, city = rng.choice(names.CITIES)
    prefix, block = names.MOBILES[0].split()
    return {
        "salutation": "Frau" if female else "Herr",
        "firstName": first,
        "lastName": last,
        "birthDate": f"{rng.randrange(1950, 2004)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
        "email": f"bewerbung{rng.randrange(1_000_000):06}@example.org",
        "phoneNumbers": [f"+49 {prefix} {block}{rng.randrange(100):02}"],
        "street": rng.choice(names.STREETS),
        "houseNumber": str(rng.randrange(1, 120)),
        "postalCode": code,
        "city": city,
    }
