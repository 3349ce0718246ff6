"""Documents from the archive to Immomio through the whole console, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.contract import Action, Verdict
from connectors.problems import Failure
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company_documents import build_documents
from connectors.sandbox.expected_documents import LOOK_AT, documents
from connectors.sandbox.server import running
from console.config import parse
from console.credentials import MemorySecrets
from console.errors import ConsoleError
from console.exports import HEAD, REVIEW, rows, write_csv, write_xlsx
from console.planner import Plan
from console.practice import CUSTOMER, Practice, config_text, partners, secrets_of
from console.sitting import Sitting
from console.store.plans import Filter
from console.syncer import GuardStop
from console.workspace import Workspace

PRACTICE = Practice(60, 3)
WHAT = ("immomio", "documents")


@dataclass(frozen=True)
class House:
    """A workspace beside the sandboxes it leads to."""

    workspace: Workspace
    sandboxes: dict[str, PartnerSandbox]

    def clerk(self, **data: Any) -> Any:
        """What a clerk does in the archive."""
        return self.sandboxes["archive"].act("document", data)

    @property
    def held(self) -> dict[str, Any]:
        """The documents at Immomio by id."""
        return {one["externalId"]: one for one in self.sandboxes["immomio"].state("document")}


@asynccontextmanager
async def house(folder: Path, *without: str) -> AsyncIterator[House]:
    """The practice company with its sandboxes in this process, but not those named."""
    clock = Clock()
    served = [one for one in partners(PRACTICE, clock) if one.key not in without]
    async with running(served, clock=clock) as ready:
        config = parse(config_text(ready), folder / "config.toml")
        secrets = MemorySecrets()
        for key, entry in ready["partners"].items():
            secrets.set(CUSTOMER, key, "practice", secrets_of(entry))
        workspace = Workspace(config, config.customers[CUSTOMER], secrets, folder, Sitting())
        yield House(workspace, {one.key: one for one in served})


async def master_data(here: House) -> None:
    """What documents hang on."""
    async with here.workspace.session("immomio", "master-data") as session:
        with closing(await session.plan()) as plan:
            accepted = tuple((guard.key, guard.count) for guard in plan.guards)
            assert (await session.sync(plan, asyncio.Event(), accepted)).applying.failed == 0


def rules(plan: Plan) -> dict[str, int]:
    """What is left out, by rule."""
    found: dict[str, int] = {}
    for row in plan.store.rows(Filter(Action.SKIP)):
        found[row.planned.rule] = found.get(row.planned.rule, 0) + 1
    return found


async def test_nothing_becomes_visible_before_its_number_was_named_and_then_the_round_is_closed(
    tmp_path: Path,
) -> None:
    predicted = documents(PRACTICE.company())
    async with house(tmp_path) as here:
        await master_data(here)
        async with here.workspace.session(*WHAT) as session:
            with closing(await session.plan()) as plan:
                assert (plan.tally.counts()["create"], rules(plan)) == (predicted.creates, predicted.skips)
                guard = next(g for g in plan.guards if g.key == "exposure")
                assert (guard.count, guard.limit) == (predicted.creates, 0)
                for accepted in ((), (("exposure", guard.count - 1),)):
                    with pytest.raises(GuardStop):
                        await session.sync(plan, asyncio.Event(), accepted)
                assert here.held == {}
                result = await session.sync(plan, asyncio.Event(), (("exposure", guard.count),))
                assert (result.applying.applied, result.mismatches) == (predicted.creates, [])
            run = session.journal.run(result.run)
            assert dict(run.accepted) == {"exposure": predicted.creates}
            with closing(await session.plan()) as again:
                assert (again.changes, again.guards) == (0, [])
        files = here.sandboxes["immomio"].state("contents")
        archive = {f"{one['ID']}": one for one in here.sandboxes["archive"].state("document")}
        assert len(here.held) == len(files) == predicted.creates
        assert {k.rpartition("/")[2] for k in files} <= set(archive)
        assert all(files[k]["size"] == archive[k.rpartition("/")[2]]["Size"] for k in files)


async def test_what_a_clerk_does_in_the_archive_reaches_the_tenants_of_that_lease_only(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        await master_data(here)
        await _sync(here)
        lease = here.sandboxes["immomio"].state("contract")[0]
        before = here.held
        mandant = {"contract": lease["number"], "mandant": lease["clientNumber"]}
        new = here.clerk(archive="MV Mieterapp", title="Hausordnung", category="Mieter-Freigabe", **mandant)
        old = next(key for key in before if before[key]["title"] == "Mietvertrag")
        here.clerk(do="retitle", id=old.rpartition("/")[2], title="Mietvertrag mit Nachtrag")
        gone = next(key for key in before if before[key]["title"] == "Betriebskostenabrechnung")
        here.clerk(do="delete", id=gone.rpartition("/")[2])
        counts = await _sync(here)
        assert (counts["create"], counts["update"], counts["delete"]) == (1, 1, 1)
        filed = here.held[f"{lease['clientNumber']}/{new['ID']}"]
        assert (filed["contract"], filed["tenants"]) == (lease["externalId"], sorted(lease["tenants"]))
        assert here.held[old]["title"] == "Mietvertrag mit Nachtrag"
        assert gone not in here.held


async def _sync(here: House) -> dict[str, int]:
    async with here.workspace.session(*WHAT) as session:
        with closing(await session.plan()) as plan:
            accepted = tuple((guard.key, guard.count) for guard in plan.guards)
            result = await session.sync(plan, asyncio.Event(), accepted)
            assert (result.applying.failed, result.mismatches) == (0, [])
            return plan.tally.counts()


async def test_the_review_list_says_of_each_document_what_to_look_at(tmp_path: Path) -> None:
    defects = build_documents(PRACTICE.company()).defects
    wanted = {key for defect in LOOK_AT for key in defects[defect]}
    async with house(tmp_path) as here, here.workspace.session(*WHAT) as session:
        with closing(await session.plan()) as plan:
            assert {int(id_.rpartition(":")[2].rpartition("/")[2]) for _, id_ in plan.review} == wanted
            assert all(len(line) == len(HEAD) + 1 for line in rows(plan, "de"))
            write_csv(plan, tmp_path / "plan.csv", "de")
            write_xlsx(plan, tmp_path / "plan.xlsx", "de")
    head = (tmp_path / "plan.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head.split(";") == [*HEAD, REVIEW]
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx", read_only=True)
    listed = list(book["Review"].iter_rows(values_only=True))
    names = listed[0]
    assert names[:3] == ("action", "id", "title")
    assert names[-2:] == (REVIEW, "approved")
    documents_ = [dict(zip(names, line, strict=True)) for line in listed[1:]]
    assert len(documents_) == len({one["id"] for one in documents_})
    assert sum(bool(one[REVIEW]) for one in documents_) == len(wanted)
    mahnung = next(one for one in documents_ if one["title"] == "Zweite Mahnung Mietrückstand")
    assert mahnung[REVIEW] == "Titel klingt nach Mahnung"


async def test_the_checks_find_what_was_planted(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        report = await here.workspace.check("immomio")
        found = {finding.key: finding for finding in report.findings}
        assert found["archive.connection"].verdict is Verdict.OK
        assert found["immomio.archives"].verdict is Verdict.OK
        assert found["immomio.exposure"].verdict is Verdict.WARN
        here.sandboxes["archive"].act("archive", {"id": 3, "linked": False})
        again = await here.workspace.check("immomio")
        (linked,) = [f for f in again.findings if f.key == "immomio.category_archives"]
        assert (linked.verdict, linked.count) == (Verdict.WARN, 1)
        alone = await here.workspace.check("archive")
        assert [f.key for f in alone.findings if f.key.startswith("archive.")] == ["archive.connection"]


async def test_the_archive_has_credentials_of_its_own_and_is_a_party_like_the_erp(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        connections = here.workspace.connections
        fields, environment = connections.secret_fields("archive")
        assert [field.name for field in fields] == [
            "username", "password", "client_id", "client_secret", "scope",
        ]  # fmt: skip
        assert environment == "practice"
        assert all(connections.secret_sources("archive").values())
        connections.forget_secrets("archive")
        report = await here.workspace.check("immomio")
        (missing,) = [f for f in report.findings if f.key == "archive.connection"]
        assert (missing.verdict, missing.evidence.code) == (Verdict.FAIL, "sync.credentials_missing")
        (exposure,) = [f for f in report.findings if f.key == "immomio.exposure"]
        assert exposure.verdict is Verdict.MANUAL


async def test_without_an_archive_the_use_case_says_what_is_missing(tmp_path: Path) -> None:
    async with house(tmp_path, "archive") as here:
        assert "documents" not in here.workspace.connections.use_cases("immomio")
        with pytest.raises((ConsoleError, Failure)):
            async with here.workspace.session(*WHAT):
                pass
        assert "archive" not in here.workspace.connections.partner_keys()
