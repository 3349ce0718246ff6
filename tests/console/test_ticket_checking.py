"""Tickets as a customer has agreed them: settings from the configuration, and what checks find beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Finding, Verdict
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, render
from connectors.tickets import Can
from console.config import parse
from console.credentials import MemorySecrets
from console.errors import ConfigError, ConsoleError
from console.practice import CUSTOMER, Practice, config_text, partners, secrets_of
from console.sitting import Sitting
from console.workspace import Workspace


@dataclass(frozen=True)
class House:
    """The practice company being served; ``change`` edits the text of its configuration."""

    doubles: dict[str, PartnerSandbox]
    open: Callable[..., Workspace]


@asynccontextmanager
async def house(data: Path) -> AsyncIterator[House]:
    """All sandboxes in this process."""
    clock = Clock()
    served = partners(Practice(60, 1), clock)
    async with running(served, clock=clock) as ready:
        secrets = MemorySecrets()
        for partner, entry in ready["partners"].items():
            secrets.set(CUSTOMER, partner, "practice", secrets_of(entry))

        def opened(change: Callable[[str], str] = str) -> Workspace:
            config = parse(change(config_text(ready)), data / "config.toml")
            return Workspace(config, config.customers[CUSTOMER], secrets, data, Sitting())

        yield House({one.key: one for one in served}, opened)


async def found(workspace: Workspace, partner: str) -> dict[str, Finding]:
    """What the check of a partner finds, by key; every sentence is there in both languages."""
    findings = {one.key: one for one in (await workspace.check(partner)).findings}
    for one in findings.values():
        assert all(render(text, language) for text in (one.evidence, *one.details) for language in LANGUAGES)
    return findings


async def test_in_practice_everything_is_agreed_but_what_must_come_first(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        workspace = h.open()
        first = await found(workspace, "immomio")
        verdicts = {key: first[f"immomio.{key}"].verdict for key in ("ticket_archive", "ticket_statuses")}
        assert verdicts == {"ticket_archive": Verdict.OK, "ticket_statuses": Verdict.OK}
        assert first["immomio.tickets_access"].verdict is Verdict.OK
        assert first["immomio.erp.ticket_user"].verdict is Verdict.OK
        assert first["immomio.ticket_order"].verdict is Verdict.FAIL
        bots = await found(workspace, "bots4you")
        assert bots["bots4you.ticket_statuses"].verdict is Verdict.OK
        assert "bots4you.erp.ticket_statuses" in bots


async def test_what_is_missing_is_named_before_the_first_ticket(tmp_path: Path) -> None:
    def without(text: str) -> str:
        return text.replace('40 = "IN_PROGRESS"\n', "").replace("Mieter App", "Nirgends")

    async with house(tmp_path) as h:
        h.doubles["immomio"].act("rights", {"remove": ["tickets:write"]})
        first = await found(h.open(without), "immomio")
        assert [text.args["status"] for text in first["immomio.ticket_statuses"].details] == ["40"]
        for key in ("ticket_statuses", "ticket_archive", "tickets_access"):
            assert first[f"immomio.{key}"].verdict is Verdict.FAIL


async def test_where_tickets_are_not_agreed_nobody_looks_at_them(tmp_path: Path) -> None:
    def without(text: str) -> str:
        head, _, rest = text.partition("[customers.practice.bots4you.use_cases.tickets")
        return head + rest[rest.index("\n[customers.practice.immomio]") :]

    async with house(tmp_path) as h:
        workspace = h.open(without)
        assert workspace.connections.has_tickets("immomio")
        assert not workspace.connections.has_tickets("bots4you")
        assert not [key for key in await found(workspace, "bots4you") if "ticket_s" in key or "access" in key]


async def test_the_agreement_joins_defaults_customer_and_table(tmp_path: Path) -> None:
    async with house(tmp_path) as h:
        connections = h.open().connections
        agreed: Any = connections.agreed()["immomio", "tickets"]
        assert agreed == connections.ticket_settings("immomio")
        assert (agreed.source, agreed.separator, agreed.mandanten) == ("IMMOMIO", "/", "all")
        assert (agreed.archive, agreed.statuses["90"]) == ("Mieter App", "DONE")
        assert "tickets" not in connections.use_cases("immomio")
        side, erp = connections.open_tickets("immomio"), connections.open_erp_tickets("immomio")
        try:
            assert Can.DELETE in side.abilities
            assert [status.code for status in await erp.statuses()] == list(agreed.statuses)
        finally:
            await side.aclose()
            await erp.aclose()


@pytest.mark.parametrize("wrong", ["interval_s = 1", "statuse = 1", "separator = '+'"])
async def test_a_mistake_in_the_table_is_named_with_its_key(tmp_path: Path, wrong: str) -> None:
    table = "[customers.practice.immomio.use_cases.tickets]\n"
    async with house(tmp_path) as h:
        workspace = h.open(lambda text: text.replace(table, f"{table}{wrong}\n"))
        with pytest.raises(ConfigError, match=wrong.partition(" ")[0]):
            workspace.connections.ticket_settings("immomio")


async def test_an_erp_without_tickets_says_so(tmp_path: Path) -> None:
    def from_files(text: str) -> str:
        start, end = text.index("[customers.practice.erp]"), text.index("[customers.practice.archive]")
        return f'{text[:start]}[customers.practice.erp]\nsource = "files"\nfolder = "."\n\n{text[end:]}'

    async with house(tmp_path) as h:
        with pytest.raises(ConsoleError, match="Tickets"):
            h.open(from_files).connections.open_erp_tickets("immomio")
