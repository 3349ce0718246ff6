"""The assumed form of Immomio's tickets: whatever comes is read, or refused without showing any of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.immomio.tickets import FLOW
from connectors.immomio.wire_tickets import changes, path, ticket
from connectors.problems import Failure
from connectors.registry import partner
from connectors.ticketing import LeaseNumber, TicketSettings
from connectors.tickets import Head
from tests.connectors.partner_tickets_kit import AT, IMMOMIO_TICKET, JSON, node

SETTINGS = TicketSettings(separator="/", mandanten=("10",))
HEAD = {"ticketId": "T-1", "changedAt": AT, "deleted": False}


def test_a_list_out_of_order_is_refused_for_going_on_would_leave_something_out() -> None:
    later = {**HEAD, "changedAt": "2026-03-02T10:00:00+00:00"}
    with pytest.raises(Failure):
        changes(node({"items": [later, HEAD], "total": 2}), "")
    since = f"1@{later['changedAt']}"  # there it is an older one, delivered once more
    found = changes(node({"items": [HEAD, later], "total": 1}), since)
    assert (len(found.heads), found.cursor, found.more) == (2, since, False)


@pytest.mark.parametrize("cursor", ["", "x", "1@", "@2026-03-01", "1@yesterday", "9@9@9"])
def test_a_cursor_that_cannot_be_read_begins_at_the_beginning(cursor: str) -> None:
    assert changes(node({"items": [], "total": 0}), cursor).cursor == ""


@given(st.dictionaries(st.sampled_from(sorted(IMMOMIO_TICKET)), JSON))
def test_any_answer_is_a_ticket_or_a_failure_that_shows_none_of_it(changed: dict[str, Any]) -> None:
    problem = None
    try:
        found = ticket(node(IMMOMIO_TICKET | changed))
    except Failure as failure:
        problem = failure.problem
    if problem is None:
        assert found.created_at.tzinfo is not None
    else:
        assert problem.excerpt.partition(".")[0].partition("[")[0] in IMMOMIO_TICKET


@given(st.lists(st.dictionaries(st.sampled_from(sorted(HEAD)), JSON), max_size=3), JSON)
def test_any_list_is_a_page_or_a_failure(items: list[Any], total: Any) -> None:
    try:
        found = changes(node({"items": [HEAD | item for item in items], "total": total}), "")
    except Failure:
        return
    assert all(isinstance(head, Head) for head in found.heads)


@given(st.text(min_size=1, max_size=12))
def test_an_id_is_one_segment_of_an_address_whatever_it_is(id_: str) -> None:
    try:
        address = path(id_)
    except UnicodeEncodeError:  # half a surrogate pair
        return
    assert address.count("/") == 2
    assert address.rpartition("/")[2] not in ("", ".", "..")


@given(st.from_regex(r"[0-9A-Z-]{1,6}", fullmatch=True), st.from_regex(r"[0-9.]{1,8}", fullmatch=True))
def test_a_contract_is_named_and_read_alike(mandant: str, number: str) -> None:
    lease = LeaseNumber(mandant, number)
    named = FLOW.contract(lease, SETTINGS)
    assert FLOW.lease(ticket(node(IMMOMIO_TICKET | {"contract": named})), SETTINGS) == lease


@pytest.mark.parametrize("contract", ["", "10", "10//1", "10/1/2", "/1", "10/ 1"])
def test_a_contract_that_cannot_be_read_leads_nowhere(contract: str) -> None:
    assert FLOW.lease(ticket(node(IMMOMIO_TICKET | {"contract": contract})), SETTINGS) is None


def test_the_partner_declares_its_flow() -> None:
    assert partner("immomio").tickets is FLOW
