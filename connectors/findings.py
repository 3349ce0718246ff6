"""What the checks of several partners look for alike (rules C1, C2, C3, C5 and the main tenants of leases).

Counts are exact; the records behind them are listed by their numbers, the first 50, never by a name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.contract import CheckContext, Finding, Reader, Scope, Text, Verdict
from connectors.housing import Lease, Mandant, stream
from connectors.ids import SEPARATORS, clean, safe_separators
from connectors.tenancies import Tenancies

SHOWN = 50
"""How many records a finding lists; ``Finding.count`` counts them all."""


@dataclass(frozen=True, slots=True)
class Composite:
    """Something that gets a composite id: its entity, the ERP's own key, and its cleaned numbers by part."""

    entity: str
    key: str
    numbers: Mapping[str, str]


def composite(entity: str, key: str, numbers: Mapping[str, str]) -> Composite:
    """The composite with its numbers as they enter an id."""
    return Composite(entity, key, {part: clean(number) for part, number in numbers.items()})


@dataclass(frozen=True, slots=True)
class Topic:
    """A check's key and rules. Its evidence and details are codes of a ``texts.toml``."""

    key: str
    rules: tuple[str, ...]

    def finding(
        self,
        verdict: Verdict,
        code: str,
        details: Sequence[Text] = (),
        concerned: int | None = None,
        **args: str | int,
    ) -> Finding:
        """A finding that counts its details, unless ``concerned`` says how many records are."""
        count = len(details) if concerned is None else concerned
        evidence = Text(code, {"count": count, **args})
        return Finding(self.key, self.rules, verdict, evidence, tuple(details[:SHOWN]), count)

    def no_source(self) -> Finding:
        """Without the ERP only a person can tell."""
        return self.finding(Verdict.MANUAL, "agreed.no_source")


async def known_mandanten(topic: Topic, source: Reader[Any], scope: Scope) -> Finding:
    """C3: every configured Mandant is one that the ERP knows. Raises Failure."""
    known = {clean(mandant.number) async for mandant in stream(source, Mandant)}
    if scope.mandanten is None:
        return topic.finding(Verdict.OK, "agreed.mandanten_all", known=len(known))
    unknown = [
        Text("agreed.mandant_unknown", {"mandant": number}) for number in sorted(scope.mandanten - known)
    ]
    if unknown:
        return topic.finding(Verdict.FAIL, "agreed.mandanten_unknown", unknown)
    return topic.finding(Verdict.OK, "agreed.mandanten_known", mandanten=len(scope.mandanten))


async def safe_separator(
    topic: Topic,
    composites: AsyncIterable[Composite],
    separator: str,
    allowed: Collection[str] = SEPARATORS,
) -> Finding:
    """C1, C2: no number holds the separator, no two records build one id; else what would be safe.

    Raises Failure.
    """
    numbers: dict[tuple[str, str], None] = {}  # (part, number), in the order in which they came
    # (entity, id) -> the ERP records that build it
    builders: dict[tuple[str, str], set[str]] = defaultdict(set)
    async for one in composites:
        numbers |= dict.fromkeys(one.numbers.items())
        if all(one.numbers.values()):
            builders[one.entity, separator.join(one.numbers.values())].add(one.key)
    holding = [
        Text(f"agreed.separator_in_{part}", {"number": number})
        for part, number in numbers
        if separator in number
    ]
    colliding = [
        Text(f"agreed.collision_{entity}", {"id": id_, "count": len(keys)})
        for (entity, id_), keys in builders.items()
        if len(keys) > 1
    ]
    if not holding and not colliding:
        return topic.finding(Verdict.OK, "agreed.separator_safe", separator=separator, numbers=len(numbers))
    safe = safe_separators((number for _, number in numbers), allowed)
    return topic.finding(
        Verdict.FAIL,
        "agreed.separator_unsafe" if safe else "agreed.separator_none_safe",
        [*colliding, *holding],
        separator=separator,
        numbers=len(holding),
        collisions=len(colliding),
        safe=" ".join(safe),
    )


def kept_separator(topic: Topic, context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every record we wrote."""
    now = context.settings.separator
    former = (context.former or {}).get("separator", now)
    if former == now or not context.owned:
        return topic.finding(Verdict.OK, "agreed.separator_kept", separator=now)
    return topic.finding(
        Verdict.FAIL,
        "agreed.separator_changed",
        concerned=context.owned,
        former=former,
        now=now,
        owned=context.owned,
    )


def main_tenants(topic: Topic, tables: Tenancies) -> Finding:
    """Every running lease has exactly one Hauptmieter."""
    mains = [(lease, len(tables.mains.get(lease.id, ()))) for lease in tables.running]
    none = [lease_text("agreed.no_main_tenant", lease) for lease, count in mains if count == 0]
    several = [lease_text("agreed.several_main_tenants", lease) for lease, count in mains if count > 1]
    bad = bool(none or several)
    return topic.finding(
        Verdict.WARN if bad else Verdict.OK,
        "agreed.main_tenant_bad" if bad else "agreed.main_tenant_good",
        [*none, *several],
        none=len(none),
        several=len(several),
        leases=len(mains),
    )


def lease_text(code: str, lease: Lease) -> Text:
    """A detail that names a lease; ``lease`` is the ERP's own id, for leases without a number."""
    args = {"mandant": clean(lease.mandant), "contract": clean(lease.number), "lease": lease.id}
    return Text(code, args)
