"""The ERP's side of the ticket flow over real HTTP, against the ERP sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from connectors.erp import tickets_hub
from connectors.erp.sandbox_tickets import BORN
from connectors.erp.session import Session
from connectors.erp.source import FILES
from connectors.housing import CategoryKind
from connectors.http import Call
from connectors.problems import Arrival, Failure, Trouble
from connectors.texts import meaning, todo
from connectors.tickets import REFUSALS, Author, Can, CategoryState, ErpTerms, LeaseState, TicketFile
from tests.connectors.erp_tickets_kit import AT, COMPANY, ENDED, RUNNING, Desk, desk, draft

FILE = TicketFile("900", "Foto Flur/ä.jpg", 12, "0123456789abcdef0123456789abcdef")
ODD = "IMMOMIO:a/b ]%ö\n[einzug X] 7"

WRITES: dict[str, tuple[str, str, Callable[[Desk, str], Awaitable[object]]]] = {
    "create": ("POST", "/Ticket", lambda erp, _: erp.side.create(draft("IMMOMIO:2"))),
    "comment": ("POST", "/AddComment", lambda erp, made: erp.side.comment(made, "Hallo", "Erika")),
    "category": ("PUT", "/category", lambda erp, made: erp.side.set_category(made, "SCH-SAN")),
    "link": ("PUT", "/documents/900", lambda erp, made: erp.side.link(made, FILE)),
    "damage report": ("PUT", "/damage-report", lambda erp, made: erp.side.damage_report(made)),
}


async def refused(call: Awaitable[object]) -> Failure:
    with pytest.raises(Failure) as caught:
        await call
    assert meaning(caught.value.problem)
    return caught.value


async def test_a_ticket_is_made_with_lease_source_text_and_time_and_read_back_whole() -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert (ticket.id, ticket.reference, ticket.from_api) == (made, "IMMOMIO:4711", True)
        assert (ticket.contract, ticket.mandant) == (RUNNING[0].number, RUNNING[0].mandant)
        assert (ticket.subject, ticket.text) == ("Heizung", "Die Heizung bleibt kalt.\nSeit gestern.")
        assert (ticket.created_at, ticket.status, ticket.category) == (AT, "10", "")
        [row] = [row for row in erp.sandbox.state("ticket") if row["id"] == made]
        assert (row["source"], row["lease"]) == ("IMMOMIO", RUNNING[0].id)
        assert "[einzug IMMOMIO:4711 2026-03-01T08:15:00+00:00]" in row["content"]


async def test_making_costs_one_write_and_one_look_up_of_the_lease_however_often_it_was_asked() -> None:
    async with desk() as erp:
        await erp.side.create(draft())
        before = erp.requests()
        second = RUNNING[1]
        assert await erp.side.lease(second.number, second.mandant) is LeaseState.RUNNING
        assert await erp.side.category("SCH-SAN") is CategoryState.USABLE
        await erp.side.create(draft("IMMOMIO:2", second, category="SCH-SAN"))
        assert erp.requests() - before == 2
        assert erp.requests("POST") == 2


async def test_a_category_is_set_apart_and_gives_the_kind() -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        for _ in range(2):
            await erp.side.set_category(made, "SCH-HEIZ")
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert (ticket.category, ticket.kind) == ("SCH-HEIZ", CategoryKind.DAMAGE)


@pytest.mark.parametrize("reference", ["IMMOMIO:4711", ODD, "x", "B:100%", "Ä"])
async def test_a_ticket_is_found_by_its_reference_whatever_signs_it_has(reference: str) -> None:
    async with desk() as erp:
        await erp.side.create(draft("IMMOMIO:other"))
        made = await erp.side.create(draft(reference, text="[einzug IMMOMIO:other]"))
        found = await erp.side.find(reference)
        assert found is not None
        assert (found.id, found.reference, found.text) == (made, reference, "[einzug IMMOMIO:other]")
        assert await erp.side.find("IMMOMIO:unknown") is None
        assert await erp.side.find("") is None
        meant = await erp.side.find_made(lambda named, at: named == reference and at == draft().created_at)
        assert meant is not None
        assert meant.id == made
        assert (
            await erp.side.find_made(lambda named, at: named == reference and at < draft().created_at) is None
        )


async def test_a_ticket_of_another_source_is_not_found() -> None:
    async with desk() as erp:
        erp.act("create", fields={"source": "BOTS4YOU", "text": "[einzug IMMOMIO:1]"})
        assert await erp.side.find("IMMOMIO:1") is None
        ours = erp.act("create", fields={"source": "IMMOMIO", "text": "[einzug IMMOMIO:1]"})
        found = await erp.side.find("IMMOMIO:1")
        assert found is not None
        assert found.id == ours["id"]


async def test_a_ticket_that_moves_up_between_two_pages_is_found_all_the_same() -> None:
    async with desk() as erp:
        made = [
            erp.act("create", fields={"source": "IMMOMIO", "text": f"[einzug IMMOMIO:{number}]"})["id"]
            for number in range(105)
        ]

        def delete(call: Call) -> None:
            if call.path.endswith("CommunicationRead/Ticket") and len(made) > 100:
                erp.act("delete", id=made.pop(0))
                erp.act("delete", id=made.pop(0))

        erp.log.on_call = delete
        found = await erp.side.find("IMMOMIO:99")  # on the second page before, on the first after
        assert found is not None
        assert len(made) < 105


async def test_a_create_whose_answer_is_lost_is_perhaps_there_and_found_exactly_once() -> None:
    async with desk("erp:cut-after,path=*/CommunicationEdit/Ticket,count=1") as erp:
        failure = await refused(erp.side.create(draft(ODD)))
        assert failure.problem.arrival is Arrival.PERHAPS
        found = await erp.side.find(ODD)
        assert found is not None
        assert found.reference == ODD
        assert erp.counts()["created_by_api"] == 1


async def test_a_create_that_never_arrived_is_not_found() -> None:
    async with desk("erp:cut,path=*/CommunicationEdit/Ticket,count=1") as erp:
        failure = await refused(erp.side.create(draft()))
        assert failure.problem.arrival is Arrival.PERHAPS
        assert await erp.side.find("IMMOMIO:4711") is None
        assert "created_by_api" not in erp.counts()


async def test_comments_bear_their_author_in_the_text_and_are_told_from_those_of_clerks() -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        first = await erp.side.comment(made, "Noch immer kalt.\nBitte heute!", "Erika  Muster")
        erp.clock.advance(60)
        erp.act("comment", id=made, text="Der Monteur kommt.", name="Frau Amt")
        erp.act("comment", id=made, text="Schuldet Miete.", visible=False)
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert [(c.author, c.text, c.name, c.visible) for c in ticket.comments] == [
            (Author.API, "Noch immer kalt.\nBitte heute!", "Erika Muster", True),
            (Author.CLERK, "Der Monteur kommt.", "Frau Amt", True),
            (Author.CLERK, "Schuldet Miete.", "Sachbearbeitung", False),
        ]
        assert ticket.comments[0].id == first
        assert erp.counts()["comments_by_api"] == 1


async def test_an_internal_word_that_falls_between_the_two_requests_is_not_taken_for_a_public_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        asked = tickets_hub.detail
        said = iter(["Schuldet Miete."])

        async def and_then_a_clerk_writes(session: Session, id_: str) -> tickets_hub.Detail | None:
            detail = await asked(session, id_)
            for text in said:
                erp.act("comment", id=made, text=text, visible=False)
            return detail

        monkeypatch.setattr(tickets_hub, "detail", and_then_a_clerk_writes)
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert [(c.text, c.visible) for c in ticket.comments] == [("Schuldet Miete.", False)]


async def test_a_comment_whose_answer_is_lost_stands_there_once() -> None:
    async with desk("erp:cut-after,path=*/AddComment,count=1") as erp:
        made = await erp.side.create(draft())
        failure = await refused(erp.side.comment(made, "Hallo", "Erika Muster"))
        assert failure.problem.arrival is Arrival.PERHAPS
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert [(c.author, c.text) for c in ticket.comments] == [(Author.API, "Hallo")]


async def test_changes_come_oldest_first_page_by_page_and_cost_one_request_when_nothing_changed() -> None:
    async with desk() as erp:
        for _ in range(110):
            erp.act("create", fields={})
        page = await erp.side.changes()
        rest = await erp.side.changes(page.cursor)
        assert (len(page.heads), page.more) == (100, True)
        assert (len(rest.heads), rest.more) == (10 + len(BORN), False)
        times = [head.changed_at for head in (*page.heads, *rest.heads)]
        assert times == sorted(set(times))
        assert {head.from_api for head in (*page.heads, *rest.heads)} == {False}
        before = erp.requests()
        idle = await erp.side.changes(rest.cursor)
        assert (idle.heads, idle.cursor, idle.more) == ((), rest.cursor, False)
        assert erp.requests() - before == 1


async def test_each_act_of_a_clerk_shows_once_at_its_last_change() -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        cursor = (await erp.side.changes()).cursor
        erp.act("status", id=made, status="20")
        erp.act("status", id=made, status="90")
        erp.act("reopen", id=made)
        [head] = (await erp.side.changes(cursor)).heads
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert (head.id, head.changed_at, head.from_api) == (made, ticket.changed_at, True)
        assert ticket.status == "20"


async def test_a_deleted_ticket_is_gone_and_a_merged_one_says_into_which() -> None:
    async with desk() as erp:
        lost, kept = await erp.side.create(draft()), await erp.side.create(draft("IMMOMIO:2"))
        deleted = await erp.side.create(draft("IMMOMIO:3"))
        await erp.side.comment(lost, "Hallo", "")
        cursor = (await erp.side.changes()).cursor
        erp.act("merge", id=lost, into=kept)
        erp.act("delete", id=deleted)
        heads = {head.id: head for head in (await erp.side.changes(cursor)).heads}
        assert (heads[lost].gone, heads[lost].merged_into) == (True, kept)
        assert (heads[deleted].gone, heads[deleted].merged_into) == (True, "")
        assert not heads[kept].gone
        assert await erp.side.get(lost) is None
        assert await erp.side.get(deleted) is None
        taken_over = await erp.side.get(kept)
        assert taken_over is not None
        assert [c.text for c in taken_over.comments] == ["Hallo"]


async def test_documents_and_damage_reports_are_linked_once() -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        await erp.side.set_category(made, "SCH-HEIZ")
        for _ in range(2):
            await erp.side.link(made, FILE)
        numbers = {await erp.side.damage_report(made) for _ in range(2)}
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert ticket.files == (FILE,)
        assert numbers == {ticket.damage_report}
        assert erp.counts()["damage_reports"] == 1


async def test_only_what_lies_in_the_archive_is_shown_and_as_it_lies_there() -> None:
    archive = {"900": {"name": "Foto.jpg", "bytes": 9, "md5": "f" * 32}}
    async with desk(documents=archive.get) as erp:
        made = await erp.side.create(draft())
        await erp.side.link(made, FILE)
        failure = await refused(erp.side.link(made, TicketFile("901", "x", 1)))
        ticket = await erp.side.get(made)
        assert ticket is not None
        assert ticket.files == (TicketFile("900", "Foto.jpg", 9, "f" * 32),)
        assert (failure.problem.code, failure.problem.where) == ("erp.ticket_document_unknown", "901")


async def test_a_cursor_that_the_hub_does_not_know_is_named() -> None:
    async with desk() as erp:
        assert (await refused(erp.side.changes("gestern"))).problem.code == "erp.bad_cursor"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"contract": "nope"}, "erp.ticket_lease_unknown"),
        ({"contract": ""}, "erp.ticket_lease_unknown"),
        ({"lease": ENDED[0]}, "erp.ticket_lease_ended"),
        ({"mandant": "99"}, "erp.ticket_lease_other_mandant"),
        ({"category": "nope"}, "erp.ticket_category_unknown"),
        ({"category": ""}, "erp.ticket_category_unknown"),
        ({"category": "SCH-ALT"}, "erp.ticket_category_unknown"),
        ({"category": "SCH-AUFZ"}, "erp.ticket_category_mandatory"),
    ],
)
async def test_what_the_erp_cannot_take_is_refused_by_name_before_anything_is_written(
    fields: dict[str, object], code: str
) -> None:
    async with desk() as erp:
        failure = await refused(erp.side.create(draft(**fields)))  # type: ignore[arg-type]  # from the table
        assert (failure.problem.code, failure.problem.arrival) == (code, Arrival.NEVER)
        assert failure.problem.code in REFUSALS
        assert todo(failure.problem)
        assert erp.requests("POST") == 0


async def test_a_contract_number_that_several_leases_bear_is_nobodys() -> None:
    first = RUNNING[0]
    same = next(lease for lease in RUNNING[1:] if lease.mandant == first.mandant)
    other = next(lease for lease in RUNNING if lease.mandant != first.mandant)
    for second, states in (
        (same, (LeaseState.AMBIGUOUS, LeaseState.AMBIGUOUS)),
        (other, (LeaseState.RUNNING, LeaseState.AMBIGUOUS)),
    ):
        async with desk() as erp:
            erp.sandbox.act("lease", {"op": "update", "id": second.id, "fields": {"number": first.number}})
            assert await erp.side.lease(first.number, first.mandant) is states[0]
            assert await erp.side.lease(first.number, "") is states[1]


async def test_the_mandant_is_asked_for_only_where_it_is_known() -> None:
    async with desk() as erp:
        assert await erp.side.lease(RUNNING[0].number, "") is LeaseState.RUNNING
        assert await erp.side.lease(f" {RUNNING[0].number} ", "99") is LeaseState.OTHER_MANDANT
        vacant = next(lease for lease in COMPANY.leases if lease.is_vacancy and lease.number)
        assert await erp.side.lease(vacant.number, "") is LeaseState.UNKNOWN


async def test_a_cause_that_was_mended_is_seen_at_once() -> None:
    async with desk() as erp:
        assert await erp.side.category("SCH-AUFZ") is CategoryState.MANDATORY
        free = {"op": "update", "id": "SCH-AUFZ", "fields": {"mandatory_features": []}}
        erp.sandbox.act("ticket_category", free)
        assert await erp.side.category("SCH-AUFZ") is CategoryState.USABLE
        lease = ENDED[0]
        assert await erp.side.lease(lease.number, lease.mandant) is LeaseState.ENDED
        again = {"end": None, "status": "AKTIV"}
        erp.sandbox.act("lease", {"op": "update", "id": lease.id, "fields": again})
        assert await erp.side.lease(lease.number, lease.mandant) is LeaseState.RUNNING


@pytest.mark.parametrize(
    ("category", "code"),
    [("SCH-AUFZ", "erp.ticket_category_mandatory"), ("x", "erp.ticket_category_unknown")],
)
async def test_a_category_that_the_erp_refuses_is_refused_by_name(category: str, code: str) -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        assert (await refused(erp.side.set_category(made, category))).problem.code == code


async def test_the_states_are_those_of_the_configured_source() -> None:
    async with desk() as erp:
        states = await erp.side.statuses()
        assert [s.code for s in states] == ["10", "20", "30", "40", "90", "95"]
        assert [s.label for s in states if s.final] == ["Erledigt", "Abgelehnt"]
    async with desk(terms=ErpTerms("FAX")) as erp:
        for call in (erp.side.statuses(), erp.side.find("x"), erp.side.create(draft())):
            assert (await refused(call)).problem.code == "erp.ticket_source_unknown"


async def drained(erp: Desk) -> None:
    async for _ in erp.side.fetch("7", FILE):
        pass


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda erp: erp.side.set_status("7", "20"), "erp.ticket_status_by_clerk"),
        (lambda erp: erp.side.remove("7"), "erp.ticket_deleted_by_clerk"),
        (drained, "erp.ticket_file_in_archive"),
    ],
)
async def test_what_only_clerks_may_do_is_refused_without_a_request(
    call: Callable[[Desk], Awaitable[None]], code: str
) -> None:
    async with desk() as erp:
        assert (await refused(call(erp))).problem.code == code
        assert erp.requests() == 0
        assert erp.side.abilities == {Can.CREATE, Can.COMMENTS, Can.FILES}


async def test_a_ticket_without_a_reference_is_never_made() -> None:
    async with desk() as erp:
        with pytest.raises(ValueError, match="id"):
            await erp.side.create(draft(""))
        assert erp.requests() == 0


async def test_an_expired_token_is_renewed_and_the_ticket_made_once() -> None:
    async with desk() as erp:
        await erp.side.create(draft())
        erp.clock.advance(timedelta(hours=2).total_seconds())
        await erp.side.create(draft("IMMOMIO:2"))
        assert erp.counts()["created_by_api"] == 2


@pytest.mark.parametrize(
    ("fault", "trouble", "arrival"),
    [
        ("429,retry_after=0", Trouble.LIMIT, Arrival.NEVER),
        ("403,processed=no", Trouble.RIGHTS, Arrival.NEVER),
        ("503,processed=no", Trouble.UNAVAILABLE, Arrival.NEVER),
        ("500,processed=yes", Trouble.UNAVAILABLE, Arrival.PERHAPS),
        ("malformed,processed=yes", Trouble.PAYLOAD, Arrival.PERHAPS),
        ("html,processed=yes", Trouble.PAYLOAD, Arrival.PERHAPS),
        ("truncate,bytes=3", Trouble.UNREACHABLE, Arrival.PERHAPS),
    ],
)
@pytest.mark.parametrize("write", WRITES)
async def test_every_fault_says_whether_the_write_may_have_happened(
    fault: str, trouble: Trouble, arrival: Arrival, write: str
) -> None:
    async with desk() as erp:
        made = await erp.side.create(draft())
        await erp.side.set_category(made, "SCH-HEIZ")
        method, path, send = WRITES[write]
        await erp.arm(f"erp:{fault},method={method},path=*{path},count=1")
        failure = await refused(send(erp, made))
        assert (failure.problem.trouble, failure.problem.arrival) == (trouble, arrival)


async def test_files_know_no_tickets() -> None:
    assert FILES.tickets is None
