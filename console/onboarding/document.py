"""The checklists as the JSON that scripts rely on."""

from __future__ import annotations

from typing import Any

from checklists.model import Checklist
from connectors.texts import render
from console.i18n import language
from console.onboarding.book import Book
from console.readiness import Readiness, Standing, readiness
from console.store.said import Answer

SCHEMA = 1


def document(customer: str, book: Book, wanted: tuple[Checklist, ...]) -> dict[str, Any]:
    """The lists with every item that concerns the customer or not; answers in full."""
    found = [one for each in wanted for one in book.of_list(each.id)]
    return {
        "schema": SCHEMA,
        "customer": customer,
        "clear_storage": book.consent is not None,
        "unreadable": sorted(book.unreadable),
        "readiness": counts(readiness(found)),
        "partners": {key: counts(book.of_partner(key)) for key in sorted(book.facts.partners)},
        "use_cases": {key: counts(book.of_use_case(key)) for key in sorted(book.facts.use_cases)},
        "blockers": [one.item.id for one in readiness(found).blockers],
        "lists": [_list(book, one) for one in wanted],
    }


def counts(found: Readiness) -> dict[str, Any]:
    """The counts of a group."""
    return {
        "done": found.done,
        "open": found.open,
        "blocked": found.blocked,
        "not_applicable": found.not_applicable,
        "share": round(found.share, 4),
    }


def _list(book: Book, one: Checklist) -> dict[str, Any]:
    found = book.of_list(one.id)
    return {
        "id": one.id,
        "title": one.title.in_(language()),
        "partner": one.partner,
        "counts": counts(readiness(found)),
        "items": [_item(each) | _subjects(book, each) for each in found],
    }


def _subjects(book: Book, one: Standing) -> dict[str, Any]:
    """The last word on each subject of an item, where it is answered for many."""
    said = book.subjects(one.item.id)
    words = [{"subject": key, "answer": answer_json(said[key][-1])} for key in sorted(said)]
    return {"subjects": words} if words else {}


def _item(one: Standing) -> dict[str, Any]:
    item = one.item
    found: dict[str, Any] = {
        "id": item.id,
        "title": item.title.in_(language()),
        "kind": item.kind.value,
        "rules": list(item.rules),
        "who": item.who.value,
        "addressee": item.addressee.value,
        "blocking": item.blocking,
        "state": one.state.value,
        "because": one.because.value,
        "accepted": one.accepted,
    }
    if one.checked is not None:
        finding = one.checked.finding
        found["check"] = {
            "key": finding.key,
            "verdict": finding.verdict.value,
            "evidence": render(finding.evidence, language()),
            "at": one.checked.at.isoformat(),
        }
    if one.answer is not None:
        found["answer"] = answer_json(one.answer)
    return found


def answer_json(answer: Answer) -> dict[str, Any]:
    """An answer in full."""
    return {
        "said": answer.said.value,
        "at": answer.at.isoformat(),
        "who": answer.who,
        "note": answer.note,
        "values": {key: list(one) if isinstance(one, tuple) else one for key, one in answer.values.items()},
        "files": [{"sha256": one.sha256, "name": one.name, "size": one.size} for one in answer.files],
        "due": answer.due.isoformat() if answer.due else None,
        "from": answer.origin,
    }
