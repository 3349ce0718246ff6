"""The half of the suite for connectors that change records and never make or remove one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.contract import Action, Change, Record, Result, Value
from connectors.problems import Trouble
from connectors.wrappers import Journaled, Retrying
from tests.connectors.conformance import (
    CALM,
    PATIENCE,
    QUICK,
    Notes,
    Scene,
    Subject,
    Writable,
    at_once,
    everything,
    explained,
    opened,
)
from tests.connectors.conformance_writing import FAULTS, HOSTILE_IDS


async def _stock(scene: Scene, entity: Writable) -> dict[str, Record]:
    records: list[Record] = await everything(scene.reader, entity.entity)
    return {record.id: record for record in records}


def _update(record: Record, **fields: Value) -> Change:
    before = {name: record.fields[name] for name in fields}
    return Change(Action.UPDATE, record.entity, record.id, before=before, after=fields)


def _part(record: Record | None, fields: Mapping[str, Value]) -> dict[str, Value]:
    assert record is not None
    return {name: record.fields[name] for name in fields}


class TestUpdating:
    """What every connector does that changes records and cannot make any."""

    async def test_a_change_arrives_alone_and_a_second_time_finds_it_there(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                stock = await _stock(scene, entity)
                record = next(iter(stock.values()))
                change = _update(record, **entity.changed)
                assert (await scene.target.apply(change)).result is Result.DONE
                assert (await scene.target.apply(change)).result is Result.ALREADY
                now = await _stock(scene, entity)
                assert _part(now[record.id], entity.changed) == entity.changed
                assert await scene.target.find(entity.entity, record.id) == now[record.id]
                assert all(now[id_] == other for id_, other in stock.items() if id_ != record.id)
                former = _part(record, entity.changed)
                back = _update(now[record.id], **former)
                assert (await scene.target.apply(back)).result is Result.DONE
                assert _part(await scene.target.get(entity.entity, record.id), former) == former

    async def test_nothing_is_made_removed_or_guessed(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                stock = await _stock(scene, entity)
                record = next(iter(stock.values()))
                changes = [
                    Change(Action.CREATE, entity.entity, "7", after=entity.changed),
                    Change(Action.DELETE, entity.entity, record.id, before=record.fields),
                    *(Change(Action.UPDATE, entity.entity, id_, after=entity.changed) for id_ in HOSTILE_IDS),
                    Change(Action.UPDATE, entity.entity, "999999", after=entity.changed),
                ]
                outcomes = await scene.target.apply_many(changes)
                assert [(o.entity, o.id, o.action) for o in outcomes] == [
                    (c.entity, c.id, c.action) for c in changes
                ]
                assert {outcome.result for outcome in outcomes} == {Result.REJECTED}
                for outcome in outcomes:
                    assert outcome.problem is not None
                    explained(outcome.problem)
                assert await _stock(scene, entity) == stock
                for id_ in ("absent", "999999", *HOSTILE_IDS):
                    assert await scene.target.get(entity.entity, id_) is None
            strange = await scene.target.apply(Change(Action.UPDATE, "spaceship", "1", after={}))
            assert strange.result is Result.FAILED

    async def test_a_refused_change_stops_no_other(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                stock = await _stock(scene, entity)
                bad, good = [*stock.values()][:2]
                changes = [_update(bad, **entity.refused), _update(good, **entity.changed)]
                refused, done = await scene.target.apply_many(changes)
                assert (refused.result, done.result) == (Result.REJECTED, Result.DONE)
                assert refused.problem is not None
                assert refused.problem.trouble in (Trouble.REJECTED, Trouble.MISSING)
                assert await scene.target.get(entity.entity, bad.id) == bad

    @pytest.mark.parametrize("after", range(6))
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_wherever_a_fault_strikes_the_change_is_whole_in_the_end(
        self, subject: Subject, tmp_path: Path, fault: str, after: int
    ) -> None:
        network = QUICK if fault.startswith("slow") else CALM
        for entity in subject.writable:
            async with opened(subject, tmp_path) as calm:
                stock = await _stock(calm, entity)
                reading = calm.log.total
            spec = f"{fault},{subject.writes},after={reading + after},count=2"
            async with opened(subject, tmp_path, spec, network=network) as scene:
                assert await _stock(scene, entity) == stock
                change = _update(next(iter(stock.values())), **entity.changed)
                notes = Notes()
                stack = Retrying(Journaled(scene.target, notes), PATIENCE, at_once, notes)
                (outcome,) = await stack.apply_many([change])
                await scene.heal()
                assert outcome.ok, outcome
                held = await scene.target.get(change.entity, change.id)
                assert _part(held, entity.changed) == entity.changed
                assert not notes.open
                assert notes.results == {(change.entity, change.id): outcome.result}
