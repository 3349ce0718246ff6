"""onOffice at the command line: what is wrong is told once, with what to do."""

from __future__ import annotations

import os

import pytest

from connectors.onoffice import partner
from console.credentials import variable
from tests.console.cli_kit import Office
from tests.console.conftest import Einzug


@pytest.mark.parametrize(
    ("language", "reason", "more", "todo"),
    [
        ("de", "Token und Secret sind vertauscht", "waren {count} weitere Prüfungen", "anders herum ein"),
        ("en", "Token and secret are swapped", "{count} more checks were", "the other way round"),
    ],
)
def test_one_reason_that_keeps_all_checks_from_an_answer_is_one_entry(
    einzug: Einzug,
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    reason: str,
    more: str,
    todo: str,
) -> None:
    token, secret = (variable("practice", "onoffice", name) for name in ("token", "secret"))
    swapped = os.environ[secret], os.environ[token]
    monkeypatch.setenv(token, swapped[0])
    monkeypatch.setenv(secret, swapped[1])
    told = einzug("--lang", language, "check", "practice", "onoffice")
    assert (told.code, told.out.count(reason), told.out.count(todo)) == (
        3,
        2,
        2,
    )  # the connection, and the rest
    assert more.format(count=len(partner.checks) - 1) in told.out
    assert len(told.out.splitlines()) == 6
    keys = {one["key"] for one in einzug("check", "practice", "onoffice", "--json").json["findings"]}
    assert keys == {"onoffice.connection", *(check.key for check in partner.checks)}
