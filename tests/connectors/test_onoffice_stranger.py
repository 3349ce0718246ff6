"""The connector against an onOffice that somebody else wrote: the same findings in every form of answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.chains import ChainContext
from connectors.contract import CheckContext, Record, Result, Verdict
from connectors.http import CallLog
from connectors.onoffice.chain import OBJECTS
from connectors.onoffice.checks import CHECKS
from connectors.onoffice.connector import OnOffice, connect
from connectors.onoffice.contact_chain import CONTACT_CHAIN
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.options import OnOfficeOptions
from connectors.partner import Connection
from tests.connectors.onoffice_kit import CALM, update
from tests.connectors.onoffice_stranger import SECRET, TOKEN, Stranger, served

SETTINGS = ContactChainSettings(api_user="einzug-api", emails={"10504": "vermietung@example.org"})
FORMS: list[dict[str, Any]] = [
    {},
    {"root": 500},
    {"texts": False, "gaps": False},
    {"entries": "live", "root": 500},
    {"admin": True, "gaps": False},
]


def account(**form: Any) -> Stranger:
    """Four system users, one of them no broker, one without e-mail, one archived; and what is let."""

    def person(id_: int, *types: str, email: str = "", **more: Any) -> dict[str, Any]:
        entries = [(email, True)] if email else []
        told = {
            "KdNr": str(id_ - 9300),
            "Vorname": "Mia",
            "Name": f"Kern/{id_}",
            "Aenderung": "2026-01-08 09:12:44",
        }
        return {"types": list(types), "entries": entries, "Status2Adr": "status2adr_active", **told, **more}

    def flat(id_: int, *contacts: int, **more: Any) -> dict[str, Any]:
        told = {"objektnr_extern": f"M-{id_}", "vermarktungsart": "miete", "status": "1", "verkauft": "0"}
        more = {"geaendert_am": "2026-01-08 09:12:44", "reserviert": "0", "stammobjekt": "0", **more}
        return {"contacts": list(contacts), "benutzer": "21", **told, **more}

    def login(nr: int, name: str, address: str, online: str = "1") -> dict[str, str]:
        return {"Nr": str(nr), "Name": name, "adrId:adressen.ID": address, "online": online}

    return Stranger(
        {
            10501: person(10501, "Systembenutzer", "Makler", email="a@example.org"),
            10502: person(10502, "Eigentümer", "Systembenutzer", email="b@example.org"),
            10503: person(
                10503, "Systembenutzer", "Makler", email="c@example.org", Status2Adr="status2adr_archive"
            ),
            10504: person(10504, "Systembenutzer", "Makler"),
            10599: person(10599, "Makler", email="fremd@example.com"),
        },
        {
            48: flat(48, 10501),
            49: flat(49, 10502),
            50: flat(50),
            51: flat(51, 10501, 10599),
            52: flat(52, 10503),
            53: flat(53, 10504),
            60: flat(60, 10501, vermarktungsart="kauf"),
            61: flat(61, 10501, status="2"),
            62: flat(62, 10501, verkauft="1"),
            63: flat(63, stammobjekt="1"),
        },
        {
            21: login(21, "mkern", "10501"),
            22: login(22, "bkern", "10502"),
            23: login(23, "ckern", "10503", "0"),
            24: login(24, "dkern", "10504"),
            30: login(30, "einzug-api", ""),
        },
        **form,
    )


@asynccontextmanager
async def connected(stranger: Stranger) -> AsyncIterator[OnOffice]:
    """A connector to it."""
    with served(stranger) as url:
        secrets = {"token": TOKEN, "secret": SECRET}
        options = OnOfficeOptions(requests_per_second=500, burst=500)
        place = Connection("muster", "onoffice", "practice", url, secrets, options, CALM, CallLog())
        connector = connect(place)
        try:
            yield connector
        finally:
            await connector.aclose()


@pytest.mark.parametrize("form", FORMS)
async def test_the_connection_is_told_with_what_can_be_seen(form: dict[str, Any]) -> None:
    async with connected(account(**form)) as connector:
        (found,) = await connector.check()
        assert (found.verdict, found.evidence.args) == (
            Verdict.OK,
            {"address": 5, "estate": 10, "user": 5},
        )


@pytest.mark.parametrize("form", FORMS)
async def test_every_check_finds_what_is_wrong_and_nothing_else(form: dict[str, Any]) -> None:
    async with connected(account(**form)) as connector:
        context = CheckContext(source=None, target=connector, settings=SETTINGS)
        found = {check.key.removeprefix("onoffice."): await check.run(context) for check in CHECKS}
        not_ok = {
            key: (one.verdict.value, one.count) for key, one in found.items() if one.verdict is not Verdict.OK
        }
        assert not_ok == {
            **({} if form.get("admin") else {"read_rights": ("warn", 1)}),
            "ended_users": ("fail", 1),
            "broker_flag": ("fail", 1),
            "email": ("fail", 1),
            "contacts": ("warn", 5),
            "no_contact": ("fail", 1),
            "contact_no_broker": ("fail", 1),
            "several_contacts": ("warn", 1),
            "contact_email": ("fail", 1),
            "ended_contact": ("fail", 1),
            "outside_contact": ("warn", 1),
            "booking": ("manual", 3),
            "quota": ("manual", 3),
            "mailbox_kind": ("manual", 3),
            "transmission": ("manual", 0),
        }
        key = found["broker_key"].evidence
        assert (key.code, key.args["label"]) == ("onoffice.key_renamed", "Mitarbeiter")


@pytest.mark.parametrize("form", FORMS)
async def test_the_chain_breaks_where_it_does(form: dict[str, Any]) -> None:
    async with connected(account(**form)) as connector:
        reading = await OBJECTS.read(ChainContext(connector, SETTINGS, datetime.now(UTC)))
        firsts = {
            row.id: (row.first.link, row.first.cause.split(":")[0]) for row in reading.rows if row.first
        }
        assert firsts == {
            "48": ("booking", "a@example.org"),
            "49": ("broker", "not_broker"),
            "50": ("contact", "no_contact"),
            "51": ("contact", "several_contacts"),
            "52": ("system_user", "archived"),
            "53": ("email", "not_default"),
        }


@pytest.mark.parametrize("form", FORMS)
async def test_a_plan_written_record_by_record_leaves_what_it_said_and_nothing_else(
    form: dict[str, Any],
) -> None:
    stranger = account(**form)
    async with connected(stranger) as connector:
        actual = {(one.entity, one.id): one async for one in CONTACT_CHAIN.actual(connector, SETTINGS)}
        changes = [
            update(one.entity, one.id, actual[one.entity, one.id].fields, **one.fields)
            async for one in CONTACT_CHAIN.desired(connector, SETTINGS)
            if isinstance(one, Record) and one.fields != actual[one.entity, one.id].fields
        ]
        assert {change.id for change in changes} == {"10502", "10504", "49", "51"}
        for change in changes:
            outcome = await connector.apply(change)
            already = change.id == "49"  # who has become a broker is one there as well
            assert (outcome.result, outcome.problem) == (Result.ALREADY if already else Result.DONE, None)
        assert stranger.addresses[10502]["types"] == ["Eigentümer", "Systembenutzer", "Makler"]
        assert stranger.addresses[10504]["entries"] == [("vermietung@example.org", True)]
        contacts = {id_: one["contacts"] for id_, one in stranger.estates.items()}
        assert {id_: contacts[id_] for id_ in (48, 49, 51)} == {48: [10501], 49: [10502], 51: [10501]}
        for change in changes:  # an undo is a plan as well, and comes in the same order
            back = update(change.entity, change.id, change.after, **dict(change.before or {}))
            assert (await connector.apply(back)).ok
        before = account(**form)
        assert {id_: one["types"] for id_, one in stranger.addresses.items()} == {
            id_: one["types"] for id_, one in before.addresses.items()
        }
        assert {id_: set(one["contacts"]) for id_, one in stranger.estates.items()} == {
            id_: set(one["contacts"]) for id_, one in before.estates.items()
        }
        assert not any(default for _, default in stranger.addresses[10504]["entries"])


@pytest.mark.parametrize("form", FORMS)
async def test_what_it_refuses_is_an_outcome_with_its_own_problem(form: dict[str, Any]) -> None:
    stranger = account(**form)
    async with connected(stranger) as connector:
        link = update("estate", "50", {"contact_persons": ()}, contact_persons=("10502",))
        outcome = await connector.apply(link)
        assert outcome.problem is not None
        assert (outcome.result, outcome.problem.code) == (Result.REJECTED, "onoffice.not_broker")
        gone = update("address", "4711", None, contact_types=("Makler",))
        outcome = await connector.apply(gone)
        assert outcome.problem is not None
        assert (outcome.result, outcome.problem.code) == (Result.REJECTED, "onoffice.unknown_record")
        assert stranger.estates[50]["contacts"] == []
