"""Whatever goes wrong between us and the others ends well or under its name, and never in a double."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.problems import Failure, Owner, Problem, Trouble
from connectors.texts import meaning
from console.errors import Exit
from console.practice import CUSTOMER
from console.store.runs import RunState
from console.syncer import READ_BACK
from tests.console.sync_kit import PARTNER, USE_CASE, Done, Office, office

ROOT = Path(__file__).resolve().parents[2]
Spec = dict[str, Any]

PASSING: dict[str, Spec] = {
    "429": {"kind": "429", "retry_after": 2},
    "500": {"kind": "500"},
    "500 after the effect": {"kind": "500", "processed": True},
    "503": {"kind": "503"},
    "cut": {"kind": "cut"},
    "cut-after": {"kind": "cut-after"},
    "truncate": {"kind": "truncate"},
    "slow": {"kind": "slow", "delay": 30},
    "malformed": {"kind": "malformed"},
    "html": {"kind": "html"},
}
"""What passes by itself: after a few tries all is well."""

LASTING: dict[str, tuple[Spec, str]] = {
    "401": ({"kind": "401"}, "http.credentials"),
    "403": ({"kind": "403"}, "http.rights"),
    "429 with a short Retry-After": ({"kind": "429", "retry_after": 2}, "http.limit"),
    "429 with a long Retry-After": ({"kind": "429", "retry_after": 700}, "http.limit"),
    "500": ({"kind": "500"}, "http.server_error"),
    "503": ({"kind": "503"}, "http.unavailable"),
    "cut": ({"kind": "cut"}, "http.cut"),
    "malformed": ({"kind": "malformed"}, "http.not_json"),
    "html": ({"kind": "html"}, "http.html_answer"),
}
"""What stays until somebody mends it, and how it is called."""

EFFECTIVE: dict[str, Spec] = {"cut-after": {"kind": "cut-after"}, "truncate": {"kind": "truncate"}}
"""What takes effect each time and never says so."""

READING: dict[str, Spec] = {
    "the ERP": {"partner": "erp", "path": "/openwowi/*", "after": 3},
    "Bots4You": {"partner": "bots4you", "path": "/api/v1/tenants", "method": "GET"},
}
WRITING = {"single": {"method": "PUT", "bulk": False}, "bulk": {"method": "POST", "bulk": True}}
HELD = "http.held"  # the limiter keeps the pause that a Retry-After asked for


def written(here: Office, done: Done) -> None:
    """Everything is there, once."""
    assert done.result.state is RunState.DONE
    assert not done.failed
    assert done.result.mismatches == []
    assert set(here.creates().values()) == {1}
    assert len(here.held()) == done.result.applying.applied > 50


def told(code: str | None) -> str:
    """A problem in German."""
    assert code is not None
    return meaning(Problem(code, Trouble.CONFIG, Owner.NOBODY), "de")


async def all_well(here: Office) -> None:
    """What failed is written once the fault is gone, and then there is nothing left to do."""
    await here.heal()
    rest = await here.sync(retry_failed=True)
    assert not rest.failed
    assert set(here.creates().values()) == {1}
    counts, _guards = await here.plan()
    assert counts["create"] + counts["update"] + counts["delete"] == 0
    assert counts["unchanged"] == len(here.held())


@pytest.mark.parametrize("place", READING)
@pytest.mark.parametrize("kind", PASSING)
async def test_a_reading_goes_on_after_a_passing_fault(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch, network="deadline = 2.0") as here:
        await here.fault({**READING[place], **PASSING[kind], "count": 1 if kind == "slow" else 2})
        written(here, await here.sync())
        assert here.time.waits


@pytest.mark.parametrize("way", WRITING)
@pytest.mark.parametrize("kind", PASSING)
async def test_a_writing_goes_on_after_a_passing_fault_and_doubles_nothing(
    kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, bulk = str(WRITING[way]["method"]), bool(WRITING[way]["bulk"])
    async with office(tmp_path, monkeypatch, bulk=bulk, network="deadline = 2.0") as here:
        count = 1 if kind == "slow" else 2
        await here.fault({"partner": PARTNER, "method": method, "after": 1, "count": count, **PASSING[kind]})
        written(here, await here.sync())
        assert here.time.waits


@pytest.mark.parametrize("way", WRITING)
@pytest.mark.parametrize("kind", EFFECTIVE)
async def test_a_write_that_never_says_it_took_effect_is_looked_up(
    kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, bulk = str(WRITING[way]["method"]), bool(WRITING[way]["bulk"])
    async with office(tmp_path, monkeypatch, bulk=bulk) as here:
        await here.fault({"partner": PARTNER, "method": method, **EFFECTIVE[kind]})
        written(here, await here.sync())


@pytest.mark.parametrize("place", READING)
@pytest.mark.parametrize("kind", LASTING)
async def test_a_reading_that_cannot_be_mended_fails_under_its_name(
    kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, code = LASTING[kind]
    async with office(tmp_path, monkeypatch) as here:
        await here.fault({**READING[place], **spec})
        with pytest.raises(Failure) as failed:
            await here.sync()
        assert failed.value.problem.code in (code, HELD)
        assert told(failed.value.problem.code)
        assert here.held() == {}
        await here.heal()
        written(here, await here.sync())


@pytest.mark.parametrize("way", WRITING)
@pytest.mark.parametrize("kind", LASTING)
async def test_a_writing_that_cannot_be_mended_fails_under_its_name_for_every_record(
    kind: str, way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method, bulk = str(WRITING[way]["method"]), bool(WRITING[way]["bulk"])
    spec, code = LASTING[kind]
    async with office(tmp_path, monkeypatch, bulk=bulk) as here:
        await here.fault({"partner": PARTNER, "method": method, "after": 1, **spec})
        done = await here.sync()
        assert done.result.state is RunState.FAILED
        assert len(here.held()) == done.result.applying.applied == 1
        assert len(done.failed) == done.result.applying.failed == done.counts["create"] - 1
        assert {outcome.code for outcome in done.failed} <= {code, HELD}
        assert all(told(outcome.code) for outcome in done.failed)
        await all_well(here)


@pytest.mark.parametrize("bulk", [False, True], ids=["single", "bulk"])
async def test_a_rejected_record_fails_alone(
    bulk: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch, bulk=bulk) as here:
        await here.fault({"partner": PARTNER, "kind": "reject", "id": "*2"})
        done = await here.sync()
        assert done.result.state is RunState.FAILED
        assert {outcome.code for outcome in done.failed} == {"http.rejected"}
        assert all(outcome.id.endswith("2") for outcome in done.failed)
        assert not any(id_.endswith("2") for id_ in here.held())
        assert len(here.held()) + len(done.failed) == done.counts["create"]
        assert told("http.rejected")
        await all_well(here)


async def test_a_server_that_rewrites_is_found_by_the_first_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.fault({"partner": PARTNER, "kind": "rewrite", "field": "city", "value": "MUSTERSTADT"})
        done = await here.sync()
        assert done.result.state is RunState.STOPPED
        assert [(guard.key, guard.count) for guard in done.result.guards] == [(READ_BACK, 1)]
        assert [mismatch.fields for mismatch in done.result.mismatches] == [("city",)]
        assert len(here.held()) == 1
        assert not done.failed


async def test_an_accepted_rewriting_goes_on_and_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.fault({"partner": PARTNER, "kind": "rewrite", "field": "city", "value": "MUSTERSTADT"})
        done = await here.sync(accepted=((READ_BACK, 11),))
        assert done.result.state is RunState.DONE
        assert len(here.held()) == done.counts["create"]
        assert len(done.result.mismatches) == done.counts["create"]
        assert {mismatch.fields for mismatch in done.result.mismatches} == {("city",)}


@pytest.mark.parametrize(
    ("spec", "code", "word"),
    [
        ({"partner": PARTNER, "kind": "401", "method": "POST", "after": 1}, Exit.UNREACHABLE, "Zugang"),
        ({"partner": PARTNER, "kind": "403", "method": "GET"}, Exit.UNREACHABLE, "Recht"),
        ({"partner": "erp", "kind": "429", "retry_after": 700}, Exit.UNREACHABLE, "einzug:"),
        ({"partner": PARTNER, "kind": "reject", "id": "*2"}, Exit.FINDINGS, "fehlgeschlagen"),
        ({"partner": PARTNER, "kind": "rewrite", "field": "city", "value": "M"}, Exit.GUARD, "read_back"),
    ],
    ids=["401 while writing", "403 while reading", "429 at the ERP", "rejected", "rewritten"],
)
async def test_the_command_ends_with_the_exit_code_of_what_went_wrong(
    spec: Spec, code: Exit, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here:
        await here.fault(spec)
        config = tmp_path / "config.toml"
        config.write_text(here.config, "utf-8")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "console", "sync", CUSTOMER, PARTNER, USE_CASE, "--yes",
            "--accept", "ambiguous_ids=4", "--config", str(config), "--data-dir", str(tmp_path / "data"),
            env={**os.environ, **here.environ(), "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        out, _ = await process.communicate()
        said = out.decode()
        assert process.returncode == code, said
        assert "Traceback" not in said
        assert word in said
