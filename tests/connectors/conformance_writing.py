"""The half of the suite for connectors that write: nothing doubled, nothing lost, every outcome true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Action, Change, Outcome, Record, Result, Value
from connectors.problems import Trouble
from connectors.wrappers import Journaled, ReadOnly, ReadOnlyError, Retrying
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

HOSTILE_IDS = (
    "10/0042/7", "10|0042|7", "a%2Fb", "%", ".", "..", "../..", "ä ö", "?x=1#y", "bulk", 'q"\'', "<b>",
    "🏠", "0", "+",
)  # fmt: skip
HOSTILE_TEXTS = (
    "Jürgen Weiß", "🏠👩‍👧 ñ 漢字", "\"'`\\", "a/b%2Fc?d=e&f#g", "line\nbreak\ttab", " blank ",
    "<b>[red]{x}$y", "x" * 10_000, "null", "-1",
)  # fmt: skip
CANARY = "Zyxwvut-Canary"
FAULTS = (
    "cut", "cut-after", "truncate", "500", "500,processed=yes", "503", "429,retry_after=2", "malformed",
    "malformed,processed=yes", "html", "html,processed=yes", "slow,delay=30",
)  # fmt: skip


def _create(entity: Writable, id_: str, **fields: Value) -> Change:
    return Change(Action.CREATE, entity.entity, id_, after={**entity.sample, **entity.own(id_), **fields})


def _update(entity: Writable, id_: str, before: Mapping[str, Value] | None = None) -> Change:
    after = {**entity.sample, **entity.changed, **entity.own(id_)}
    return Change(Action.UPDATE, entity.entity, id_, before=before or entity.sample, after=after)


def _delete(entity: Writable, id_: str) -> Change:
    return Change(Action.DELETE, entity.entity, id_, before=entity.sample)


def _answers(changes: Sequence[Change], outcomes: Sequence[Outcome]) -> None:
    """One outcome per change, in order, each that went wrong explained and none quoting the record."""
    assert [(o.entity, o.id, o.action) for o in outcomes] == [(c.entity, c.id, c.action) for c in changes]
    for outcome in outcomes:
        assert outcome.ok or outcome.problem is not None
        if outcome.problem is not None:
            explained(outcome.problem)
    assert CANARY not in repr(outcomes)


def _holds(record: Record | None, fields: Mapping[str, Value]) -> bool:
    return record is not None and {name: record.fields[name] for name in fields} == fields


async def _held(scene: Scene, entity: str) -> dict[str, Record]:
    """What the sandbox holds of an entity; nothing of it twice."""
    records: list[Record] = await everything(scene.reader, entity)
    held = {record.id: record for record in records}
    assert len(held) == len(records)
    return held


class TestWriting:
    """What every connector does that changes records."""

    async def test_hostile_records_go_there_and_back(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            target = scene.target
            for entity in subject.writable:
                texts = {id_: HOSTILE_TEXTS[at % len(HOSTILE_TEXTS)] for at, id_ in enumerate(HOSTILE_IDS)}
                creates = [_create(entity, id_, **{entity.text: text}) for id_, text in texts.items()]
                assert {o.result for o in await target.apply_many(creates)} == {Result.DONE}
                held = await _held(scene, entity.entity)
                for change in creates:
                    found = await target.find(entity.entity, change.id)
                    assert found is not None
                    assert (found.entity, found.id) == (entity.entity, change.id)
                    assert found == held[change.id]
                    assert _holds(found, change.after or {}), change.id
                updates = [_update(entity, id_) for id_ in texts]
                outcomes = [await target.apply(updates[0]), *await target.apply_many(updates[1:])]
                for update, outcome in zip(updates, outcomes, strict=True):
                    assert outcome.result is Result.DONE
                    assert outcome.remote_id is not None
                    assert _holds(await target.get(entity.entity, outcome.remote_id), update.after or {})
                deletes = [_delete(entity, id_) for id_ in texts]
                outcomes = await target.apply_many(deletes)
                _answers(deletes, outcomes)
                assert {o.result for o in outcomes} == {Result.DONE if subject.deletes else Result.REJECTED}
                left = await _held(scene, entity.entity)
                assert left.keys() == held.keys() - (texts.keys() if subject.deletes else set())

    async def test_what_is_absent_is_none_and_deleting_it_harms_nobody(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                for id_ in ("absent", "999999", *HOSTILE_IDS):
                    assert await scene.target.get(entity.entity, f"{id_}?") is None
                    assert await scene.target.find(entity.entity, id_) is None
                before = await _held(scene, entity.entity)
                changes = [_delete(entity, id_) for id_ in ("absent", *HOSTILE_IDS)]
                outcomes = await scene.target.apply_many(changes)
                _answers(changes, outcomes)
                assert {o.result for o in outcomes} <= {Result.ALREADY, Result.REJECTED}
                assert await _held(scene, entity.entity) == before

    async def test_a_refused_record_stops_no_other(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                bad: dict[str, Value] = {entity.text: CANARY, **entity.refused}
                changes = [
                    _create(entity, "good 1"),
                    _create(entity, "bad 1", **bad),
                    _delete(entity, "absent"),
                    _create(entity, "good 2"),
                    _create(entity, "bad 2", **bad),
                ]
                outcomes = await scene.target.apply_many(changes)
                _answers(changes, outcomes)
                assert [o.ok for o in outcomes if o.action is Action.CREATE] == [True, False, True, False]
                refused = [o for o in outcomes if o.id.startswith("bad")]
                refused.append(await scene.target.apply(changes[1]))
                assert {o.result for o in refused} == {Result.REJECTED}
                assert {o.problem.trouble for o in refused if o.problem} == {Trouble.REJECTED}
                held = await _held(scene, entity.entity)
                assert held.keys() & {c.id for c in changes} == {"good 1", "good 2"}

    async def test_an_unknown_entity_is_an_outcome_too(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            entity = subject.writable[0]
            changes = [Change(Action.CREATE, "spaceship", "1", after={}), _create(entity, "good")]
            outcomes = await scene.target.apply_many(changes)
            _answers(changes, outcomes)
            assert [o.result for o in outcomes] == [Result.FAILED, Result.DONE]

    async def test_more_than_the_bulk_limit_is_answered_one_by_one_in_order(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            entity = subject.writable[0]
            gone = list(await _held(scene, entity.entity))[: 3 if subject.deletes else 0]
            changes = [_create(entity, f"new {n}") for n in range(scene.target.limits().bulk + 25)]
            changes.insert(7, _create(entity, "bad", **entity.refused))
            for place, id_ in enumerate(gone):
                changes.insert(place * 10, _delete(entity, id_))
            outcomes = await scene.target.apply_many(changes)
            _answers(changes, outcomes)
            assert {o.id for o in outcomes if not o.ok} == {"bad"}
            assert sum(scene.creates(entity.entity)[c.id] for c in changes if c.id.startswith("new")) == len(
                changes
            ) - 1 - len(gone)
            assert not set(gone) & (await _held(scene, entity.entity)).keys()
            assert scene.gauge is not None
            assert scene.gauge.most <= scene.target.limits().in_flight
            assert await scene.target.apply_many([]) == []

    async def test_read_only_sends_no_write(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            careful = ReadOnly(scene.target)
            change = _create(subject.writable[0], "new")
            for attempt in (lambda: careful.apply(change), lambda: careful.apply_many([change])):
                with pytest.raises(ReadOnlyError):
                    await attempt()
            assert await careful.find(change.entity, change.id) is None
            assert all(f.evidence for f in await careful.check())
            assert await everything(careful, change.entity)
            assert scene.gauge is not None
            assert (scene.gauge.writes, sum(scene.gauge.requests.values()) > 0) == (0, True)

    async def test_a_create_sent_twice_is_one_record_unless_the_partner_doubles(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity in subject.writable:
                change = _create(entity, "10/1/7")
                for _ in range(2):
                    assert (await scene.target.apply(change)).ok
                expected = 1 if subject.upserts else 2
                assert scene.creates(entity.entity)["10/1/7"] == expected

    @pytest.mark.parametrize("lasting", [False, True], ids=["passing", "lasting"])
    @pytest.mark.parametrize("fault", FAULTS)
    async def test_after_any_fault_the_outcome_is_what_the_partner_holds(
        self, subject: Subject, tmp_path: Path, fault: str, lasting: bool
    ) -> None:
        spec = f"{fault},{subject.writes}" + ("" if lasting else ",count=2")
        network = QUICK if fault.startswith("slow") else CALM
        async with opened(subject, tmp_path, spec, network=network) as scene:
            assert scene.sandbox is not None
            for entity in subject.writable:
                stock = await _held(scene, entity.entity)
                old, gone = list(stock)[:2]
                changes = [_create(entity, f"new/{n}") for n in range(3)]
                deletes = [_delete(entity, gone)] if subject.deletes else []
                changes[1:1] = [_update(entity, old, stock[old].fields), *deletes]
                notes = Notes()
                stack = Retrying(Journaled(scene.target, notes), PATIENCE, at_once, notes)
                outcomes = await stack.apply_many(changes)
                _answers(changes, outcomes)
                _true(changes, outcomes, stock, await _held(scene, entity.entity))
                assert all(o.ok for o in outcomes) or lasting
                assert not notes.open
                assert notes.results == {(o.entity, o.id): o.result for o in outcomes}
                created = scene.creates(entity.entity)
                assert all(created.get(c.id, 0) <= 1 for c in changes)
            assert any(call.problem or fault.startswith("malformed") for call in scene.log.calls())


def _true(
    changes: Sequence[Change],
    outcomes: Sequence[Outcome],
    before: Mapping[str, Record],
    now: Mapping[str, Record],
) -> None:
    """Each outcome says what is there: the planned state where it is ok, the former one where it is not."""
    for change, outcome in zip(changes, outcomes, strict=True):
        assert outcome.result is not Result.UNKNOWN, "it could have been looked up"
        there: Any = now.get(change.id)
        if not outcome.ok:
            assert there == before.get(change.id), (change.action, outcome)
        elif change.action is Action.DELETE:
            assert there is None
        else:
            assert _holds(there, change.after or {}), (change.action, outcome)
