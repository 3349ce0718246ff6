"""The form in which onOffice speaks: one address, many actions, each signed on its own.

Documented: the envelope, ``hmac_version`` 2, the names of actions and relations, ``|a||b|`` for many values.
An empty PHP array arrives as ``[]`` where an object is meant; a PHP list is read here as an object whose keys
are positions.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.answers import Reply
from connectors.payload import bad_payload

BAD_PAYLOAD = "onoffice.bad_payload"

_ACTION = "urn:onoffice-de-ns:smart:2.5:smartml:action:"
READ = f"{_ACTION}read"
GET = f"{_ACTION}get"
CREATE = f"{_ACTION}create"
MODIFY = f"{_ACTION}modify"
DELETE = f"{_ACTION}delete"
DO = f"{_ACTION}do"
WRITES = frozenset({CREATE, MODIFY, DELETE, DO})

_RELATION = "urn:onoffice-de-ns:smart:2.5:relationTypes:"
CONTACT_PERSON = f"{_RELATION}estate:address:contactPerson"
"""Estate to address, brokers only: what the portals are told."""
CONTACT_PERSON_ALL = f"{_RELATION}estate:address:contactPersonAll"
"""Estate to address, whoever it is."""
USER_ADDRESS = f"{_RELATION}user:address"
"""User to the address that stands for them."""
JOB_ESTATE = f"{_RELATION}job:estate"
"""Job (a transfer to a portal) to estate; listed in the documentation, perhaps not readable."""

ACTIONS = 20
"""Actions in one request; how many onOffice takes is not documented."""
IDS = 500
"""Ids in one relation call."""


@dataclass(frozen=True, slots=True)
class Call:
    """One action. ``parameters`` never appear in its repr: they may hold values of records."""

    action: str
    resource_type: str
    resource_id: str | int = ""
    parameters: Mapping[str, Any] = field(default_factory=dict, repr=False)
    identifier: str = ""

    @property
    def write(self) -> bool:
        """Whether it changes something there."""
        return self.action in WRITES

    @property
    def where(self) -> str:
        """What it asks for, in words that hold no value: ``read address``."""
        return f"{self.action.rpartition(':')[2]} {self.resource_type}"

    @property
    def names(self) -> frozenset[str]:
        """The names of fields that a reading asks for or filters by."""
        return frozenset((*self.parameters.get("data", ()), *self.parameters.get("filter", ())))


@dataclass(frozen=True, slots=True)
class Row:
    """A record of an answer; ``type`` is "" where onOffice names none."""

    id: int | str
    type: str
    elements: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one action was refused. The message may quote what was sent, so it is never shown as it is."""

    code: int
    message: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one action; ``total`` counts all records of a list, None where onOffice does not say."""

    rows: tuple[Row, ...] = ()
    total: int | None = None
    error: Refusal | None = None
    cacheable: bool = False


@dataclass(frozen=True, slots=True)
class Envelope:
    """A whole answer: the status of the request, and one answer per action, fewer where it failed."""

    status: int
    error: Refusal | None
    answers: tuple[Answer, ...]


def sign(secret: str, token: str, timestamp: int, resource_type: str, action: str) -> str:
    """The HMAC (version 2) of one action, as base64; it covers no parameters."""
    message = f"{timestamp}{token}{resource_type}{action}".encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode("ascii")


def envelope(calls: Sequence[Call], token: str, secret: str, timestamp: int) -> dict[str, Any]:
    """The body of a request; the timestamp is valid for two minutes, so it is made when it is sent."""
    actions = [
        {
            "actionid": call.action,
            "resourceid": call.resource_id,
            "resourcetype": call.resource_type,
            "identifier": call.identifier,
            "timestamp": timestamp,
            "hmac": sign(secret, token, timestamp, call.resource_type, call.action),
            "hmac_version": 2,
            "parameters": dict(sorted(call.parameters.items())),
        }
        for call in calls
    ]
    return {"token": token, "request": {"actions": actions}}


def decode(reply: Reply, calls: Sequence[Call]) -> Envelope:
    """An answer in its parts. Raises Failure where it does not have the documented form."""
    root = reply.json()
    if not isinstance(root, dict):
        raise bad_payload(reply, "$", BAD_PAYLOAD)
    status = _map(reply, root, "status", "status")
    error = _refusal(reply, status, "status")
    code = _whole(reply, status.get("code"), "status.code")
    response = _map(reply, root, "response", "response")
    results = response.get("results") or []
    if not isinstance(results, list) or (len(results) != len(calls) and not (error or code >= 300)):
        raise bad_payload(reply, "response.results", BAD_PAYLOAD)
    paired = zip(results, calls, strict=False)
    return Envelope(
        code, error, tuple(_answer(reply, at, one, call) for at, (one, call) in enumerate(paired))
    )


def selected(value: Any) -> tuple[str, ...]:
    """The keys of a field with several values: ``|a||b|``, a list (in PHP perhaps an object by position), or
    nothing; anything else holds none."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, str):
        return tuple(part for part in value.split("|") if part)
    if isinstance(value, list | tuple):
        return tuple(str(part) for part in value if isinstance(part, str | int) and str(part))
    return ()


def piped(keys: Iterable[str]) -> str:
    """How onOffice writes several values of one field."""
    return "".join(f"|{key}|" for key in keys)


def number(value: Any) -> int | None:
    """A whole number, also one that came as a text; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= 18 and value.isascii() and value.isdigit():
        return int(value)
    return None


def _answer(reply: Reply, at: int, result: Any, call: Call) -> Answer:
    place = f"response.results[{at}]"
    if not isinstance(result, dict):
        raise bad_payload(reply, place, BAD_PAYLOAD)
    for name, sent in (("actionid", call.action), ("resourcetype", call.resource_type)):
        if result.get(name) != sent:
            raise bad_payload(reply, f"{place}.{name}", BAD_PAYLOAD)
    error = _refusal(reply, _map(reply, result, "status", f"{place}.status"), f"{place}.status")
    if error is not None:
        return Answer(error=error)
    data = _map(reply, result, "data", f"{place}.data")
    records = data.get("records") or []
    if not isinstance(records, list):
        raise bad_payload(reply, f"{place}.data.records", BAD_PAYLOAD)
    rows = tuple(_row(reply, f"{place}.data.records[{n}]", record) for n, record in enumerate(records))
    meta = _map(reply, data, "meta", f"{place}.data.meta")
    return Answer(rows, number(meta.get("cntabsolute")), cacheable=result.get("cacheable") is True)


def _row(reply: Reply, place: str, record: Any) -> Row:
    if not isinstance(record, dict):
        raise bad_payload(reply, place, BAD_PAYLOAD)
    id_, kind = record.get("id"), record.get("type")
    if isinstance(id_, bool) or not isinstance(id_, int | str):
        raise bad_payload(reply, f"{place}.id", BAD_PAYLOAD)
    plain = number(id_)
    elements = _map(reply, record, "elements", f"{place}.elements")
    return Row(id_ if plain is None else plain, kind if isinstance(kind, str) else "", elements)


def _map(reply: Reply, owner: Mapping[str, Any], name: str, place: str) -> Mapping[str, Any]:
    """An object under a name: nothing and an empty list are an empty one, a list is one by position."""
    value = owner.get(name)
    if value is None:
        return {}
    if isinstance(value, list):
        return {str(at): one for at, one in enumerate(value)}
    if not isinstance(value, dict):
        raise bad_payload(reply, place, BAD_PAYLOAD)
    return value


def _refusal(reply: Reply, status: Mapping[str, Any], place: str) -> Refusal | None:
    """The error of a status; without an error code it is no status at all."""
    code = _whole(reply, status.get("errorcode"), f"{place}.errorcode")
    message = status.get("message")
    return Refusal(code, message if isinstance(message, str) else "") if code else None


def _whole(reply: Reply, value: Any, place: str) -> int:
    found = number(value)
    if found is None:
        raise bad_payload(reply, place, BAD_PAYLOAD)
    return found
