"""What the checks of tickets say before the first run, and what the settings refuse."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from connectors.bots4you.ticket_checks import category_origin
from connectors.contract import ALL, Capability, CheckContext, Page, Record, Scope, Verdict
from connectors.documents import ArchiveInfo
from connectors.housing import TicketCategory
from connectors.immomio.checks_tickets import TICKET_CHECKS, archive, extras, order, questions
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.settings import MasterDataSettings
from connectors.registry import partner
from connectors.ticket_checks import status_gaps
from connectors.ticketing import TICKETS, Ends, Hop, TicketSettings
from connectors.tickets import Status
from connectors.wrappers import WithArchive
from tests.connectors.partner_tickets_kit import TOPIC, Erp, told

STATUSES = {"10": "NEW", "20": "IN_PROGRESS", "90": "DONE"}
SETTINGS = TicketSettings(separator="/", mandanten="all", statuses=STATUSES)
CATALOGUE = (Status("10", "Neu"), Status("20", "In Bearbeitung"), Status("90", "Erledigt", final=True))
THERE = (Status("NEW", "Neu"), Status("IN_PROGRESS", "läuft"), Status("DONE", "fertig", final=True))


def context(settings: TicketSettings = SETTINGS, **more: Any) -> CheckContext:
    """A context with these settings."""
    return replace(CheckContext(None, None, settings), **more)


@dataclass(frozen=True)
class Shelf:
    """A reader of whatever it was given."""

    held: tuple[Any, ...]
    capabilities: frozenset[Capability] = frozenset({Capability.TICKET_CATEGORIES})
    name: str = "shelf"

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Any]]:
        """One page."""
        yield Page(self.held)


@pytest.mark.parametrize(
    ("statuses", "states", "verdict", "codes"),
    [
        (STATUSES, CATALOGUE, Verdict.OK, ["statuses_complete"]),
        ({"10": "NEW"}, CATALOGUE, Verdict.FAIL, ["statuses_gaps", "status_gap", "status_gap"]),
        (STATUSES | {"20": "GONE"}, CATALOGUE, Verdict.FAIL, ["statuses_gaps", "status_target"]),
        (STATUSES | {"90": "NEW"}, CATALOGUE, Verdict.WARN, ["statuses_doubtful", "status_end_lost"]),
        (STATUSES | {"20": "DONE"}, CATALOGUE, Verdict.WARN, ["statuses_doubtful", "status_end_early"]),
        (STATUSES | {"77": "NEW"}, CATALOGUE, Verdict.WARN, ["statuses_doubtful", "status_stale"]),
        ({}, (), Verdict.OK, ["statuses_complete"]),
    ],
)
async def test_every_state_of_the_erp_must_lead_somewhere(
    statuses: dict[str, str], states: tuple[Status, ...], verdict: Verdict, codes: list[str]
) -> None:
    ends: Any = Ends(erp=Erp(*states), partner=Erp(*THERE))  # type: ignore[arg-type]  # only states are asked for
    finding = await status_gaps(TOPIC, context(replace(SETTINGS, statuses=statuses), tickets=ends))
    assert (finding.verdict, told(finding)) == (verdict, codes)


async def test_without_both_ends_a_person_has_to_tell() -> None:
    for ends in (None, Ends(), Ends(erp=Erp())):  # type: ignore[arg-type]  # only states are asked for
        assert (await status_gaps(TOPIC, context(tickets=ends))).verdict is Verdict.MANUAL


ARCHIVED = replace(SETTINGS, archive="Mieter App", archive_index="Mietvertrags-Nr.")


@pytest.mark.parametrize(
    ("settings", "held", "verdict", "code"),
    [
        (SETTINGS, None, Verdict.FAIL, "ticket_archive_incomplete"),
        (ARCHIVED, None, Verdict.MANUAL, "ticket_archive_unseen"),
        (ARCHIVED, {"name": "Anderes"}, Verdict.FAIL, "ticket_archive_missing"),
        (ARCHIVED, {"name": "Mieter App", "indexes": ("Bemerkung",)}, Verdict.FAIL, "ticket_index_missing"),
        (ARCHIVED, {"linked": False}, Verdict.FAIL, "ticket_archive_unlinked"),
        (ARCHIVED, {"linked": None}, Verdict.MANUAL, "ticket_archive_link_unknown"),
        (ARCHIVED, {"linked": True}, Verdict.OK, "ticket_archive_ready"),
    ],
)
async def test_the_archive_for_attachments_must_be_ready(
    settings: TicketSettings, held: dict[str, Any] | None, verdict: Verdict, code: str
) -> None:
    like = {"name": "Mieter App", "indexes": ("Bemerkung", "Mietvertrags-Nr."), **(held or {})}
    erp: Any = Shelf(())
    there: Any = Shelf((ArchiveInfo(id="1", **like),), frozenset({Capability.ARCHIVE}))
    reader = WithArchive(erp, there) if held is not None else erp
    finding = await archive(context(settings, source=reader))
    assert (finding.verdict, told(finding)[0]) == (verdict, code)


@pytest.mark.parametrize(
    ("owner", "owned", "verdict"),
    [
        (None, 0, Verdict.FAIL),
        ("einzug", 0, Verdict.FAIL),
        ("einzug", 7, Verdict.OK),
        ("hub", 0, Verdict.OK),
    ],
)
async def test_tickets_come_after_master_data(owner: Any, owned: int, verdict: Verdict) -> None:
    agreed = {("immomio", "master-data"): MasterDataSettings("/", "all", owner=owner)} if owner else {}
    finding = await order(context(siblings=agreed, owned=owned))
    assert finding.verdict is verdict
    assert told(finding)


@pytest.mark.parametrize(
    ("extra", "version", "verdict"),
    [
        ({}, "source", Verdict.OK),
        ({"comments_to_erp": True, "damage_report": True}, "newest", Verdict.OK),
        ({"comments_to_erp": True}, "source", Verdict.FAIL),
        ({"damage_report": True}, "source", Verdict.FAIL),
    ],
)
async def test_what_only_the_newest_version_has_is_not_switched_on_in_another(
    extra: dict[str, Any], version: Any, verdict: Verdict
) -> None:
    options = ImmomioOptions(page_version=version)
    finding = await extras(context(replace(SETTINGS, **extra), options=options))
    assert finding.verdict is verdict
    assert len(told(finding)) == 1 + (len(extra) if verdict is Verdict.FAIL else 0)


async def test_only_a_person_knows_of_the_question_catalogue() -> None:
    finding = await questions(context())
    assert (finding.verdict, finding.rules) == (Verdict.MANUAL, ("I18",))
    assert told(finding)


@pytest.mark.parametrize(
    ("offered", "table", "verdict", "code"),
    [
        (("SCH",), {}, Verdict.OK, "ticket_categories_known"),
        ((), {}, Verdict.WARN, "ticket_categories_none"),
        (("SCH", "OLD", "OWN"), {}, Verdict.FAIL, "ticket_categories_foreign"),
        (("OWN",), {"OWN": "SCH"}, Verdict.OK, "ticket_categories_known"),
    ],
)
async def test_callers_choose_only_from_what_the_erp_takes(
    offered: tuple[str, ...], table: dict[str, str], verdict: Verdict, code: str
) -> None:
    erp: Any = Shelf(
        (
            TicketCategory(id="1", code="SCH", label="Schaden"),
            TicketCategory(id="2", code="OLD", label="Alt", active=False),
        )
    )
    there: Any = Shelf(tuple(Record("ticket_category", one, {"active": True}) for one in offered))
    settings = replace(SETTINGS, categories=table)
    finding = await category_origin(context(settings, source=erp, target=there))
    assert (finding.verdict, told(finding)[0]) == (verdict, code)
    assert (await category_origin(context(settings))).verdict is Verdict.MANUAL


def test_the_checks_belong_to_the_use_case_tickets() -> None:
    for key in ("bots4you", "immomio"):
        mine = [check for check in partner(key).checks if check.use_case == TICKETS]
        assert {check.key.partition(".")[0] for check in mine} == {key}
    assert set(TICKET_CHECKS) <= set(partner("immomio").checks)


# --- settings ---


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"separator": "+"}, "separator"),
        ({"mandanten": ()}, "mandanten"),
        ({"statuses": {"": "NEW"}}, "statuses"),
        ({"categories": {"a": " "}}, "categories"),
        ({"interval_s": 9}, "interval_s"),
        ({"expected": {"tickets": 900}}, "expected"),
        ({"expected": {"ticket": 0}}, "expected"),
        ({"owner": "nobody"}, "owner"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        replace(SETTINGS, **wrong)


def test_each_hop_is_due_after_the_interval_or_after_its_own_time() -> None:
    settings = replace(SETTINGS, interval_s=600, expected={"link": 3600})
    assert (settings.expected_s(Hop.LINK), settings.expected_s(Hop.STATUS)) == (3600, 600)


def test_a_category_without_an_entry_is_the_same_in_the_erp() -> None:
    settings = replace(SETTINGS, categories={"HEATING": "SCH-HEIZ"})
    assert (settings.category("HEATING"), settings.category("SCH-SAN")) == ("SCH-HEIZ", "SCH-SAN")
