"""The tickets of the Immomio double: tenants report, comment, attach, withdraw; the ERP's answers arrive.

Written from the assumed wire form alone; it shares no code with the client, so that a slip in one of them
shows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from connectors.immomio.sandbox_attachments import Attachment, attachment
from connectors.immomio.sandbox_records import Fields, Refusal, is_text, paged
from connectors.sandbox.clock import Clock

NEW, WITHDRAWN = "NEW", "WITHDRAWN"
SETTABLE = (NEW, "IN_PROGRESS", "WAITING", "DONE", "REJECTED")
KINDS = ("DAMAGE", "REQUEST")
AUTHORS = ("TENANT", "CLERK")
MOST_AT_ONCE = 100_000
SUBJECTS = {
    "DAMAGE": ("Heizung bleibt kalt", "Wasserhahn tropft", "Fenster schließt nicht", "Rollladen klemmt"),
    "REQUEST": (
        "Schlüssel nachbestellen",
        "Frage zur Abrechnung",
        "Namensschild ändern",
        "Mietbescheinigung",
    ),
}
CATEGORIES = {"DAMAGE": "SCH-HEIZ", "REQUEST": "ANL-BESCH"}
"""What a tenant chooses who chooses nothing."""


@dataclass(slots=True)
class _Ticket:
    """A ticket as it is told, its files, and how often each status and comment came from outside."""

    fields: Fields
    files: dict[str, Attachment] = field(default_factory=dict)
    statuses: list[str] = field(default_factory=list)
    comments: Counter[str] = field(default_factory=Counter)
    withheld: int = 0  # so many times it is listed and not there yet
    deleted: bool = False


@dataclass(slots=True)
class Tickets:
    """All tickets by id, and the log of their changes by the sandbox's clock, strictly increasing."""

    clock: Clock
    seed: int
    held: dict[str, _Ticket] = field(default_factory=dict)
    log: list[tuple[datetime, str]] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    creates: Counter[str] = field(default_factory=Counter)  # by the reference of whoever made them by a call
    made: int = 0

    def all(self) -> list[Fields]:
        """Every ticket that is there, in the order in which they were made."""
        return [self._shown(one) for one in self.held.values() if not one.deleted]

    def arrivals(self) -> Fields:
        """By ticket: each status that was set, in order, and how often each comment was made by a call;
        under ``creates`` how often a ticket was made with a reference."""
        tickets = {
            id_: {"statuses": list(one.statuses), "comments": dict(one.comments)}
            for id_, one in self.held.items()
        }
        return {"tickets": tickets, "creates": dict(self.creates)}

    def clear(self) -> None:
        """Hold nothing."""
        self.held.clear()
        self.log.clear()
        self.repeated.clear()
        self.creates.clear()

    # --- what the interface does ---

    def page(self, number: int, size: int, since: datetime | None, reference: str | None) -> Fields:
        """One page of heads changed at a moment or after it, and what is delivered once more."""
        if reference is not None:
            found = [id_ for id_, one in self.held.items() if one.fields["reference"] == reference]
            return paged([self._head(id_) for id_ in found][:size], number, size, len(found))
        ids = list(self._changed(since))
        heads = [self._head(id_) for id_ in ids[(number - 1) * size : number * size]]
        if since is not None:
            heads = [self._head(id_) for id_ in self.repeated] + heads
            self.repeated.clear()
        return paged(heads, number, size, len(ids))

    def one(self, id_: str) -> Fields:
        """A whole ticket. Raises Refusal."""
        found = self._there(id_)
        if found.withheld:
            found.withheld -= 1
            raise Refusal(404, "not_found")
        return self._shown(found)

    def file(self, id_: str, attachment_id: str) -> Attachment:
        """A file at a ticket. Raises Refusal."""
        files = self._there(id_).files
        if attachment_id not in files:
            raise Refusal(404, "not_found")
        return files[attachment_id]

    def make(self, given: Any) -> Fields:
        """A ticket made by a call; the same one twice is two tickets. Raises Refusal."""
        if not isinstance(given, dict) or set(given) != _CREATED:
            raise Refusal(422, "wrong_fields")
        for name in sorted(_CREATED):
            if not is_text(given[name]):
                raise Refusal(422, "wrong_type", name)
        if given["kind"] not in KINDS:
            raise Refusal(422, "unknown_kind", "kind")
        if not given["contract"]:
            raise Refusal(422, "unknown_contract", "contract")
        self.creates[given["reference"]] += 1
        return self._shown(self._new(given, ()))

    def set_status(self, id_: str, status: Any) -> Fields:
        """Take a status from the ERP; the one that holds already changes nothing. Raises Refusal."""
        found = self._there(id_)
        if status not in SETTABLE:
            raise Refusal(422, "unknown_status", "status")
        found.statuses.append(status)
        if found.fields["status"] != status:
            found.fields["status"] = status
            self._touch(found)
        return self._shown(found)

    def add_comment(self, id_: str, given: Any) -> Fields:
        """Take a comment from the ERP; the same one twice is two comments. Raises Refusal."""
        found = self._there(id_)
        said = given if isinstance(given, dict) else {}
        text, name = said.get("text"), said.get("authorName")
        if not isinstance(text, str) or not isinstance(name, str) or not text or not is_text(text + name):
            raise Refusal(422, "wrong_type", "text")
        found.comments[text] += 1
        return self._say(found, "API", text, name)

    def remove(self, id_: str) -> None:
        """Delete a ticket; the list names it once more as deleted. Raises Refusal."""
        self._delete(self._there(id_))

    # --- what tenants do ---

    def act(self, data: Fields) -> Any:
        """Report: ``{"contract", "category", "kind", "subject", "text", "attachments": [...]}``, subject and
        text made up where missing, with ``count`` that many, answered by their ids. Else ``{"id", "do"}``:
        ``comment`` (``text``, ``author``), ``attach`` (``attachments``), ``withdraw``, ``reopen``,
        ``delete``, ``repeat`` (listed once more as it is), ``withhold`` (``count`` times listed and not
        there).

        Raises KeyError for an unknown ticket, ValueError and TypeError for impossible values.
        """
        do = data.get("do", "create")
        if do == "create":
            return self._report({name: value for name, value in data.items() if name != "do"})
        doing: dict[str, Callable[[_Ticket, Fields], Any]] = {
            "comment": self._comment,
            "attach": lambda found, given: self._attach(found, given.get("attachments", ())),
            "withdraw": lambda found, _given: self._enter(found, WITHDRAWN),
            "reopen": lambda found, _given: self._enter(found, NEW),
            "delete": lambda found, _given: self._delete(found),
            "repeat": lambda found, _given: self.repeated.append(found.fields["ticketId"]),
            "withhold": self._withhold,
        }
        if do not in doing:
            raise ValueError(f"do must be create or one of {', '.join(doing)}")
        found = self.held[str(data.get("id", ""))]
        if found.deleted:
            raise ValueError("the ticket is deleted")
        doing[do](found, data)
        return None if found.deleted else self._shown(found)

    def _report(self, data: Fields) -> Any:
        count = data.pop("count", None)
        if count is not None:
            if not isinstance(count, int) or not 1 <= count <= MOST_AT_ONCE:
                raise ValueError(f"count must be from 1 to {MOST_AT_ONCE}")
            return [self._report(dict(data))["ticketId"] for _ in range(count)]
        attachments = data.pop("attachments", ())
        if unknown := set(data) - _CREATED:
            raise ValueError(f"{min(unknown)!r} is no field of a ticket")
        kind = data.setdefault("kind", "DAMAGE")
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}")
        rng = Random(f"{self.seed} {self.made}")  # noqa: S311 - reproducible, not secret
        subject = rng.choice(SUBJECTS[kind])
        given = {"category": CATEGORIES[kind], "contract": "", "reference": "", "subject": subject}
        given["text"] = f"{subject}."
        given |= {"createdAt": self.clock.now().isoformat(timespec="microseconds"), **data}
        if not all(map(is_text, given.values())):
            raise ValueError("the fields of a ticket are texts")
        return self._shown(self._new(given, attachments))

    def _comment(self, found: _Ticket, given: Fields) -> None:
        author, text = given.get("author", "TENANT"), given.get("text")
        if author not in AUTHORS or not text or not is_text(text):
            raise ValueError(f"a comment has a text and perhaps an author, {' or '.join(AUTHORS)}")
        self._say(found, author, text, str(given.get("authorName", "")))

    def _attach(self, found: _Ticket, given: Any) -> None:
        if not isinstance(given, list | tuple):
            raise TypeError("attachments must be a list")
        id_, first = found.fields["ticketId"], len(found.files) + 1
        made = [attachment(f"{id_}-F{at}", one) for at, one in enumerate(given, first)]
        found.files |= {one.id: one for one in made}
        self._touch(found)

    def _withhold(self, found: _Ticket, given: Fields) -> None:
        count = given.get("count", 1)
        if not isinstance(count, int) or not 1 <= count <= MOST_AT_ONCE:
            raise ValueError(f"count must be from 1 to {MOST_AT_ONCE}")
        found.withheld = count

    def _enter(self, found: _Ticket, status: str) -> None:
        found.fields["status"] = status
        self._touch(found)

    def _delete(self, found: _Ticket) -> None:
        found.deleted = True
        self._touch(found)

    # --- how it is kept ---

    def _new(self, given: Fields, attachments: Any) -> _Ticket:
        self.made += 1
        id_ = f"T-{self.made:06}"
        own = {"ticketId": id_, "number": f"MA-{self.made:06}", "status": NEW}
        found = _Ticket({**own, **given, "changedAt": "", "comments": []})
        self._attach(found, attachments)
        self.held[id_] = found
        return found

    def _say(self, found: _Ticket, author: str, text: str, name: str) -> Fields:
        at = self._touch(found)
        said: list[Fields] = found.fields["comments"]
        comment = {
            "commentId": f"{found.fields['ticketId']}-C{len(said) + 1}",
            "author": author,
            "authorName": name,
            "text": text,
            "createdAt": at,
            "visible": True,
        }
        said.append(comment)
        return comment

    def _touch(self, found: _Ticket) -> str:
        """Something changed: now, but later than everything before."""
        after = self.log[-1][0] + timedelta(microseconds=1) if self.log else datetime.min.replace(tzinfo=UTC)
        at = max(self.clock.now(), after)
        self.log.append((at, found.fields["ticketId"]))
        found.fields["changedAt"] = at.isoformat(timespec="microseconds")
        return str(found.fields["changedAt"])

    def _changed(self, since: datetime | None) -> Iterator[str]:
        """The ids of what changed last at this moment or after it, in that order."""
        first = 0 if since is None else bisect_left(self.log, (since, ""))
        latest: defaultdict[str, int] = defaultdict(int)
        for at in range(first, len(self.log)):
            latest[self.log[at][1]] = at
        return (id_ for at, (_, id_) in enumerate(self.log[first:], first) if latest[id_] == at)

    def _head(self, id_: str) -> Fields:
        found = self.held[id_]
        return {"ticketId": id_, "changedAt": found.fields["changedAt"], "deleted": found.deleted}

    def _there(self, id_: str) -> _Ticket:
        found = self.held.get(id_)
        if found is None or found.deleted:
            raise Refusal(404, "not_found")
        return found

    def _shown(self, found: _Ticket) -> Fields:
        return found.fields | {"attachments": [file.shown() for file in found.files.values()]}


_CREATED = {"reference", "category", "kind", "contract", "subject", "text", "createdAt"}
