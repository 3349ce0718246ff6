"""No person and no secret of the seeded company is found where nobody may find them."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import logging
import os
import sys
import unicodedata
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.problems import Failure, Problem
from connectors.redaction import RedactingFormatter
from console.credentials import Secrets, layered, open_store
from console.mishaps import report
from console.practice import CUSTOMER, secrets_of
from console.sync.events import Progress, Stage, SyncEvent
from tests.console.sync_kit import PARTNER, USE_CASE, Office, company, office

ROOT = Path(__file__).resolve().parents[2]
LONG_ENOUGH = 7
"""Shorter names may be a part of any word."""
ROTTEN = (
    {"partner": PARTNER, "kind": "reject", "id": "*2"},
    {"partner": PARTNER, "kind": "cut-after", "method": "PUT", "after": 12, "count": 2},
    {"partner": PARTNER, "kind": "500", "method": "PUT", "after": 15, "count": 9},
    {"partner": PARTNER, "kind": "html", "method": "GET", "after": 1, "count": 1},
    {"partner": "erp", "kind": "truncate", "path": "/openwowi/*", "after": 2, "count": 1},
    {"partner": "erp", "kind": "malformed", "path": "*/Persons", "count": 1},
)


def personal() -> dict[str, set[str]]:
    """What names a person, by kind, as the ERP spells it and as it is sent."""
    persons = company().persons
    phones = {phone for person in persons for phone in person.phones if len(phone) > LONG_ENOUGH}
    return {
        "name": {name for p in persons for name in (p.last_name, p.company_name) if name},
        "mail": {mail for person in persons for mail in person.emails if "@" in mail},
        "phone": phones | {"+49" + "".join(filter(str.isdigit, phone))[1:] for phone in phones},
        "birth date": {p.birth_date.isoformat() for p in persons if p.birth_date},
        "street": {unit.address.street for unit in company().units if unit.address.street},
    }


def secret(ready: Mapping[str, Any]) -> set[str]:
    """Every credential, and what it looks like in a header."""
    found: set[str] = set()
    for entry in ready["partners"].values():
        values = secrets_of(entry)
        found |= set(values.values())
        pair = f"{values['username']}:{values['password']}".encode()
        found.add(base64.b64encode(pair).decode())
    return found


def spellings(texts: Iterable[str]) -> set[bytes]:
    """The bytes of texts as files, JSON and other systems write them."""
    forms = set[bytes]()
    for text in texts:
        if len(text) < LONG_ENOUGH:
            continue
        forms |= {text.encode(), unicodedata.normalize("NFD", text).encode()}
        forms.add(json.dumps(text)[1:-1].encode())
    return forms


def leaks(content: bytes, here: Office) -> list[str]:
    """The kinds of what is found and must not be there, with the first example."""
    kinds = {**personal(), "secret": secret(here.ready)}
    found = {
        kind: [form for form in sorted(spellings(texts)) if form in content] for kind, texts in kinds.items()
    }
    return [f"{kind}: {forms[0].decode()}" for kind, forms in found.items() if forms]


def on_disk(folder: Path) -> bytes:
    """Every byte and every name below a folder."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert files
    return b"\n".join(path.name.encode() + b"\n" + path.read_bytes() for path in files)


async def einzug(here: Office, *arguments: str) -> tuple[int | None, bytes]:
    """Run a command; its exit code, and all it wrote."""
    config = here.data / "config.toml"
    here.data.mkdir(exist_ok=True)
    config.write_text(here.config, "utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "console", *arguments,
        "--config", str(config), "--data-dir", str(here.data),
        env={**os.environ, **here.environ(), "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode, out


def keyless(data: Path) -> Secrets:
    """Secrets on a machine without a keyring; the environment brings the credentials."""
    return layered(os.environ, open_store(data, {}))


async def stir(here: Office) -> None:
    """Creates, updates and deletes, with everything going wrong once."""
    for spec in ROTTEN:
        await here.fault(spec)
    assert (await here.sync()).failed
    await here.heal()
    await here.sync(retry_failed=True)
    for place, record in enumerate(list(here.held().values())[:8]):
        here.store(record, lastName=f"Fremdmann{place}")
    assert (await here.sync()).counts["update"] == 8


@pytest.mark.parametrize("durable", [True, False], ids=["with a keyring", "without"])
async def test_nothing_on_disk_names_a_person_or_holds_a_secret(
    durable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    secrets = None if durable else keyless(data)
    during: list[bytes] = []
    async with office(data, monkeypatch, bulk=False, settings="birth_date = true", secrets=secrets) as here:
        for name, value in here.environ().items():
            monkeypatch.setenv(name, value)

        def look(event: SyncEvent) -> None:
            if isinstance(event, Progress) and event.stage in (Stage.COMPARE, Stage.APPLY):
                during.append(on_disk(data))

        await stir(here)
        here.listener = look
        async with here.session() as session:
            with closing(await session.plan()):
                during.append(on_disk(data))
        assert here.opened[-1].vault.durable is durable
        assert len(during) > 2
        for content in (*during, on_disk(data)):
            assert leaks(content, here) == []


async def test_the_search_finds_what_a_plan_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with office(tmp_path, monkeypatch, settings="birth_date = true") as here:
        _code, shown = await einzug(here, "plan", CUSTOMER, PARTNER, USE_CASE, "--json")
        kinds = [leak.partition(":")[0] for leak in leaks(shown, here)]
        assert kinds == ["name", "mail", "phone", "birth date", "street"]


async def test_no_command_tells_a_person_or_a_secret_even_with_debug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path / "data", monkeypatch, settings="birth_date = true") as here:
        outputs = [await einzug(here, "check", CUSTOMER, "--debug")]
        await here.fault({"partner": PARTNER, "kind": "reject", "id": "*2"})
        await here.fault({"partner": PARTNER, "kind": "cut-after", "method": "POST", "after": 1, "count": 1})
        accept = ("--yes", "--debug", "--accept", "ambiguous_ids=4")
        outputs.append(await einzug(here, "sync", CUSTOMER, PARTNER, USE_CASE, *accept))
        await here.heal()
        outputs.append(await einzug(here, "sync", CUSTOMER, PARTNER, USE_CASE, *accept, "--json"))
        outputs.append(await einzug(here, "runs", CUSTOMER, "1", "--debug"))
        await here.fault({"partner": "erp", "kind": "401"})
        outputs.append(await einzug(here, "sync", CUSTOMER, PARTNER, USE_CASE, *accept))
        assert [code for code, _ in outputs][1:3] == [1, 0]
        for _code, out in outputs:
            assert out
            assert leaks(out, here) == []


async def test_a_crash_with_a_record_in_hand_tells_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def clumsy(_endpoint: object, change: Any) -> Any:
        raise RuntimeError(f"cannot send {change.after}")

    async with office(tmp_path / "data", monkeypatch) as here:
        monkeypatch.setattr("connectors.bots4you.client._item", clumsy)
        with pytest.raises((RuntimeError, ExceptionGroup)) as crash:
            await here.sync()
        assert report(crash.value, debug=True, data=here.data) == 70
        said = capsys.readouterr()
        reports = list(here.data.rglob("crash-*.txt"))
        assert len(reports) == 1
        assert "RuntimeError" in reports[0].read_text("utf-8")
        for content in (on_disk(here.data), said.out.encode(), said.err.encode()):
            assert leaks(content, here) == []


async def test_no_failure_call_or_log_line_names_a_person_or_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[Failure] = []
    original = Failure.__init__

    def remember(self: Failure, problem: Problem, details: tuple[Problem, ...] = ()) -> None:
        original(self, problem, details)
        met.append(self)

    monkeypatch.setattr(Failure, "__init__", remember)
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    monkeypatch.setattr(root, "level", logging.DEBUG)
    logging.getLogger("test").debug("the handler %s", "listens")
    async with office(tmp_path, monkeypatch, bulk=False) as here:
        await stir(here)
        calls = [call for opened in here.opened for call in opened.log.calls()]
        told = [f"{failure} {failure!r} {failure.problem!r} {failure.details!r}" for failure in met]
        assert len(met) > 5
        assert len(calls) > 50
        assert "the handler listens" in lines.getvalue()
        assert isinstance(RedactingFormatter(), logging.Formatter)
        for text in (*told, *map(repr, calls), lines.getvalue()):
            assert leaks(text.encode(), here) == []
