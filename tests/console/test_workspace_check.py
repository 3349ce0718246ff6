"""A check looks at what the customer uses and says what keeps it from an answer."""

from __future__ import annotations

from pathlib import Path

from connectors.wrappers import Patience
from console.config import parse
from console.credentials import MemorySecrets
from console.session import Sitting
from console.workspace import CheckReport, Workspace

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


async def test_every_check_of_a_use_case_in_use_is_answered_even_without_an_erp(tmp_path: Path) -> None:
    table = "[customers.acme.bots4you.use_cases.master-data]"
    report = await checked(tmp_path, f'{CONFIG}{table}\nseparator = "/"\nmandanten = ["10"]\n')
    assert {"bots4you.mandanten", "bots4you.separator"} <= {finding.key for finding in report.findings}
