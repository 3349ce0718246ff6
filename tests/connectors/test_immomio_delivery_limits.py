"""Deliveries that must not leave as they are: no room to pack, no valid object, a stock that moves."""

from __future__ import annotations

import asyncio
import errno
import ftplib
import io
import json
import tempfile
import threading
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from connectors.answers import Reply
from connectors.contract import Action, Change, Record, Result, Value
from connectors.immomio import parcel
from connectors.immomio.client import connect
from connectors.immomio.delivery import Deliveries
from connectors.immomio.offers import Sender, offer
from connectors.immomio.parcel import Parcel
from connectors.openimmo import read
from connectors.openimmo.package import Package
from connectors.openimmo.source import Source
from connectors.problems import Arrival, Failure
from tests.connectors.conformance import explained
from tests.connectors.immomio_desk import (
    PICTURE,
    PROPERTY,
    VACANCY,
    Desk,
    code,
    create,
    delete,
    desk,
    update,
)


def _full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("way", ["partial", "full"])
@pytest.mark.parametrize("step", ["make", "fetch", "pack"])
async def test_a_full_disk_is_an_outcome_and_leaves_other_records_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str, way: str
) -> None:
    async with desk(delivery=way) as d:
        d.shelf.files = {"media-1.jpg": b"picture" * 99}
        if step == "make":
            monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
        elif step == "fetch":
            monkeypatch.setattr(parcel, "IN_MEMORY", 1)
            monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", _full)
        else:
            monkeypatch.setattr(Package, "add", _full)
        client = Change(Action.CREATE, "property", "10", after=PROPERTY)
        outcomes = await d.immomio.apply_many([create("v1", attachments=(PICTURE,)), client])
        assert (outcomes[0].result, code(outcomes[0])) == (Result.FAILED, "immomio.no_room")
        assert outcomes[0].problem is not None
        explained(outcomes[0].problem)
        assert outcomes[1].result is Result.DONE
        assert d.sent("PUT", "/vacancies/import") == 0


async def test_what_was_delivered_before_the_disk_was_full_keeps_its_outcome(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "connectors.immomio.delivery.ApiWay.largest", 1
    )  # each with files in a parcel of its own
    packed: list[str] = []
    add = Package.add

    def once(self: Package, name: str, pieces: Iterable[bytes]) -> int:
        packed.append(name)
        return _full() if packed.count("openimmo.xml") else add(self, name, pieces)

    async with desk() as d:
        d.shelf.files = {f"m-{n}.jpg": b"x" * 99 for n in range(3)}
        changes = [create(f"v{n}", attachments=(f"BILD|m-{n}.jpg|v|",)) for n in range(3)]
        first = await d.immomio.apply(changes[0])
        monkeypatch.setattr(Package, "add", once)
        outcomes = await d.immomio.apply_many(changes[1:])
        assert first.ok
        assert [code(one) for one in outcomes] == ["immomio.no_room"] * 2
        assert sorted(d.held()) == ["v0"]


async def test_an_object_that_the_format_forbids_is_not_sent_and_the_place_is_named() -> None:
    async with desk() as d:
        changes = [create("v1", postalCode=None, city=None), create("v2")]
        outcomes = await d.immomio.apply_many(changes)
        assert [one.result for one in outcomes] == [Result.REJECTED, Result.DONE]
        assert outcomes[0].problem is not None
        assert (code(outcomes[0]), outcomes[0].problem.excerpt) == ("immomio.unsuitable", "immobilie/geo")
        assert list(d.held()) == ["v2"]


async def test_a_vacancy_can_be_withdrawn_whatever_is_known_of_it() -> None:
    async with desk() as d:
        assert (await d.immomio.apply(create("v1"))).ok
        bare = Change(Action.DELETE, "vacancy", "v1", before={})
        assert (await d.immomio.apply(bare)).result is Result.DONE


async def test_files_whose_names_differ_in_case_only_arrive_both() -> None:
    async with desk() as d:
        d.shelf.files = {"media-aB.jpg": b"1", "media-Ab.jpg": b"2"}
        changes = [
            create("v1", attachments=("BILD|media-aB.jpg|v|", "BILD|media-Ab.jpg|v|")),
            create("v2", attachments=(f"BILD|{'x' * 120}.jpg|v|",)),
        ]
        outcomes = await d.immomio.apply_many(changes)
        assert [one.result for one in outcomes] == [Result.DONE, Result.REJECTED]
        assert len(d.held()["v1"]["attachments"]) == 2


class _Taken:
    """A way that takes every delivery and remembers which vacancies it listed."""

    largest = 1_000_000
    whole = 1 << 30

    def __init__(self) -> None:
        self.listed: list[list[str]] = []

    async def send(self, parcel: Parcel, document: bytes, ids: frozenset[str]) -> Reply:
        """Note what is listed, and say yes."""
        found = [
            str(read.at(o.node, "verwaltung_techn", "objektnr_extern")) for o in _offers(parcel, document)
        ]
        self.listed.append(sorted(found))
        results = [{"externalId": id_, "status": 200} for id_ in ids]
        return Reply(200, {}, json.dumps({"results": results}).encode(), "PUT", write=True)

    async def settled(self, id_: str | None) -> None:
        """Always so."""


def _offers(parcel: Parcel, document: bytes) -> list[read.Offer]:
    with zipfile.ZipFile(parcel.finish(document)) as archive:
        content = io.BytesIO(archive.read("openimmo.xml"))
    return list(read.offers(Source(content, "openimmo.xml")))


def _shown(*readings: tuple[str, ...]) -> Any:
    """Immomio's list as it is read again and again; the last one stays."""
    left = list(readings)

    async def shown() -> AsyncIterator[Record]:
        fields: dict[str, Value] = VACANCY
        for id_ in left.pop(0) if len(left) > 1 else left[0]:
            yield Record("vacancy", id_, fields)

    return shown


async def test_a_row_that_was_missed_between_two_pages_is_not_withdrawn() -> None:
    way = _Taken()
    deliveries = Deliveries(way, Sender("Wohnbau", "", "vermietung@example.org"), None, full=True)
    shown = _shown(("a", "c"), ("a", "b", "c"))
    (outcome,) = await deliveries.deliver([update("a", title="Neu")], shown)
    assert outcome.result is Result.DONE
    assert way.listed == [["a", "b", "c"]]


async def test_a_stock_that_never_stands_still_is_not_delivered() -> None:
    way = _Taken()
    deliveries = Deliveries(way, Sender("Wohnbau", "", "vermietung@example.org"), None, full=True)
    shown = _shown(*(("a", f"v{n}") for n in range(20)))
    (outcome,) = await deliveries.deliver([delete("a")], shown)
    assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.stock_moving")
    assert way.listed == []


@pytest.mark.parametrize("full", [False, True])
async def test_objects_are_made_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch, full: bool) -> None:
    where: set[int] = set()
    made = offer

    def noted(*args: Any) -> Any:
        where.add(threading.get_ident())
        return made(*args)

    monkeypatch.setattr("connectors.immomio.delivery.offer", noted)
    deliveries = Deliveries(_Taken(), Sender("Wohnbau", "", "vermietung@example.org"), None, full=full)
    assert (await deliveries.deliver([create("a"), delete("b")], _shown(("a", "b", "c"))))[0].ok
    assert where
    assert threading.get_ident() not in where


def _by_ftp(d: Desk, *steps: Callable[[ftplib.FTP], object]) -> None:
    """What somebody else does on the FTP server."""
    ftp = d.ready["ftp"]
    with ftplib.FTP(timeout=5) as session:
        session.connect(ftp["host"], ftp["port"])
        session.login(ftp["username"], ftp["password"])
        for step in steps:
            step(session)


async def test_a_delivery_that_an_ended_run_left_behind_is_not_taken_for_one_that_never_arrived() -> None:
    async with desk("ftp-no-result,count=1", dit=True, ftp_wait=1) as d:
        assert (await d.immomio.apply(create("v1"))).result is Result.UNKNOWN
        later = connect(d.connection)
        try:
            with pytest.raises(Failure) as caught:
                await later.find("vacancy", "v1")
            problem = caught.value.problem
            assert (problem.code, problem.arrival) == ("immomio.ftp_waiting", Arrival.NEVER)
            await asyncio.to_thread(_by_ftp, d, lambda ftp: ftp.delete(f"/in/{problem.where}"))
            assert await later.find("vacancy", "v1") is None
        finally:
            await later.aclose()


async def test_somebody_elses_files_on_the_server_do_not_hold_up_reading() -> None:
    def put(name: str) -> Callable[[ftplib.FTP], object]:
        return lambda ftp: ftp.storbinary(f"STOR /in/{name}", io.BytesIO(b"half"))

    async with desk(dit=True) as d:
        await asyncio.to_thread(_by_ftp, d, put("einzug-1.zip.part"), put("other.txt"))
        assert await d.immomio.find("vacancy", "v1") is None
        assert [call.method for call in d.log.calls()].count("NLST") == 1
        assert await d.immomio.find("vacancy", "v2") is None
        assert [call.method for call in d.log.calls()].count("NLST") == 1


@pytest.mark.parametrize("heavy", ["pictures", "document"])
async def test_a_full_delivery_larger_than_one_call_carries_is_refused_before_it_leaves(
    monkeypatch: pytest.MonkeyPatch, heavy: str
) -> None:
    async with desk(delivery="full") as d:
        d.shelf.files = {"media-1.jpg": b"picture" * 2_000}
        await d.immomio.apply(create("v1"))
        before = d.sent("PUT", "/vacancies/import")
        size = 10_000 if heavy == "pictures" else 500
        monkeypatch.setattr("connectors.immomio.delivery.ApiWay.whole", size)
        attached = (PICTURE,) if heavy == "pictures" else ()
        outcomes = await d.immomio.apply_many([create("v2", attachments=attached), delete("v1")])
        assert [(one.result, code(one)) for one in outcomes] == [
            (Result.FAILED, "immomio.stock_too_large")
        ] * 2
        assert outcomes[0].problem is not None
        explained(outcomes[0].problem)
        assert d.sent("PUT", "/vacancies/import") == before
        monkeypatch.undo()
        assert (await d.immomio.apply(create("v2", attachments=attached))).ok
