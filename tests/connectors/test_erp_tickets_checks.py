"""The preconditions of tickets in the ERP, as findings (rules I15 to I17)."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.contract import Finding, Verdict
from connectors.texts import render
from connectors.tickets import ErpTerms
from tests.connectors.erp_tickets_kit import Desk, desk

USABLE = frozenset({"SCH-HEIZ", "SCH-SAN", "ANL-BESCH"})


async def checked(erp: Desk) -> dict[str, Finding]:
    findings = {finding.key: finding for finding in await erp.side.check()}
    for finding in findings.values():
        for text in (finding.evidence, *finding.details):
            assert all(render(text, language) for language in ("de", "en"))
    return findings


async def verdicts(terms: ErpTerms, *faults: str) -> dict[str, Verdict]:
    async with desk(*faults, terms=terms) as erp:
        return {key: finding.verdict for key, finding in (await checked(erp)).items()}


async def test_a_sound_agreement_passes_every_check_without_writing() -> None:
    async with desk(terms=ErpTerms("IMMOMIO", USABLE, "immomio")) as erp:
        found = await checked(erp)
        assert {key: finding.verdict for key, finding in found.items()} == {
            "erp.ticket_rights": Verdict.OK,
            "erp.ticket_statuses": Verdict.OK,
            "erp.ticket_features": Verdict.OK,
            "erp.ticket_kinds": Verdict.OK,
            "erp.ticket_user": Verdict.OK,
        }
        assert found["erp.ticket_statuses"].evidence.args["final"] == 2
        assert erp.requests("P") == 0


async def test_each_offered_type_with_mandatory_features_is_named() -> None:
    async with desk(terms=ErpTerms("IMMOMIO")) as erp:
        found = (await checked(erp))["erp.ticket_features"]
        assert (found.verdict, found.count) == (Verdict.FAIL, 2)
        assert [detail.args for detail in found.details] == [
            {"category": "ANL-BANK", "feature": "IBAN geprüft"},
            {"category": "SCH-AUFZ", "feature": "Aufzugsnummer"},
            {"category": "SCH-AUFZ", "feature": "Personen eingeschlossen"},
        ]


async def test_offered_types_that_are_missing_or_switched_off_are_named() -> None:
    async with desk(terms=ErpTerms("IMMOMIO", frozenset({"SCH-ALT", "nope", "SCH-HEIZ"}))) as erp:
        found = (await checked(erp))["erp.ticket_features"]
        assert (found.verdict, found.count) == (Verdict.FAIL, 2)
        assert [detail.args["category"] for detail in found.details] == ["SCH-ALT", "nope"]


@pytest.mark.parametrize(
    ("categories", "lacking"),
    [
        ({"SCH-HEIZ"}, ["erp.ticket_kind_request"]),
        ({"ANL-BK", "SCH-AUFZ"}, ["erp.ticket_kind_damage"]),
        ({"nope"}, ["erp.ticket_kind_request", "erp.ticket_kind_damage"]),
    ],
)
async def test_requests_and_damages_are_both_covered(categories: set[str], lacking: list[str]) -> None:
    async with desk(terms=ErpTerms("IMMOMIO", frozenset(categories))) as erp:
        found = (await checked(erp))["erp.ticket_kinds"]
        assert (found.verdict, [detail.code for detail in found.details]) == (Verdict.FAIL, lacking)


@pytest.mark.parametrize(
    ("user", "code"),
    [("IMMOMIO", "erp.ticket_user_known"), ("NIEMAND", "erp.ticket_user_unknown"), ("EINZUG", "locked")],
)
async def test_the_api_user_is_known_and_not_locked(user: str, code: str) -> None:
    async with desk(terms=ErpTerms("IMMOMIO", user=user)) as erp:
        erp.sandbox.act("user", {"op": "update", "id": "EINZUG", "fields": {"active": False}})
        found = (await checked(erp))["erp.ticket_user"]
        assert found.evidence.code.endswith(code)
        assert (found.verdict is Verdict.OK) == (user == "IMMOMIO")


async def test_an_unknown_source_is_a_finding() -> None:
    assert (await verdicts(ErpTerms("FAX")))["erp.ticket_statuses"] is Verdict.FAIL


@pytest.mark.parametrize("denied", ["CommunicationRead", "CommunicationCatalog", "hub"])
async def test_a_missing_right_is_named(denied: str) -> None:
    async with desk() as erp:
        erp.sandbox.act("rights", {"deny": denied})
        found = (await checked(erp))["erp.ticket_rights"]
        assert (found.verdict, found.count) == (Verdict.FAIL, 1)
        assert denied in str(found.details[0].args["where"])


@pytest.mark.parametrize("fault", ["erp:503", "erp:malformed,processed=yes", "erp:cut"])
async def test_a_check_never_raises_but_tells_what_went_wrong(fault: str) -> None:
    found: dict[str, Any] = await verdicts(ErpTerms("IMMOMIO", user="IMMOMIO"), fault)
    assert set(found.values()) == {Verdict.FAIL}
