"""Chains as the JSON that scripts rely on; values are in full."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from connectors.chains import ChainRow, Group, Letter, LinkVerdict, groups
from console.chains import words
from console.chains.kept import Held
from console.chains.reading import ChainPlace

SCHEMA = 1


def document(customer: str, found: Sequence[tuple[ChainPlace, Held]]) -> dict[str, Any]:
    """Every chain with its objects, its causes and its letters."""
    chains = [_chain(place, held) for place, held in found]
    return {"schema": SCHEMA, "customer": customer, "chains": chains}


def _chain(place: ChainPlace, held: Held) -> dict[str, Any]:
    rows = held.reading.rows
    counts = Counter(row.state for row in rows)
    return {
        "partner": place.partner,
        "chain": place.chain.key,
        "use_case": place.chain.use_case,
        "rules": list(place.chain.rules),
        "read_at": held.at.isoformat(timespec="seconds"),
        "counts": {state.value: counts[state] for state in words.COUNTED},
        "remarks": [words.told(text) for text in held.reading.remarks],
        "causes": [_group(group) for group in groups(rows)],
        "objects": [_row(row) for row in rows],
        "letters": [_letter(letter) for letter in held.reading.letters],
    }


def _group(group: Group) -> dict[str, Any]:
    return _verdict(group.verdict) | {"objects": [row.id for row in group.rows]}


def _row(row: ChainRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "state": row.state.value,
        "link": row.first.link if row.first else None,
        "person": row.person,
        "url": row.url,
        "links": [_verdict(link) for link in row.links],
    }


def _verdict(one: LinkVerdict) -> dict[str, Any]:
    return {
        "link": one.link,
        "state": one.state.value,
        "reason": words.told(one.reason),
        "repair": words.told(one.repair),
        "who": one.hand.value if one.hand else None,
        "cause": one.cause,
        "subject": one.subject,
        "fix": one.fix or None,
    }


def _letter(letter: Letter) -> dict[str, Any]:
    paragraphs = [words.told(text) for text in letter.paragraphs]
    return {
        "key": letter.key,
        "to": letter.to.value,
        "subject": words.told(letter.subject),
        "paragraphs": paragraphs,
    }
