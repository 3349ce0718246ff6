"""Accepted applicants on their way from Immomio into the ERP, over HTTP: exactly once, and only who belongs
there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
import tomlkit

from connectors.contract import Action, Verdict
from connectors.erp.sandbox import erp_sandbox
from connectors.immomio.sandbox import immomio_sandbox
from connectors.letting import BUSINESS_PARTNER, PROSPECT
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import build_company
from connectors.sandbox.exports import export_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.wrappers import Patience, Sleep
from console.cockpit import Cockpit
from console.config import parse
from console.credentials import MemorySecrets
from console.errors import ConsoleError
from console.i18n import _
from console.practice import CUSTOMER, config_text, secrets_of
from console.screens.track_words import state_words
from console.sitting import Sitting
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.plans import Filter
from console.store.schema import open_customer
from console.syncer import RunResult
from console.workspace import Workspace
from tests.connectors.immomio_kit import immobilie, openimmo

COMPANY = build_company(12, 7, date(2026, 3, 1))
HOMES = ["/".join((u.mandant, u.economic_unit, u.building, u.number)) for u in COMPANY.units[:4]]
PLACE = ("immomio", "prospects")
ERIKA: Mapping[str, Any] = {
    "firstName": "Erika",
    "lastName": "Musterfrau",
    "birthDate": "1980-04-02",
    "email": "e.musterfrau@example.org",
}
JAN: Mapping[str, Any] = {**ERIKA, "firstName": "Jan", "birthDate": "1979-01-31", "email": "jan@example.org"}


async def at_once(*_: object) -> None:
    """Wait for nothing."""


async def _killed(*_: object) -> None:
    raise asyncio.CancelledError


@dataclass
class Letting:
    """Both sandboxes, and a customer whose configuration leads to them."""

    erp: PartnerSandbox
    immomio: PartnerSandbox
    clock: Clock
    config: str
    data: Path
    secrets: MemorySecrets

    def workspace(self, wait: Sleep = at_once) -> Workspace:
        """The customer opened anew, as another process would."""
        config = parse(self.config, self.data / "config.toml")
        sitting = Sitting(Patience(tries=4), wait)
        return Workspace(config, config.customers[CUSTOMER], self.secrets, self.data, sitting)

    def apply(self, *people: Mapping[str, Any], home: str = HOMES[0], then: str = "accept") -> str:
        """People apply together; somebody decides. The id of the application."""
        first, *others = people
        [main, *_] = self.immomio.act("application", {"vacancy": home, **first, "together": others})
        self.immomio.act("application", {"id": main["applicationId"], "do": then})
        return str(main["applicationId"])

    async def sync(self, wait: Sleep = at_once) -> tuple[dict[str, int], RunResult]:
        """Plan and write: the counts and the end."""
        async with self.workspace(wait).session(*PLACE) as session:
            await session.settle()
            with closing(await session.plan()) as plan:
                return plan.tally.counts(), await session.sync(plan, asyncio.Event())

    async def skips(self) -> dict[tuple[str, str], str]:
        """Code of the reason of every record that is not sent, by entity and id."""
        async with self.workspace().session(*PLACE) as session:
            with closing(await session.plan()) as plan:
                found = [row.planned for row in plan.store.rows(Filter(Action.SKIP))]
                return {(p.entity, p.id): p.reason.code if p.reason else "" for p in found}

    def named(self, last: str) -> list[dict[str, Any]]:
        """The ERP's persons of this name."""
        return [person for person in self.erp.state("person") if person["last_name"] == last]


@asynccontextmanager
async def letting(data: Path, *faults: str) -> AsyncIterator[Letting]:
    """Both partners served; four flats are advertised. The ERP shows these faults."""
    clock = Clock()
    erp, immomio = erp_sandbox(COMPANY, clock), immomio_sandbox(clock, seed=1)
    shop: Any = cast(Any, immomio.act).__self__  # imports come by HTTP and FTP, nobody acts them
    shop.vacancies.take(openimmo(*map(immobilie, HOMES)), zipped=False)
    armed = [Fault.parse(f"erp:{fault}") for fault in faults]
    async with running([erp, immomio], faults=armed, clock=clock) as line:
        secrets = MemorySecrets()
        for partner, entry in line["partners"].items():
            secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))
        yield Letting(erp, immomio, clock, _config(line), data, secrets)


def _config(line: Mapping[str, Any]) -> str:
    """The practice company with what is let and who applies, and nothing else."""
    config = tomlkit.parse(config_text(line))
    used: Any = config["customers"][CUSTOMER]["immomio"]["use_cases"]
    for key in used.keys() - {"vacancies", "prospects"}:
        del used[key]
    return tomlkit.dumps(config)


async def test_an_accepted_main_tenant_arrives_once_and_nobody_else_does(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        accepted = here.apply(ERIKA, JAN)
        here.apply({**JAN, "lastName": "Abgelehnt"}, home=HOMES[1], then="reject")
        counts, result = await here.sync()
        assert (counts["create"], result.applying.failed, result.mismatches) == (2, 0, [])
        [person] = here.named("Musterfrau")
        assert (person["first_name"], str(person["birth_date"])) == ("Erika", "1980-04-02")
        assert here.named("Abgelehnt") == []
        [partner], [prospect] = here.erp.state(BUSINESS_PARTNER), here.erp.state(PROSPECT)
        assert partner["number"] == person["number"]
        assert (prospect["externalId"], prospect["unit"]) == (f"immomio:{accepted}", HOMES[0])
        assert prospect["businessPartner"] == partner["externalId"]
        again, _ = await here.sync()
        assert (again["create"], again["update"], again["delete"], again["unchanged"]) == (0, 0, 0, 2)
        assert "immomio.not_main_tenant" in (await here.skips()).values()


async def test_who_is_known_to_the_erp_is_found_in_spite_of_blanks_and_not_made_again(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        names = {"first_name": " Erika ", "last_name": "Muster frau"}
        known = {"number": "799001", **names, "birth_date": "1980-04-02"}
        here.erp.act("person", {"op": "create", "fields": known})
        here.apply(ERIKA)
        counts, _ = await here.sync()
        assert counts["create"] == 1
        assert here.erp.state(BUSINESS_PARTNER) == []
        [prospect] = here.erp.state(PROSPECT)
        assert prospect["businessPartner"] == "number:799001"
        assert here.named("Musterfrau") == []
        assert "immomio.partner_known" in (await here.skips()).values()


@pytest.mark.parametrize("fault", ["cut-after", "500,processed=yes", "truncate", "cut"])
async def test_an_unclear_end_makes_nobody_twice(tmp_path: Path, fault: str) -> None:
    async with letting(tmp_path, f"{fault},method=PUT,count=2") as here:
        here.apply(ERIKA)
        _, result = await here.sync()
        assert (result.applying.applied, result.applying.failed) == (2, 0)
        assert len(here.named("Musterfrau")) == 1
        for counts in here.erp.state("creates").values():
            assert list(counts.values()) == [1]


async def test_what_a_killed_run_left_open_is_settled_before_the_next_plan(tmp_path: Path) -> None:
    async with letting(tmp_path, "cut-after,method=PUT,count=1") as here:
        here.apply(ERIKA)
        with pytest.raises(asyncio.CancelledError):  # before anybody could look what had arrived
            await here.sync(_killed)
        assert len(here.erp.state(BUSINESS_PARTNER)) == 1
        counts, _ = await here.sync()
        assert (counts["create"], counts["unchanged"]) == (1, 1)
        assert len(here.named("Musterfrau")) == 1
        assert len(here.erp.state(PROSPECT)) == 1


async def test_what_the_erp_was_handed_is_not_deleted_by_taking_the_run_back(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        here.apply(ERIKA)
        _, result = await here.sync()
        async with here.workspace().session(*PLACE) as session:
            with closing(await session.plan_undo(result.run)) as plan:
                assert (plan.changes, plan.tally.counts()["skip"]) == (0, 2)


async def test_after_the_term_nothing_of_a_rejected_applicant_is_kept_here(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        gone, stays = here.apply(ERIKA), here.apply(JAN, home=HOMES[1])
        await here.sync()
        for record in here.immomio.state("application"):
            record["city"] = "Musterdorf"
        await here.sync()  # what stood there before is kept for undo
        assert _kept(here) == 2
        here.immomio.act("application", {"id": gone, "do": "reject"})
        changed = "[customers.practice.immomio.use_cases.prospects]\n"
        here.config = here.config.replace(changed, f"{changed}forget_rejected_after_days = 1\n")
        assert _links(here) == 4
        for record in here.immomio.state("application"):
            if record["applicationId"] == gone:
                record["changedAt"] = "2020-01-01T00:00:00+00:00"
        await here.skips()  # a plan is enough
        assert (_links(here), _kept(here)) == (2, 1)
        with closing(open_customer(here.data, CUSTOMER)) as conn:
            assert IdMap(conn, "immomio", "practice").owns(PROSPECT, f"immomio:{stays}")
            assert not IdMap(conn, "immomio", "practice").owns(PROSPECT, f"immomio:{gone}")
            assert Journal(conn, here.workspace().vault).verify().ok
        assert len(here.erp.state(BUSINESS_PARTNER)) == 2, "what the ERP got is the ERP's"


def _links(here: Letting) -> int:
    with closing(open_customer(here.data, CUSTOMER)) as conn:
        return IdMap(conn, "immomio", "practice").count()


def _kept(here: Letting) -> int:
    with closing(open_customer(here.data, CUSTOMER)) as conn:
        return int(conn.execute("SELECT count(*) FROM before").fetchone()[0])


def _on_files(here: Letting, folder: Path, more: str = "") -> None:
    """The same customer with an ERP of which there are only exports."""
    export_company(COMPANY, folder)
    start = here.config.index("[customers.practice.erp]")
    end = here.config.index("[customers.practice.immomio]")
    erp = f'[customers.practice.erp]\nsource = "files"\nfolder = "{folder.as_posix()}"\n{more}\n'
    here.config = here.config[:start] + erp + here.config[end:]


async def test_an_erp_of_files_takes_nothing_back_and_says_why(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        _on_files(here, tmp_path / "exports")
        async with here.workspace().session(*PLACE) as session:
            with pytest.raises(ConsoleError) as refused:
                await session.plan()
        cockpit = Cockpit(here.workspace())
        await cockpit.load_possible()
        assert str(refused.value) in cockpit.tracks[PLACE].impossible
        assert _("not with this ERP") in state_words(cockpit.tracks[PLACE])[0]
        assert cockpit.tracks["immomio", "vacancies"].impossible == ""
        report = await here.workspace().check("immomio")
        [finding] = [one for one in report.findings if one.key == "immomio.prospect_target"]
        assert finding.verdict is Verdict.MANUAL


async def test_with_an_import_file_the_prospects_of_an_erp_of_files_are_in_it(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        path = tmp_path / "Interessenten.csv"
        _on_files(here, tmp_path / "exports", f'prospects_file = "{path.as_posix()}"')
        here.apply(ERIKA)
        counts, result = await here.sync()
        assert (counts["create"], result.applying.applied, result.mismatches) == (2, 2, [])
        assert "Musterfrau" in path.read_text(encoding="utf-8-sig")
        again, _ = await here.sync()
        assert (again["create"], again["update"], again["unchanged"]) == (0, 0, 2)


async def test_the_check_tells_that_the_erp_takes_prospects(tmp_path: Path) -> None:
    async with letting(tmp_path) as here:
        report = await here.workspace().check("immomio")
        [finding] = [one for one in report.findings if one.key == "immomio.prospect_target"]
        assert (finding.verdict, finding.evidence.code) == (Verdict.OK, "erp.prospects_taken")
