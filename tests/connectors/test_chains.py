"""Chains: the first link that does not hold decides, objects are grouped by what mends them, and what a
person said counts only as long as nothing was written since."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.chains import ChainContext, ChainRow, Confirmation, LinkState, LinkVerdict, groups
from connectors.contract import Connector

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MAILBOX = "vermietung@example.org"
LINKS = ("contact", "booking", "sent")


def row(id_: str, *states: LinkState, cause: str = "") -> ChainRow:
    links = (LinkVerdict(key, state, cause=cause) for key, state in zip(LINKS, states, strict=False))
    return ChainRow(id_, id_, tuple(links))


def context(said: datetime, **changed: datetime) -> ChainContext:
    written: dict[tuple[str, str], datetime] = {("estate", id_): at for id_, at in changed.items()}
    confirmed = {("booking", MAILBOX): Confirmation(holds=True, at=said)}
    return ChainContext(cast("Connector", None), cast("Any", None), NOON, confirmed, written)


def test_the_first_link_that_does_not_hold_decides() -> None:
    broken = row("1", LinkState.OK, LinkState.BROKEN, LinkState.AFTER)
    assert broken.first is not None
    assert (broken.first.link, broken.state) == ("booking", LinkState.BROKEN)
    assert row("2", LinkState.OK, LinkState.OK).state is LinkState.OK


def test_objects_with_one_cause_are_one_group_and_the_largest_comes_first() -> None:
    rows = [row("1", LinkState.BROKEN)]
    rows += [row(str(n), LinkState.OK, LinkState.UNCONFIRMED, cause=MAILBOX) for n in range(2, 5)]
    rows += [row("9", LinkState.OK, LinkState.UNCONFIRMED, cause="other"), row("0", LinkState.OK)]
    assert [(one.verdict.link, [held.id for held in one.rows]) for one in groups(rows)] == [
        ("booking", ["2", "3", "4"]),
        ("contact", ["1"]),
        ("booking", ["9"]),
    ]


@given(st.lists(st.tuples(st.sampled_from(LinkState), st.sampled_from(["", "a", "b"])), max_size=20))
def test_every_object_that_does_not_hold_is_in_exactly_one_group(found: list[tuple[LinkState, str]]) -> None:
    rows = [row(str(n), state, cause=cause) for n, (state, cause) in enumerate(found)]
    grouped = [held.id for one in groups(rows) for held in one.rows]
    assert sorted(grouped) == sorted(one.id for one in rows if one.state is not LinkState.OK)


@pytest.mark.parametrize(("minutes", "counts"), [(-1, True), (0, False), (1, False)])
def test_a_confirmation_counts_until_one_of_its_records_is_written(minutes: int, counts: bool) -> None:
    here = context(NOON, e1=NOON + timedelta(minutes=minutes), e2=NOON - timedelta(days=1))
    assert (here.confirmation("booking", MAILBOX, ("estate", "e1"), ("estate", "e2")) is not None) is counts


def test_a_confirmation_is_of_one_link_and_one_subject() -> None:
    here = context(NOON, e1=NOON + timedelta(days=1))
    assert here.confirmation("booking", MAILBOX) is not None
    assert here.confirmation("booking", MAILBOX, ("address", "e1")) is not None
    assert here.confirmation("sent", MAILBOX) is None
    assert here.confirmation("booking", "other@example.org") is None
