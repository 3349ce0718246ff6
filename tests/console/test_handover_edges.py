"""Taking in and handing over where something odd comes between: windows left midway, a disk that fails, one's
own file, a parcel that somebody with the passphrase made up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.app import ConsoleApp
from console.config import load
from console.handover import settle, staging
from console.handover.agreements import safe_name
from console.handover.mark import HandedOver, given
from console.handover.parcel import ParcelWriter
from console.handover.parcel_words import arrival_lines
from console.handover.taking import Arrival
from console.i18n import setup
from console.onboarding.book import read as answers
from console.onboarding.takeover import Proposal, take_over
from console.screens.arrival_screen import ArrivalScreen
from console.screens.handover_dialog import HandoverDialog
from console.screens.main import MainScreen
from console.store.errors import StoreError
from console.tickets.trip import new_trip
from console.tickets.trip_follow import Standing
from console.tickets.trip_guide import TripGuide
from tests.console.checklist_kit import only_own
from tests.console.handover_kit import CUSTOMER, NOW, cheap, first, second
from tests.console.screen_kit import main, push, shown, until
from tests.console.test_handover_file import refused, whole, written
from tests.console.test_screen_handover import files, handed_over, opened, read


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


class Gate:
    """Holds a call back until the test lets it go on."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call
        self.reached, self.open = threading.Event(), threading.Event()

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.reached.set()
        assert self.open.wait(30)
        return self._call(*args, **named)


async def test_a_window_that_is_left_while_a_customer_is_taken_in_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.handover import taking

    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    gate = Gate(taking._replace)
    monkeypatch.setattr(taking, "_replace", gate)
    async with opened(two) as (app, pilot):
        await pilot.press("I")
        await read(app, pilot, file)
        await until(pilot, lambda: "Erika Muster hat am" in shown(app))
        await push(pilot, "#go")
        await until(pilot, gate.reached.is_set)
        await pilot.press("escape")
        await push(pilot, "#leave")
        await pilot.pause()
        assert isinstance(app.screen, ArrivalScreen)
        gate.open.set()
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        await until(pilot, lambda: main(app).cockpit.workspace.customer.key == CUSTOMER)
        await until(pilot, lambda: main(app).cockpit.checklists.book is not None)
    assert load(two.config).customers[CUSTOMER].name == "Wohnbau Musterstadt eG"
    assert (two.folder / CUSTOMER / "kanäle" / "übersicht.toml").exists()


async def test_a_console_that_ends_while_a_customer_is_taken_in_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.handover import taking

    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    gate, done = Gate(taking._replace), threading.Event()
    take = Arrival.take

    def told(self: Arrival, who: str = "") -> object:
        try:
            return take(self, who)
        finally:
            done.set()

    monkeypatch.setattr(taking, "_replace", gate)
    monkeypatch.setattr(Arrival, "take", told)
    async with opened(two) as (app, pilot):
        await pilot.press("I")
        await read(app, pilot, file)
        await until(pilot, lambda: "Erika Muster hat am" in shown(app))
        await push(pilot, "#go")
        await until(pilot, gate.reached.is_set)
    gate.open.set()
    assert done.wait(30)
    assert load(two.config).customers[CUSTOMER].name == "Wohnbau Musterstadt eG"
    (evidence,) = answers(two.open()).history("own.provider")[-1].files
    assert len(list((two.folder / "data").rglob(f"{evidence.sha256}.sealed"))) == 1


async def test_a_window_that_is_left_while_the_file_is_written_tells_how_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.screens import handover_dialog

    one = first(tmp_path / "one")
    gate = Gate(handover_dialog._written)
    monkeypatch.setattr(handover_dialog, "_written", gate)

    def left(app: ConsoleApp) -> bool:
        return not isinstance(app.screen, HandoverDialog)

    async with opened(one) as (app, pilot):
        await until(pilot, lambda: main(app).cockpit.checklists.book is not None)
        await handed_over(app, pilot, "vier blaue Pferde tanzen", "vier blaue Pferde tanzen")
        await until(pilot, gate.reached.is_set)
        await pilot.press("escape")
        await pilot.pause()
        assert not left(app)
        gate.open.set()
        await until(pilot, lambda: "dieses Rechners sind nicht dabei" in shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: left(app))
    assert len(files(tmp_path)) == 1


def test_what_was_taken_in_stays_ready_where_its_order_cannot_be_read_just_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from console.handover import taking

    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)

    def disk(*_args: object) -> None:
        raise StoreError("disk")

    with monkeypatch.context() as broken:
        broken.setattr(taking, "settle", disk)
        with pytest.raises(StoreError):
            two.take(file)
    (folder,) = (two.home.data / staging.FOLDER).iterdir()
    real = Path.read_text

    def locked(path: Path, *args: Any, **named: Any) -> str:
        if path.name == settle.ORDER:
            raise PermissionError(13, "in use")
        return real(path, *args, **named)

    with monkeypatch.context() as busy:
        busy.setattr(Path, "read_text", locked)
        with pytest.raises(StoreError):
            settle.drop_unless_taken(two.home.data, folder)
    order = settle.drop_unless_taken(two.home.data, folder)
    assert order is not None
    settle.settle(two.home.data, folder, order)
    assert (two.folder / CUSTOMER / "kanäle" / "übersicht.toml").exists()


def test_ones_own_file_lifts_the_mark_only_once_somebody_agrees(tmp_path: Path) -> None:
    setup("en")
    one, two, file = first(tmp_path / "one"), second(tmp_path / "two"), tmp_path / "muster.einzug"
    one.export(file)
    with one.arriving(file) as arrival:
        assert arrival.preview.overwrites
        assert "! Max Beispiel works on it" in "\n".join(arrival_lines(arrival))
    assert given(one.open()) is not None
    two.take(file)
    back = tmp_path / "back.einzug"
    two.export(back, to="Erika Muster")
    with one.arriving(back) as arrival:  # that is how it is meant
        assert "! Max Beispiel works on it" not in "\n".join(arrival_lines(arrival))
        arrival.take(now=NOW)
    assert given(one.open()) is None


def test_no_setting_is_taken_over_while_somebody_else_works_on_the_customer(tmp_path: Path) -> None:
    one = first(tmp_path / "one")
    one.export(tmp_path / "muster.einzug")
    before = one.config.read_bytes()
    birth_date = Proposal("bots4you", "master-data", "birth_date", value=True, former=False)
    with pytest.raises(HandedOver):
        take_over(one.open(), [birth_date])
    assert one.config.read_bytes() == before


async def test_an_acceptance_ticket_is_not_followed_where_somebody_else_works_on_the_customer(
    tmp_path: Path,
) -> None:
    one = first(tmp_path / "one")

    async def nothing(_told: object) -> None:
        pytest.fail("it goes no further")

    guide = TripGuide(one.open(), "bots4you")
    one.export(tmp_path / "muster.einzug")
    with pytest.raises(HandedOver):
        await guide.follow(Standing(new_trip(NOW, "10/1", "")), nothing, nothing)


def _nested(writer: ParcelWriter) -> None:
    whole(writer)
    writer._sealed.write(b"[" * 200_000 + b"\n")


def _large_number(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("counted", ("partner", "environment", "use_case", "at", "counts"))
    writer.row(("a", "b", "c", 10**30, "{}"))


def _sealed_text(writer: ParcelWriter) -> None:
    whole(writer)
    columns = ("token", "kind", "at", "sealed", "seq")
    writer.rows("handover", columns)
    writer.row(("t", "given", "2026-01-01T00:00:00+00:00", "no bytes", 1))


def _clear_number(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("answer", ("seq", "item", "clear", "content"))
    writer.row((1, 7, 1, b"{}"))


@pytest.mark.parametrize("fill", [_nested, _large_number, _sealed_text, _clear_number])
def test_what_somebody_with_the_passphrase_made_up_is_refused_with_a_sentence(
    tmp_path: Path, fill: Callable[[ParcelWriter], None]
) -> None:
    refused(second(tmp_path / "two"), written(tmp_path / "x", fill))


@pytest.mark.parametrize("name", ["CON .txt", "com¹", "a/LPT³.toml", "conin$", "CONOUT$.txt", "nul . x"])
def test_names_that_windows_keeps_for_devices_in_any_spelling_do_not_travel(name: str) -> None:
    assert not safe_name(name)
