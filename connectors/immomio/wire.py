"""The form in which Immomio is assumed to speak (see README.md): addresses, JSON names, refusals, results.

When the real reference is on the table, this file and ``session.py`` are the ones to change.

``POST /auth/token`` gives a bearer token. ``GET /me`` tells account, system and rights. Properties, units,
tenants and contracts each have a list sorted by their id (``?page=1&pageSize=100``), ``GET``, ``PUT`` (upsert
of the whole record) and ``DELETE`` by id, and ``POST .../bulk`` (at most 200, upsert), answered per record in
order. Vacancies are read like these and written by OpenImmo deliveries, answered per object in order.
Applications are read only. Documents are written by the calls of ``wire_documents.py``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote

from connectors import answers, outcomes
from connectors.answers import Reply, Rule
from connectors.contract import Change, EntityMapping, Outcome, Record, Result, Value
from connectors.immomio.entities import (
    APPLICATION,
    APPLICATION_MAPPING,
    CONTRACT,
    CONTRACT_MAPPING,
    DOCUMENT,
    DOCUMENT_MAPPING,
    PROPERTY,
    PROPERTY_MAPPING,
    TENANT,
    TENANT_MAPPING,
    UNIT,
    UNIT_MAPPING,
    VACANCY,
    VACANCY_MAPPING,
    VACANCY_STATE,
    VACANCY_STATE_MAPPING,
)
from connectors.immomio.session import BAD_PAYLOAD
from connectors.payload import Node, bad_payload
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

ME = "/me"
IMPORT = "/vacancies/import"
PAGE_SIZE = 100
XML = "application/xml"
ZIP = "application/zip"
DIT = "DIT"
"""What ``/me`` calls the old system."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an entity lives and what its records are made of; JSON names equal the mapping's.

    ``right`` is what its rights begin with; ``put`` says whether records are written one by one.
    """

    path: str
    right: str
    mapping: EntityMapping
    id: str = "externalId"
    put: bool = True


ENDPOINTS: Mapping[str, Endpoint] = {
    PROPERTY: Endpoint("/properties", "properties", PROPERTY_MAPPING),
    UNIT: Endpoint("/units", "units", UNIT_MAPPING),
    TENANT: Endpoint("/tenants", "tenants", TENANT_MAPPING),
    CONTRACT: Endpoint("/contracts", "contracts", CONTRACT_MAPPING),
    VACANCY: Endpoint("/vacancies", "vacancies", VACANCY_MAPPING, put=False),
    VACANCY_STATE: Endpoint("/vacancies", "vacancies", VACANCY_STATE_MAPPING, put=False),
    DOCUMENT: Endpoint("/documents", "documents", DOCUMENT_MAPPING, put=False),
    APPLICATION: Endpoint("/applications", "applications", APPLICATION_MAPPING, "applicationId", put=False),
}

REFUSALS: Mapping[str, Rule] = {
    "missing_email": Rule("immomio.missing_email", Trouble.REJECTED, Owner.CUSTOMER),
    "duplicate_email": Rule("immomio.duplicate_email", Trouble.CONFLICT, Owner.CUSTOMER),
    "unknown_property": Rule("immomio.unknown_property", Trouble.REJECTED, Owner.CONSULTANT),
    "unknown_unit": Rule("immomio.unknown_unit", Trouble.REJECTED, Owner.CONSULTANT),
    "unknown_tenant": Rule("immomio.unknown_tenant", Trouble.REJECTED, Owner.CONSULTANT),
    "unknown_contract": Rule("immomio.unknown_contract", Trouble.REJECTED, Owner.CONSULTANT),
    "foreign_tenant": Rule("immomio.foreign_tenant", Trouble.REJECTED, Owner.CONSULTANT),
    "content_mismatch": Rule("immomio.content_mismatch", Trouble.REJECTED, Owner.CONSULTANT),
    "in_use": Rule("immomio.in_use", Trouble.CONFLICT, Owner.CONSULTANT),
    "missing_rent": Rule("immomio.missing_rent", Trouble.REJECTED, Owner.CUSTOMER),
    "attachment_missing": Rule("immomio.attachment_missing", Trouble.REJECTED, Owner.CONSULTANT),
}
"""What Immomio's error codes for one record mean."""

UNREADABLE = Rule("immomio.unreadable", Trouble.REJECTED, Owner.CONSULTANT)
"""A delivery that could not be read as a whole."""

NOT_TAKEN = Rule("immomio.not_taken", Trouble.RIGHTS, Owner.PARTNER)
"""A delivery that the importer refuses for another reason."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one record of a bulk call or one object of a delivery; ``error`` is a code or ""."""

    status: int
    error: str = ""


NEEDS: Mapping[str, tuple[str, ...]] = {
    "master-data": (PROPERTY, UNIT, TENANT, CONTRACT),
    "vacancies": (VACANCY,),
    "prospects": (APPLICATION,),
    "documents": (DOCUMENT,),
}
"""The entities of each use case. Those of tickets have rights of their own (``wire_tickets.py``)."""


def rights(written: Sequence[str], used: Collection[str] | None = None) -> tuple[str, ...]:
    """The rights that an account needs for the use cases that are ``used`` (None: for all), where the page
    version takes the ``written`` entities."""
    wanted = {name for key, names in NEEDS.items() if used is None or key in used for name in names}
    reading = [f"{e.right}:read" for name, e in ENDPOINTS.items() if name in wanted & {*written, APPLICATION}]
    return (*reading, *(f"{ENDPOINTS[name].right}:write" for name in written if name in wanted))


def path(endpoint: Endpoint, key: str) -> str:
    """The address of a record. An id of dots alone would be taken for a step up the path."""
    segment = quote(key, safe="")
    return f"{endpoint.path}/{segment if key.strip('.') else segment.replace('.', '%2E')}"


def record(entity: str, node: Node) -> Record:
    """A record out of an answer. Raises Failure."""
    endpoint = ENDPOINTS[entity]
    key = node.key(endpoint.id)
    if entity == VACANCY_STATE:
        return Record(entity, key, _state(node))
    fields = {f.name: node.value(f.name, f.kind) for f in endpoint.mapping.fields}
    shown = fields.get("attachments")
    if isinstance(shown, tuple):
        fields["attachments"] = tuple(_attachment_shown(text) for text in shown)
    return Record(entity, key, fields)


def _state(node: Node) -> dict[str, Value]:
    address = [node.data.get(name) for name in ("street", "houseNumber", "city")]
    return {
        "state": node.get("state", str),
        "prospects": node.get("prospects", int),
        "link": node.get("link", str) if node.data.get("link") is not None else None,
        "label": " ".join(part for part in address if isinstance(part, str) and part),
    }


def file_name(ref: str) -> str:
    """How a reference is called in a delivery: ASCII only, no folders, and ``ref`` again by unquoting."""
    name = quote(ref, safe="")
    return name if name.strip(".") else name.replace(".", "%2E")


def _attachment_shown(text: str) -> str:
    """An attachment as Immomio tells it, with our reference for the name of its file."""
    group, bar, rest = text.partition("|")
    name, second, more = rest.partition("|")
    return f"{group}{bar}{unquote(name)}{second}{more}"


def item(endpoint: Endpoint, change: Change) -> dict[str, Value]:
    """The whole record as it is sent, null where it holds nothing."""
    after = change.after or {}
    return {f.name: after.get(f.name) for f in endpoint.mapping.fields}


def confirm(reply: Reply, endpoint: Endpoint | None = None, key: str = "") -> None:
    """A success must be Immomio's own: something in between may answer 200 as well. Raises Failure.

    A PUT is answered with the record, a DELETE with nothing.
    """
    if endpoint is None:
        if reply.content:
            raise bad_payload(reply, "$", BAD_PAYLOAD)
    elif Node.of(reply, BAD_PAYLOAD).key(endpoint.id) != key:
        raise bad_payload(reply, endpoint.id, BAD_PAYLOAD)


def results(reply: Reply, sent: bytes = b"") -> dict[str, Answer]:
    """What a bulk call or a delivery says of each id. Raises Failure, also where a delivery was unreadable.

    An error code that stood in what was ``sent`` might be a value of a record, and is left out.
    """
    node = Node.of(reply, BAD_PAYLOAD)
    if "results" not in node.data and (error := node.data.get("error")):
        rule, status = (UNREADABLE, 422) if error == "unreadable" else (NOT_TAKEN, 403)
        raise Failure(answers.problem(rule, reply.where, write=False, status=status))
    return {
        found.key("externalId"): Answer(
            status := found.get("status", int),
            answers.excerpt(json.dumps(found.data).encode(), [sent]) if status >= 300 else "",
        )
        for found in node.nodes("results")
    }


def judged(change: Change, answer: Answer | None, reply: Reply) -> Outcome:
    """The outcome of a change by its answer; what is not mentioned is unknown."""
    if answer is None:
        return refused(change, bad_payload(reply, "results", BAD_PAYLOAD).problem)
    if 200 <= answer.status < 300:
        return outcomes.outcome(change, Result.DONE)
    rule = answers.status_rule(answer.status)
    problem = answers.problem(rule, reply.where, write=True, status=answer.status, excerpt=answer.error)
    return refused(change, problem)


def refused(change: Change, problem: Problem) -> Outcome:
    """What a problem means for the record that was to be written."""
    rule = REFUSALS.get(problem.excerpt)
    if rule and problem.arrival is Arrival.NEVER:
        problem = replace(problem, code=rule.code, trouble=rule.trouble, owner=rule.owner)
    return outcomes.refused(change, problem)
