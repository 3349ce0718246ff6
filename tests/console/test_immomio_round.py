"""Immomio's master data and vacancies through the engine, into the sandbox and out of it again, over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import CheckContext, Outcome, Record, Skipped, UseCase, Verdict
from connectors.immomio.checks_i10 import comparison
from connectors.immomio.client import Immomio
from connectors.immomio.master_data import MASTER_DATA, desired_master_data
from connectors.immomio.settings import MasterDataSettings, VacancySettings
from connectors.immomio.vacancies import VACANCIES, desired_vacancies
from connectors.sandbox.company import build_company
from console.store.plans import PlanStore
from console.store.vault import Vault
from console.sync.apply import Writer
from console.sync.codec import Codec, skip_line, split
from console.sync.events import deaf
from console.sync.plan import Policy, Tally, change, collision, plan
from tests.connectors.immomio_desk import desk
from tests.connectors.immomio_erp import TODAY, Erp, of_company

COMPANY = build_company(60, 11, TODAY)
MANDANTEN = tuple(mandant.number for mandant in COMPANY.mandanten)
SETTINGS = MasterDataSettings(separator="/", mandanten=MANDANTEN)
LETTING = VacancySettings(separator="/", mandanten=MANDANTEN)


async def sync(
    use_case: UseCase[Any],
    settings: Any,
    found: AsyncIterator[Record | Skipped],
    target: Immomio,
    folder: Path,
) -> tuple[Tally, list[Outcome]]:
    """Plan and write everything, as a run does."""
    codec, tally, outcomes = Codec(use_case.mappings(settings)), Tally(), list[Outcome]()
    here = [skip_line(one) if isinstance(one, Skipped) else codec.line(one) async for one in found]
    there = [codec.line(record) async for record in use_case.actual(target, settings)]
    policy = Policy(use_case.deletes, lambda entity, id_: use_case.owns(entity, id_, settings))
    store = PlanStore(folder, Vault.ephemeral())
    for row in plan(in_order(here), in_order(there), codec, policy, tally):
        store.add(row)
    store.index()
    changes = [change(row, codec) for row in store.in_writing_order(list(codec.mappings))]
    writer = Writer(target, codec, record=outcomes.extend, listener=deaf, stop=asyncio.Event())
    state = await writer.run(changes, len(changes))
    store.close()
    assert state.rewritten == []
    return tally, outcomes


def in_order(lines: list[bytes]) -> list[bytes]:
    """Sorted lines; those of one key stand as one skip."""
    groups = [list(group) for _, group in groupby(sorted(lines), key=lambda line: split(line)[0])]
    return [group[0] if len(group) == 1 else collision(group) for group in groups]


def refused(outcomes: list[Outcome]) -> list[tuple[str, str, str]]:
    return [(o.entity, o.id, o.problem.code) for o in outcomes if not o.ok and o.problem]


@pytest.mark.parametrize("bulk", [True, False])
async def test_the_whole_company_arrives_and_leaves_again_without_one_refusal(
    tmp_path: Path, bulk: bool
) -> None:
    async with desk(bulk=bulk, requests_per_second=1000, burst=1000) as d:
        run = partial(sync, MASTER_DATA, SETTINGS, target=d.immomio, folder=tmp_path)
        erp = Erp(of_company(COMPANY))
        tally, outcomes = await run(found=desired_master_data(erp, SETTINGS, today=TODAY))
        assert refused(outcomes) == []
        assert len(outcomes) == tally.counts()["create"] > 150
        again, nothing = await run(found=desired_master_data(erp, SETTINGS, today=TODAY))
        assert nothing == []
        assert again.counts() == tally.counts() | {"create": 0, "unchanged": len(outcomes)}
        empty = Erp(COMPANY.mandanten)
        _, deleted = await run(found=desired_master_data(empty, SETTINGS, today=TODAY))
        assert refused(deleted) == []
        left = [one.id async for one in MASTER_DATA.actual(d.immomio, SETTINGS)]
        assert left == sorted(MANDANTEN)


async def test_vacancies_are_shown_as_the_erp_has_them_and_withdrawn_when_they_are_let(
    tmp_path: Path,
) -> None:
    async with desk(requests_per_second=1000, burst=1000) as d:
        d.shelf.files |= {file.ref: b"picture" for v in COMPANY.vacancies for file in v.attachments}
        run = partial(sync, VACANCIES, LETTING, target=d.immomio, folder=tmp_path)
        erp = Erp(of_company(COMPANY))
        tally, outcomes = await run(found=desired_vacancies(erp, LETTING))
        assert refused(outcomes) == []
        assert len(outcomes) == tally.counts()["create"] > 0
        again, nothing = await run(found=desired_vacancies(erp, LETTING))
        assert (nothing, again.counts()["unchanged"]) == ([], len(outcomes))
        finding = await comparison(CheckContext(erp, d.immomio, LETTING))
        different = [
            d.args for d in finding.details if d.code == "immomio.field_compared" and d.args["different"]
        ]
        assert (finding.verdict, finding.count, different) == (Verdict.OK, 0, [])
        let = [replace(v, released=False) for v in COMPANY.vacancies]
        gone, _ = await run(found=desired_vacancies(Erp([*COMPANY.mandanten, *let]), LETTING))
        assert gone.counts()["delete"] == len(outcomes)
        assert [one.id async for one in VACANCIES.actual(d.immomio, LETTING)] == []
