"""A check looks at what the customer uses and says what keeps it from an answer."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from connectors.contract import Verdict
from connectors.texts import render
from connectors.wrappers import Patience
from console.checking import CheckReport
from console.config import parse
from console.credentials import MemorySecrets
from console.errors import MissingCredentials
from console.sitting import Sitting
from console.workspace import Workspace

NOBODY = "http://127.0.0.1:9"
CONFIG = f"""
[customers.acme]
name = "Wohnbau Musterstadt eG"
[customers.acme.erp]
source = "openwowi"
url = "{NOBODY}"
environment = "test"
[customers.acme.bots4you]
environment = "test"
url = "{NOBODY}"
"""


async def checked(data: Path, config: str) -> CheckReport:
    """The report for a customer whose partners do not answer."""
    secrets = MemorySecrets()
    login = {"username": "einzug", "password": "Lindenhof-7"}
    secrets.set("acme", "erp", "test", {**login, "api_key": "k-4711"})
    secrets.set("acme", "bots4you", "test", login)
    found = parse(config, data / "config.toml")
    sitting = Sitting(patience=Patience(tries=1))
    return await Workspace(found, found.customers["acme"], secrets, data, sitting).check()


async def test_a_use_case_that_is_not_in_use_needs_no_settings(tmp_path: Path) -> None:
    config = f"{CONFIG}[customers.acme.bots4you.use_cases.ticket-categories]\n"
    report = await checked(tmp_path, config)
    assert report.no_access
    assert {finding.key for finding in report.findings} == {"erp.connection", "bots4you.connection"}


async def test_without_the_credentials_of_the_erp_the_partners_are_still_tested(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    secrets.set("acme", "bots4you", "test", {"username": "einzug", "password": "Lindenhof-7"})
    config = f"{CONFIG}[customers.acme.bots4you.use_cases.ticket-categories]\n"
    found = parse(config, tmp_path / "config.toml")
    workspace = Workspace(found, found.customers["acme"], secrets, tmp_path, Sitting(Patience(tries=1)))
    report = await workspace.check()
    missing = next(finding for finding in report.findings if finding.key == "erp.connection")
    assert (missing.verdict, missing.evidence.code) == (Verdict.FAIL, "sync.credentials_missing")
    assert "api_key" in render(missing.evidence, "de")
    assert "bots4you.connection" in {finding.key for finding in report.findings}
    assert report.no_access
    with pytest.raises(MissingCredentials):
        await workspace.check("erp")


def test_threads_that_need_the_vault_at_once_get_the_same_and_the_keyring_is_asked_once(
    tmp_path: Path,
) -> None:
    asked: list[str] = []
    together = threading.Barrier(4)

    class Slow(MemorySecrets):
        def key(self, customer: str, *, create: bool = False) -> bytes | None:
            asked.append(customer)
            time.sleep(0.05)  # long enough for the others to ask too
            return super().key(customer, create=create)

    found = parse(CONFIG, tmp_path / "config.toml")
    workspace = Workspace(found, found.customers["acme"], Slow(), tmp_path, Sitting())

    def ask(_number: int) -> int:
        together.wait(timeout=10)
        return id(workspace.vault)

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(ask, range(4)))) == 1
    assert asked == ["acme"]


async def test_every_check_of_a_use_case_in_use_is_answered_even_without_an_erp(tmp_path: Path) -> None:
    table = "[customers.acme.bots4you.use_cases.master-data]"
    report = await checked(tmp_path, f'{CONFIG}{table}\nseparator = "/"\nmandanten = ["10"]\n')
    assert {"bots4you.mandanten", "bots4you.separator"} <= {finding.key for finding in report.findings}
