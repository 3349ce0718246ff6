"""Vacancies, users and files of both ERP sources: the same company gives the same, whatever is in the way."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from connectors.contract import Capability, Files, Scope, Verdict
from connectors.erp import hub
from connectors.erp.files import FilesOptions, FilesSource
from connectors.erp.openwowi import OpenWowi, OpenWowiOptions
from connectors.erp.sandbox import erp_sandbox
from connectors.http import CallLog, Network
from connectors.letting import ErpUser, Vacancy
from connectors.partner import Connection
from connectors.problems import Failure, Trouble
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.exports import as_exported, export_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.media import Medium
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, meaning, render, todo
from connectors.wrappers import Patience, PatientReader

HUB_ONLY = ("released", "total_rent", "fitted_kitchen", "energy", "heating", "title", "coop_shares")


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(320, 5)


@dataclass
class Setting:
    """OPENWOWI connected to its sandbox."""

    source: OpenWowi
    sandbox: PartnerSandbox
    log: CallLog
    clock: Clock


@asynccontextmanager
async def openwowi(company: Company, *faults: str) -> AsyncIterator[Setting]:
    clock, log = Clock(), CallLog()
    sandbox = erp_sandbox(company, clock)
    async with running([sandbox], faults=[Fault.parse(f"erp:{f}") for f in faults], clock=clock) as line:
        ready = line["partners"]["erp"]
        secrets = {name: ready[name] for name in ("username", "password", "api_key")}
        options = OpenWowiOptions()
        connection = Connection("c", "erp", "practice", ready["url"], secrets, options, Network(), log)
        source = OpenWowi(connection, clock=clock.monotonic)
        try:
            yield Setting(source, sandbox, log, clock)
        finally:
            await source.aclose()


@asynccontextmanager
async def files(folder: Path, options: FilesOptions | None = None) -> AsyncIterator[FilesSource]:
    made = options or FilesOptions()
    source = FilesSource(Connection("c", "erp", "practice", str(folder), {}, made, Network(), CallLog()))
    try:
        yield source
    finally:
        await source.aclose()


async def read(source: Any, entity: str = "vacancy", scope: Scope | None = None) -> list[Any]:
    pages = source.read(entity, scope=scope or Scope())
    return [record async for page in pages for record in page.records]


async def content(source: Files, ref: str) -> bytes:
    return b"".join([piece async for piece in source.fetch(ref)])


def told(vacancy: Vacancy) -> Vacancy:
    """A vacancy without what each source names in its own way: keys and references."""
    return replace(vacancy, id="", attachments=tuple(replace(a, ref="") for a in vacancy.attachments))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_both_sources_tell_the_same_vacancies_users_and_bytes(
    company: Company, tmp_path: Path, form: Any
) -> None:
    export_company(company, tmp_path, format=form)
    async with openwowi(company) as setting, files(tmp_path) as source:
        rest, folder = await read(setting.source), await read(source)
        assert rest == company.vacancies
        assert [told(v) for v in folder] == [told(v) for v in as_exported(company).vacancies]
        assert [told(v) for v in folder] == [
            replace(told(v), economic_unit=exported.economic_unit)
            for v, exported in zip(rest, as_exported(company).vacancies, strict=True)
        ]
        assert await read(setting.source, "user") == await read(source, "user") == company.users
        pairs = [
            (a, b)
            for v, w in zip(rest, folder, strict=True)
            for a, b in zip(v.attachments, w.attachments, strict=True)
        ]
        for one, other in pairs[:5]:
            bytes_ = await content(setting.source, one.ref)
            assert bytes_ == await content(source, other.ref)
            assert hashlib.md5(bytes_, usedforsecurity=False).hexdigest() == one.check == other.check
        assert len(pairs) > 5


async def test_a_scope_gives_the_vacancies_of_its_mandanten_only(company: Company, tmp_path: Path) -> None:
    export_company(company, tmp_path)
    scope = Scope(frozenset({"20"}))
    expected = [v.unit for v in company.vacancies if v.mandant == "20"]
    assert 0 < len(expected) < len(company.vacancies)
    async with openwowi(company) as setting, files(tmp_path) as source:
        for reader in (setting.source, source):
            assert [v.unit for v in await read(reader, scope=scope)] == expected
            assert len(await read(reader, "user", scope)) == len(company.users)


@pytest.mark.parametrize("fault", ["503", "truncate", "cut"])
async def test_an_interrupted_reading_goes_on_without_counting_a_rent_twice(
    company: Company, fault: str
) -> None:
    armed = tuple(f"{fault},after={after},count=1" for after in (3, 9, 17, 20))

    async def wait(*_: object) -> None:
        pass

    async with openwowi(company, *armed) as setting:
        patient: PatientReader[Any] = PatientReader(setting.source, Patience(tries=6), wait)
        assert await read(patient) == company.vacancies
        leases = [c for c in setting.log.calls() if "LicenseAgreements" in c.path and c.status == 200]
        assert len(leases) <= 2 * len(company.leases) // 100 + 6, "it began anew each time"


async def test_a_reading_goes_on_from_the_cursor_of_another_run(company: Company) -> None:
    async with openwowi(company) as setting:
        pages = [page async for page in setting.source.read("vacancy")]
        for place in range(len(pages) - 1):
            rest = setting.source.read("vacancy", start=pages[place].next)
            found = [r async for page in rest for r in page.records]
            assert found == [r for page in pages[place + 1 :] for r in page.records]
        for foreign in ("", "unit", "person:0", "unit:x", "unit:²"):
            with pytest.raises(Failure) as caught:
                await anext(aiter(setting.source.read("vacancy", start=foreign)))
            assert caught.value.problem.code == "erp.bad_cursor"


async def test_without_the_hub_its_fields_are_declared_missing_and_never_made_up(company: Company) -> None:
    async with openwowi(company) as setting:
        setting.sandbox.act("rights", {"deny": "hub"})
        found = await read(setting.source)
        assert [v.net_cold_rent for v in found] == [v.net_cold_rent for v in company.vacancies]
        assert [v.storeys for v in found] == [v.storeys for v in company.vacancies]
        assert all(getattr(v, name) is None for v in found for name in HUB_ONLY)
        assert all(v.attachments == () for v in found)
        missing = {info.name: set(info.not_supplied) for info in setting.source.entities()}["vacancy"]
        assert missing == {*hub.DETAIL_FIELDS, "attachments"} > set(HUB_ONLY)
        finding = (await setting.source.check())[-1]
        assert (finding.verdict, finding.count) == (Verdict.WARN, len(hub.PARTS))
        assert all(render(t, la) for t in (finding.evidence, *finding.details) for la in LANGUAGES)
        setting.sandbox.act("rights", {"allow": "hub"})
        assert await read(setting.source) == company.vacancies
        await setting.source.check()
        assert not {i.name: i.not_supplied for i in setting.source.entities()}["vacancy"]


async def test_a_clerk_changes_a_rent_and_lets_a_unit_and_both_are_read(company: Company) -> None:
    first, second = company.vacancies[:2]
    async with openwowi(company) as setting:
        fields = {"net_cold_rent": "512.40", "released": False, "heating_costs": None, "energy": None}
        setting.sandbox.act("vacancy", {"op": "update", "id": first.id, "fields": fields})
        setting.sandbox.act("vacancy", {"op": "delete", "id": second.id})
        found = await read(setting.source)
        assert found[0] == replace(
            first, net_cold_rent=Decimal("512.40"), released=False, heating_costs=None, energy=None
        )
        assert [v.id for v in found[1:]] == [v.id for v in company.vacancies[2:]]
        assert setting.sandbox.state("vacancy")[0]["released"] is False
        assert setting.sandbox.state(None)["vacancy"] == len(found)
        for body in (
            {"op": "update", "id": second.id, "fields": {}},
            {"op": "update", "id": first.id, "fields": {"rooms": "3"}},
            {"op": "update", "id": first.id, "fields": {"energy": {"kind": "GERATEN"}}},
            {"op": "create", "id": first.id, "fields": {}},
        ):
            with pytest.raises(ValueError, match=r"."):
                setting.sandbox.act("vacancy", body)


async def test_a_vacancy_that_lies_ahead_counts_with_the_positions_of_its_day(company: Company) -> None:
    """A unit under notice is a vacancy once an agreement says so, not before."""
    today = date.today()
    leaving = next(x for x in company.leases if x.end and x.end > today and not x.is_vacancy)
    unit = next(u for u in company.units if u.id == leaving.unit_id)
    assert leaving.end
    begin = leaving.end + timedelta(days=1)
    row = {
        "number": "",
        "mandant": leaving.mandant,
        "unit_id": unit.id,
        "status": "AKTIV",
        "start": begin.isoformat(),
        "is_vacancy": True,
    }
    async with openwowi(company) as setting:
        assert len(await read(setting.source)) == len(company.vacancies)
        made = setting.sandbox.act("lease", {"op": "create", "fields": row})
        positions = (
            ("100", "NETTOKALTMIETE", "400.00", None, begin - timedelta(days=1)),
            ("100", "NETTOKALTMIETE", "450.00", begin, None),
            ("100", "NETTOKALTMIETE", "25.50", None, None),
            ("900", "UNMAPPED", "12.00", None, None),
            ("901", "UNMAPPED", "-2.00", None, None),
            ("200", "BETRIEBSKOSTEN_VZ", "99.00", begin + timedelta(days=1), None),
        )
        for code, category, amount, valid_from, valid_to in positions:
            fields = {
                "lease_id": made["id"],
                "code": code,
                "label": f"Position {code}",
                "amount_net": amount,
                "amount_gross": amount,
                "category": category,
                "valid_from": valid_from and valid_from.isoformat(),
                "valid_to": valid_to and valid_to.isoformat(),
            }
            setting.sandbox.act("rent_item", {"op": "create", "fields": fields})
        [found] = [v for v in await read(setting.source) if v.id == made["id"]]
    assert (found.unit, found.available_from) == (unit.number, begin)
    assert (found.net_cold_rent, found.surcharges) == (Decimal("475.50"), Decimal("10.00"))
    assert found.operating_costs is None


async def test_a_file_comes_in_parts_and_a_wrong_byte_is_found(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "PIECE", 64)
    medium = company.media[0]
    ref = medium.attachment.ref
    async with openwowi(company) as setting:
        pieces = [piece async for piece in setting.source.fetch(ref)]
        assert b"".join(pieces) == medium.content
        assert len(pieces) == -(-len(medium.content) // 64) > 2
        for unknown in ("media-1.jpg", "../etc/passwd", "media-..%2f.jpg", ""):
            with pytest.raises(Failure) as caught:
                await content(setting.source, unknown)
            assert caught.value.problem.code == "erp.unknown_file"
            assert all(
                meaning(caught.value.problem, la) and todo(caught.value.problem, la) for la in LANGUAGES
            )
    async with openwowi(replace(company, media=[cast(Medium, _Forged(medium))])) as setting:
        with pytest.raises(Failure) as caught:
            await content(setting.source, ref)
        assert (caught.value.problem.code, caught.value.problem.where) == ("erp.file_damaged", ref)
        assert caught.value.problem.trouble is Trouble.PAYLOAD


async def test_what_a_source_can_do_is_said_and_it_gives_files(company: Company, tmp_path: Path) -> None:
    export_company(company, tmp_path)
    (tmp_path / "benutzer.csv").unlink()
    async with openwowi(company) as setting, files(tmp_path) as source:
        assert isinstance(setting.source, Files)
        assert isinstance(source, Files)
        assert {Capability.VACANCIES, Capability.USERS} <= setting.source.capabilities
        assert Capability.VACANCIES in source.capabilities
        assert Capability.USERS not in source.capabilities
        assert {f.verdict for f in await source.check()} == {Verdict.OK}
        with pytest.raises(Failure) as caught:
            await read(source, ErpUser.NAME)
        assert caught.value.problem.where == "benutzer"


class _Forged:
    """A medium whose bytes are others than its MD5 says."""

    def __init__(self, medium: Any) -> None:
        self._medium = medium
        self.md5 = "0" * 32

    def __getattr__(self, name: str) -> Any:
        return getattr(self._medium, name)
