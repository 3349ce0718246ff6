"""What a customer's configuration leads to: settings take from the connection what is agreed with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.calllog import CallLog
from console.config import customer, parse
from console.connections import Connections
from console.credentials import MemorySecrets
from console.errors import ConfigError

CONFIG = """
[customers.muster]
name = "Wohnbau Musterstadt eG"
erp_product = "OPENWOWI"
mandanten = "all"
separator = "{separator}"

[customers.muster.immomio]
url = "http://127.0.0.1:1"
page_version = "{version}"
"""


def _connections(separator: str, version: str) -> Connections:
    config = parse(CONFIG.format(separator=separator, version=version), Path("config.toml"))
    return Connections(config, customer(config, "muster"), MemorySecrets(), Path("data"), CallLog())


def _practice(*tables: str) -> bool:
    head = '[customers.muster]\nname = "M"\nmandanten = "all"\nseparator = "/"\n'
    config = parse(head + "\n".join(tables), Path("config.toml"))
    return Connections(config, customer(config, "muster"), MemorySecrets(), Path("data"), CallLog()).practice


SANDBOX = '[customers.muster.bots4you]\nenvironment = "practice"\nurl = "http://127.0.0.1:1"'
LIVE = '[customers.muster.immomio]\nenvironment = "production"\nurl = "https://immomio.example.org"'
ERP = (
    '[customers.muster.erp]\nsource = "openwowi"\nenvironment = "production"\nurl = "https://erp.example.org"'
)
FOLDER = '[customers.muster.erp]\nsource = "files"\nfolder = "exports"'


@pytest.mark.parametrize(
    ("tables", "practice"),
    [
        ((SANDBOX,), True),
        ((SANDBOX, FOLDER), True),
        ((LIVE,), False),
        ((ERP,), False),  # no partner yet, but real tenants
        ((FOLDER,), False),
        ((), False),
    ],
)
def test_only_what_is_known_to_be_made_up_is_practice(tables: tuple[str, ...], practice: bool) -> None:
    assert _practice(*tables) is practice


@pytest.mark.parametrize("use_case", ["master-data", "vacancies"])
def test_the_version_of_immomios_page_is_named_once_for_connection_and_use_cases(use_case: str) -> None:
    assert _connections("-", "source").job("immomio", use_case).settings.page_version == "source"
    assert _connections(".", "newest").job("immomio", use_case).settings.page_version == "newest"


@pytest.mark.parametrize("use_case", ["master-data", "vacancies"])
def test_a_separator_that_the_version_does_not_take_is_refused_in_every_use_case(use_case: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _connections("-", "newest").job("immomio", use_case)
    assert ".separator" in str(caught.value)


@pytest.mark.parametrize(
    ("use_case", "name"), [("master-data", "Immomio"), ("vacancies", "Immomio"), ("prospects", "OPENWOWI")]
)
def test_the_target_of_a_use_case_is_named_after_the_side_that_is_written(use_case: str, name: str) -> None:
    assert _connections("-", "source").target_name("immomio", use_case) == name
