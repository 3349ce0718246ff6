"""The half of the suite that every connector passes: reading, checking, behaving when things break."""

from __future__ import annotations

import asyncio
import math
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Capability, Page, Verdict
from connectors.http import CallLog
from connectors.problems import Failure, Trouble
from connectors.wrappers import PatientReader
from tests.connectors.conformance import (
    PATIENCE,
    QUICK,
    Scene,
    Subject,
    connect,
    eventually,
    everything,
    explained,
    largest,
    names,
    opened,
    own_tasks,
    own_threads,
    shown,
)
from tests.connectors.http_loopback import closed_port

FAULTS = ("cut", "truncate", "500", "503", "429,retry_after=2", "malformed", "html", "slow,delay=30")
WRITING = {Capability.CREATE, Capability.UPDATE, Capability.DELETE}


async def _pages(reader: Any) -> dict[str, list[Page[Any]]]:
    return {entity: [page async for page in reader.read(entity)] for entity in names(reader)}


class TestReading:
    """What every connector does, whatever it reads from."""

    async def test_it_names_itself_and_what_it_can_do(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            reader = scene.reader
            assert reader.name == subject.name
            assert all(isinstance(capability, Capability) for capability in reader.capabilities)
            assert bool(reader.capabilities & WRITING) == bool(subject.writable)
            assert bool(reader.capabilities & WRITING) == hasattr(reader, "apply_many")
            assert (Capability.BULK in reader.capabilities) == (reader.limits().bulk > 1)

    async def test_its_limits_are_sane(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            limits = scene.reader.limits()
            assert 0 < limits.requests_per_second < math.inf
            assert min(limits.burst, limits.bulk, limits.in_flight) >= 1

    async def test_every_entity_streams_records_of_its_kind_with_unique_ids(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            pages = await _pages(scene.reader)
            assert len(pages) == len(names(scene.reader)) > 0
            assert len(pages[largest(pages)]) > 1, "the sandbox holds too little to turn a page"
            for entity, read in pages.items():
                records = [record for page in read for record in page.records]
                assert records, entity
                assert all(isinstance(record, subject.record) for record in records)
                assert {getattr(r, "entity", getattr(r, "NAME", None)) for r in records} == {entity}
                assert all(record.id for record in records)
                assert len({record.id for record in records}) == len(records)
                assert [page.next is None for page in read] == [False] * (len(read) - 1) + [True]

    async def test_an_unknown_entity_is_named_and_not_guessed(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            with pytest.raises(Failure) as caught:
                await everything(scene.reader, "spaceship")
            problem = caught.value.problem
            assert (problem.trouble, problem.where) == (Trouble.CONFIG, "spaceship")
            explained(problem)

    async def test_a_reading_resumes_exactly_at_each_page(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity, pages in (await _pages(scene.reader)).items():
                whole = [record for page in pages for record in page.records]
                past = 0
                for page in pages[:-1]:
                    past += len(page.records)
                    assert await everything(scene.reader, entity, page.next) == whole[past:], entity

    async def test_reading_twice_and_at_once_gives_the_same_in_the_same_order(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            first = await _pages(scene.reader)
            both = await asyncio.gather(_pages(scene.reader), _pages(scene.reader))
            assert [*both] == [first, first]

    async def test_an_abandoned_reading_leaves_nothing_behind(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            threads = own_threads()  # with those of the sandbox
            entity = largest(await _pages(scene.reader))
            before = own_tasks()
            async with aclosing(scene.reader.read(entity)) as pages:  # type: ignore[type-var]  # a generator
                assert (await anext(pages)).next is not None
            assert own_tasks() == before
            await scene.reader.aclose()
            await eventually(lambda: scene.gauge is None or scene.gauge.open == 0)
            await eventually(lambda: own_threads() <= threads)

    async def test_the_check_is_fine_and_tells_no_secret(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            findings = await scene.reader.check()
            assert findings
            assert {f.verdict for f in findings} <= {Verdict.OK, Verdict.WARN}
            _tells_no_secret(scene, shown(findings))

    async def test_closing_twice_is_fine_before_and_after_use(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path) as scene:
            await scene.reader.aclose()
            await scene.reader.aclose()
        async with opened(subject, tmp_path) as scene:
            await scene.reader.check()
            await scene.reader.aclose()
            await scene.reader.aclose()


class TestRemote:
    """What every connector does that speaks to a server."""

    async def test_the_check_tells_what_is_wrong_apart(self, subject: Subject, tmp_path: Path) -> None:
        said = []
        for mishap in ("wrong", "forbidden"):
            async with opened(subject, tmp_path, **{mishap: True}) as scene:  # type: ignore[arg-type]  # flags
                findings = await scene.reader.check()
                _tells_no_secret(scene, shown(findings))
                said.append(findings)
        secrets = dict.fromkeys(subject.secrets, "x")
        nobody = connect(subject, f"http://127.0.0.1:{closed_port()}", secrets, CallLog())
        said.append(await nobody.check())
        shown(said[-1])
        await nobody.aclose()
        failed = [[f for f in findings if f.verdict is Verdict.FAIL] for findings in said]
        assert all(failed)
        assert len({shown(findings) for findings in failed}) == len(said)

    @pytest.mark.parametrize("fault", FAULTS)
    async def test_the_check_never_raises(self, subject: Subject, tmp_path: Path, fault: str) -> None:
        async with opened(subject, tmp_path, fault, network=QUICK) as scene:
            findings = await scene.reader.check()
            assert any(f.verdict is Verdict.FAIL for f in findings)
            _tells_no_secret(scene, shown(findings))

    async def test_no_failure_tells_a_secret(self, subject: Subject, tmp_path: Path) -> None:
        async with opened(subject, tmp_path, wrong=True) as scene:
            with pytest.raises(Failure) as caught:
                await everything(scene.reader, names(scene.reader)[0])
            explained(caught.value.problem)
            assert caught.value.problem.trouble in (Trouble.CREDENTIALS, Trouble.RIGHTS)
            _tells_no_secret(scene, f"{caught.value!r} {caught.value} {caught.value.problem!r}")

    @pytest.mark.parametrize("fault", FAULTS)
    async def test_patience_outlasts_a_fault_and_reads_the_same(
        self, subject: Subject, tmp_path: Path, fault: str
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            pages = await _pages(scene.reader)
        entity = largest(pages)
        expected = [record for page in pages[entity] for record in page.records]
        met = []

        async def wait(_seconds: float, problem: Any, _attempt: int) -> None:
            met.append(problem)

        armed = (f"{fault},count=1", f"{fault},after=2,count=1")
        async with opened(subject, tmp_path, *armed, network=QUICK) as scene:
            patient: PatientReader[Any] = PatientReader(scene.reader, PATIENCE, wait)
            assert await everything(patient, entity) == expected
            assert met
            for problem in met:
                explained(problem)

    async def test_a_cancelled_reading_stops_and_the_next_one_works(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            entity = largest(await _pages(scene.reader))
            expected = await everything(scene.reader, entity)
        async with opened(subject, tmp_path, "slow,delay=30,after=2") as scene:
            before = own_tasks()
            reading = asyncio.create_task(everything(scene.reader, entity))
            gauge = scene.gauge
            assert gauge is not None
            await eventually(lambda: sum(gauge.requests.values()) > 2)
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
            assert own_tasks() == before
            await scene.heal()
            assert await everything(scene.reader, entity) == expected

    async def test_it_opens_no_more_connections_than_it_declares(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            assert scene.gauge is not None
            readings = [everything(scene.reader, entity) for entity in names(scene.reader) for _ in range(4)]
            await asyncio.gather(*readings)
            assert 1 < scene.gauge.most <= scene.reader.limits().in_flight

    async def test_a_reading_asks_once_per_page_and_little_more(
        self, subject: Subject, tmp_path: Path
    ) -> None:
        async with opened(subject, tmp_path) as scene:
            for entity, pages in (await _pages(scene.reader)).items():
                before = scene.log.total
                await everything(scene.reader, entity)
                assert scene.log.total - before <= len(pages) + subject.extra, entity


def _tells_no_secret(scene: Scene, said: str) -> None:
    seen = f"{said}\n{scene.reader!r}\n{scene.log.calls()!r}"
    assert scene.log.calls() or not scene.hidden
    assert not [secret for secret in scene.hidden if secret in seen]
