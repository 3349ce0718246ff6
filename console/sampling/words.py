"""Samples in words and as JSON; what is personal is masked where somebody looks on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.texts import render
from console import formats
from console.exports import cell
from console.i18n import _, language
from console.masking import hidden, masked
from console.names import entity_name, field_name
from console.sampling.strata import Oddity, Sort, Stratum
from console.sampling.take import Beside, Sample, Side
from console.store.samples import Mark, Marked, Sampled

EMPTY = "∅"
MARKS = {Mark.RIGHT: "✓", Mark.WRONG: "✗", Mark.NOTE: "!"}


def mark_name(mark: Mark) -> str:
    """What a person said of a record."""
    return {Mark.RIGHT: _("right"), Mark.WRONG: _("wrong"), Mark.NOTE: _("noted")}[mark]


def mark_words(mark: Mark | None) -> str:
    """Glyph and word of a mark; of a record that nobody looked at too."""
    return "○ " + _("open") if mark is None else f"{MARKS[mark]} {mark_name(mark)}"


def stratum_name(partner: str, one: Stratum) -> str:
    """A kind of records: ``Mandant: 10``, ``umlauts``, ``left out by rule C2``."""
    match one.sort:
        case Sort.ENTITY:
            return entity_name(partner, one.what)
        case Sort.VALUE:
            return f"{field_name(partner, one.what)}: {one.value}"
        case Sort.RULE:
            return _("left out by rule {rule}").format(rule=one.what)
        case Sort.ODD:
            return odd_name(Oddity(one.what))


def odd_name(odd: Oddity) -> str:
    """An oddity."""
    return {
        Oddity.UMLAUTS: _("umlauts or accents"),
        Oddity.SIGNS: _("special signs"),
        Oddity.ZERO: _("an amount of zero"),
        Oddity.SEVERAL: _("several values"),
        Oddity.ZEROS: _("leading zeros"),
        Oddity.LONGEST: _("the longest text"),
    }[odd]


def names(sample: Sample) -> dict[Stratum, str]:
    """The names of all strata of a sample."""
    return {one: stratum_name(sample.place[0], one) for one in sample.counts}


def strata_words(partner: str, one: Beside) -> str:
    """What a record stands for, its entity left out."""
    return ", ".join(stratum_name(partner, each) for each in one.strata if each.sort is not Sort.ENTITY)


def value_words(side: Side, *, erp: bool, mask: bool) -> str:
    """One side of a field."""
    if erp and not side.supplied:
        return _("not supplied")
    value = side.erp if erp else side.partner
    if mask and side.personal:
        value = masked(value)
    return cell(value) or EMPTY


def head_words(sample: Sample) -> str:
    """``30 of 12,408 records, seed 4711``: with it the same sample can be drawn again."""
    text = _("{count} of {total} records, seed {seed}")
    count, total = formats.count(len(sample.records)), formats.count(sample.total)
    return text.format(count=count, total=total, seed=sample.wish.seed)


def state_words(one: Beside) -> str:
    """How both sides stand, in a word."""
    if one.reason is not None:
        return _("left out: {why}").format(why=render(one.reason, language()))
    if not one.there:
        return _("missing at the partner")
    if one.differs:
        return _("differs in {count} fields").format(count=formats.count(len(one.differs)))
    return _("same on both sides")


def brief_state(one: Beside) -> str:
    """The same where room is scarce: ``= same``, ``≠ 3``, ``missing``, ``rule C2``."""
    if one.reason is not None:
        return _("rule {rule}").format(rule=one.rule)
    if not one.there:
        return _("missing")
    return f"≠ {formats.count(len(one.differs))}" if one.differs else "= " + _("same")


def marked_words(one: Marked, *, mask: bool) -> str:
    """Who said what when, with the note."""
    parts = (mark_words(one.mark), hidden(one.who, mask), formats.datetime(one.at), hidden(one.note, mask))
    return " · ".join(filter(None, parts))


def counts_words(sampled: Sampled) -> str:
    """The marks of a sample in a line."""
    counts = {mark: sampled.count(mark) for mark in Mark}
    left = len(sampled.records) - sum(counts.values())
    text = _("{right} right, {wrong} wrong, {noted} noted, {left} not looked at yet")
    return text.format(
        right=formats.count(counts[Mark.RIGHT]),
        wrong=formats.count(counts[Mark.WRONG]),
        noted=formats.count(counts[Mark.NOTE]),
        left=formats.count(left),
    )


def lines(sample: Sample, sampled: Sampled | None, *, mask: bool, full: bool) -> Iterator[str]:
    """A sample at a terminal: every record with what differs, or with all its fields."""
    partner = sample.place[0]
    yield head_words(sample)
    for one in sample.records:
        said = sampled.marks.get(one.key) if sampled else None
        head = f"{mark_words(said.mark if said else None)}  {entity_name(partner, one.entity)} {one.id}"
        yield f"{head}  ({strata_words(partner, one)})"
        yield f"    {state_words(one)}"
        if said is not None:
            yield f"    {marked_words(said, mask=mask)}"
        for side in one.sides:
            if full or (one.there and not side.same):
                sign = "=" if side.same else "≠"
                erp = value_words(side, erp=True, mask=mask)
                theirs = value_words(side, erp=False, mask=mask)
                yield f"    {sign} {field_name(partner, side.name)}: {erp} | {theirs}  ({side.rule})"
    if sampled is not None:
        yield counts_words(sampled)


def document(customer: str, sample: Sample, sampled: Sampled | None) -> dict[str, Any]:
    """A sample as scripts rely on it, in full."""
    partner, environment, use_case = sample.place
    return {
        "schema": 1,
        "customer": customer,
        "partner": partner,
        "environment": environment,
        "use_case": use_case,
        "seed": sample.wish.seed,
        "size": sample.wish.size,
        "total": sample.total,
        "strata": [
            {"sort": one.sort.value, "what": one.what, "value": one.value, "count": count}
            for one, count in sample.counts.items()
        ],
        "records": [_record(one, sampled) for one in sample.records],
    }


def _record(one: Beside, sampled: Sampled | None) -> dict[str, Any]:
    said = sampled.marks.get(one.key) if sampled else None
    return {
        "entity": one.entity,
        "id": one.id,
        "strata": [[each.sort.value, each.what, each.value] for each in one.strata],
        "there": one.there,
        "rule": one.rule,
        "reason": render(one.reason, language()) if one.reason else "",
        "differs": list(one.differs),
        "fields": [
            {
                "name": side.name, "erp": cell(side.erp), "partner": cell(side.partner), "same": side.same,
                "source": side.source, "rule": side.rule, "supplied": side.supplied,
            }
            for side in one.sides
        ],
        "mark": None if said is None else {
            "mark": said.mark.value, "who": said.who, "at": said.at.isoformat(), "note": said.note,
        },
    }  # fmt: skip
