"""Documents after the first sync: what is dangerous is confirmed anew, and a seal binds the number."""

from __future__ import annotations

import asyncio
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.immomio import usage, vacancies
from console.planner import Job, Plan
from console.practice import Practice
from console.store.runs import SEALS
from console.sync.guards import Guard, Lift
from console.syncer import GuardStop
from console.terminal import plan_lines, review_lines
from console.writing import Asked, bound
from tests.console import test_documents_round
from tests.console.test_documents_round import WHAT, House, house, master_data

VACANCIES = ("immomio", "vacancies")


async def sync(here: House, what: tuple[str, str] = WHAT) -> None:
    """Write everything, every guard lifted."""
    async with here.workspace.session(*what) as session:
        with closing(await session.plan()) as plan:
            lifted = tuple(map(Lift.of, plan.guards))
            assert (await session.sync(plan, asyncio.Event(), lifted)).applying.failed == 0


def about(here: House) -> dict[str, Any]:
    """A lease whose tenants use the app, as a clerk names it."""
    lease = here.sandboxes["immomio"].state("contract")[0]
    return {"contract": lease["number"], "mandant": lease["clientNumber"]}


def file(here: House, title: str) -> str:
    """A clerk files a document for that lease; gives its id at Immomio."""
    lease = about(here)
    filed = here.clerk(archive="MV Mieterapp", title=title, category="Mieter-Freigabe", **lease)
    return f"{lease['mandant']}/{filed['ID']}"


def dangers(plan: Plan) -> list[Guard]:
    return [guard for guard in plan.guards if guard.key == "dangerous"]


async def test_a_reminder_that_is_filed_later_is_shown_and_goes_out_only_when_confirmed(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        await master_data(here)
        await sync(here)
        harmless = file(here, "Hausordnung")
        async with here.workspace.session(*WHAT) as session:
            with closing(await session.plan()) as plan:
                assert (plan.changes, plan.guards) == (1, [])
            reminder = file(here, "Dritte Mahnung")
            with closing(await session.plan()) as plan:
                (guard,) = plan.guards
                assert (guard.key, guard.count) == ("dangerous", 1)
                assert any(reminder in line and "Mahnung" in line for line in plan_lines(plan, unmask=False))
                with pytest.raises(GuardStop):
                    await session.sync(plan, asyncio.Event())
                assert not {harmless, reminder} & set(here.held)
                result = await session.sync(plan, asyncio.Event(), (Lift.of(guard),))
            assert {harmless, reminder} <= set(here.held)
            run = session.journal.run(result.run)
            assert (dict(run.accepted), run.settings[SEALS]) == ({"dangerous": 1}, {"dangerous": guard.seal})
            with closing(await session.plan()) as plan:
                assert (plan.changes, plan.guards) == (0, [])  # confirmed once is confirmed


async def test_a_title_that_becomes_dangerous_is_asked_about_and_a_choice_without_it_is_not(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as here:
        await master_data(here)
        await sync(here)
        shown = next(key for key, one in here.held.items() if one["title"] == "Mietvertrag")
        here.clerk(do="retitle", id=shown.rpartition("/")[2], title="Fristlose Kündigung")
        harmless = file(here, "Hausordnung")
        async with here.workspace.session(*WHAT) as session:
            with closing(await session.plan()) as plan:
                (guard,) = dangers(plan)
                rows = {row.planned.id: row.n for row in plan.store.rows()}
                assert [line.partition(":")[0] for line in review_lines(plan, guard, 5)] == [shown]
                with pytest.raises(GuardStop):
                    await session.sync(plan, asyncio.Event(), (), {rows[shown]})
                result = await session.sync(plan, asyncio.Event(), (), {rows[harmless]})
                assert result.applying.applied == 1
        assert (harmless in here.held, here.held[shown]["title"]) == (True, "Mietvertrag")


async def test_another_set_of_as_many_documents_is_not_what_was_confirmed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await master_data(here)
        await sync(here)
        async with here.workspace.session(*WHAT) as session:
            first = file(here, "Erste Mahnung")
            with closing(await session.plan()) as plan:
                (seen,) = dangers(plan)
            here.clerk(do="delete", id=first.rpartition("/")[2])
            file(here, "Räumungsklage")
            with closing(await session.plan()) as plan:
                (other,) = dangers(plan)
                assert (other.count, other.seal != seen.seal) == (seen.count, True)
                with pytest.raises(GuardStop):
                    await session.sync(plan, asyncio.Event(), (Lift.of(seen),))


@pytest.mark.parametrize("environment", ["practice", "test", "production"])
async def test_outside_practice_a_number_alone_confirms_no_set(tmp_path: Path, environment: str) -> None:
    async with house(tmp_path) as here:
        await master_data(here)
        async with here.workspace.session(*WHAT) as session:
            with closing(await session.plan()) as plan:
                guard = next(guard for guard in plan.guards if guard.key == "exposure")
                plan.job = Job(**{**_fields(plan.job), "environment": environment})
                alone, sealed = Lift("exposure", guard.count), Lift.of(guard)
                asked = Asked(True, "", "", (alone, sealed, Lift("deletes", 3)), False, False)
                kept = (alone,) if environment == "practice" else ()
                assert bound(plan, asked) == (*kept, sealed, Lift("deletes", 3))
                assert bound(plan, replace(asked, expect=plan.digest)) == asked.accepted


def _fields(job: Job) -> dict[str, Any]:
    return {name: getattr(job, name) for name in Job.__dataclass_fields__}


async def test_a_use_that_vanishes_from_the_erp_withdraws_no_vacancy_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_documents_round, "PRACTICE", Practice(250, 3))
    async with house(tmp_path) as here:
        await sync(here, ("immomio", "master-data"))
        await sync(here, VACANCIES)
        shown = here.sandboxes["immomio"].state("vacancy")
        assert 2 <= len(shown) <= 25  # below what a mass deletion would be
        monkeypatch.setattr(vacancies, "kind", lambda usage, lists: None)
        async with here.workspace.session(*VACANCIES) as session:
            with closing(await session.plan()) as plan:
                deletes = plan.tally.counts()["delete"]
                assert [(g.key, g.count, g.message.args["rule"]) for g in plan.guards] == [
                    ("withdrawn", deletes, "I10")
                ]
                with pytest.raises(GuardStop):
                    await session.sync(plan, asyncio.Event())
                await session.sync(plan, asyncio.Event(), (("withdrawn", deletes),))
            monkeypatch.setattr(vacancies, "kind", usage.kind)
            with closing(await session.plan()) as plan:  # back again: nothing is asked
                assert (plan.tally.counts()["create"], plan.guards) == (deletes, [])
