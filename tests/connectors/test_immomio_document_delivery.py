"""Documents on their way to Immomio: their bytes come from the archive when they are sent, and only then."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Action, Change, Result, Value
from connectors.wrappers import Patience, Retrying
from tests.connectors.conformance import at_once
from tests.connectors.immomio_desk import Desk, code, desk, stocked

PDF = b"%PDF-1.4 Betriebskosten " + bytes(range(256)) * 40


def filed(content: bytes = PDF, key: str = "4711", **given: Value) -> Change:
    """A document of the lease that the desk knows."""
    after: dict[str, Value] = {
        "title": "Betriebskosten ü",
        "createdAt": datetime(2025, 6, 15, tzinfo=UTC),
        "category": "Mieter-Freigabe",
        "archive": "MV Mieterapp",
        "contract": "00/c",
        "tenants": ("10/0110",),
        "size": len(content),
        "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "mode": "stored",
    }
    return Change(Action.CREATE, "document", f"10/{key}", after={**after, **given})


def changed(before: Change, **given: Value) -> Change:
    """The same document with other values."""
    after = {**(before.after or {}), **given}
    return replace(before, action=Action.UPDATE, before=before.after, after=after)


def ready(d: Desk, content: bytes = PDF, key: str = "4711") -> Desk:
    """The desk with a lease, and the document in the archive."""
    stocked(d.sandbox)
    d.shelf.files[key] = content
    return d


def contents(d: Desk) -> Any:
    """Size and MD5 of the files that Immomio keeps."""
    return d.sandbox.state("contents")


async def test_a_document_arrives_byte_for_byte_and_is_read_back_as_it_was_written() -> None:
    async with desk() as d:
        ready(d)
        change = filed()
        outcome = await d.immomio.apply(change)
        assert outcome.result is Result.DONE
        assert contents(d)["10/4711"] == {"size": len(PDF), "md5": (change.after or {})["md5"]}
        found = await d.immomio.find("document", "10/4711")
        assert found is not None
        assert found.fields == change.after


async def test_metadata_alone_asks_the_archive_for_nothing() -> None:
    async with desk() as d:
        ready(d)
        assert (await d.immomio.apply(filed(mode="metadata"))).ok
        assert (d.shelf.asked, contents(d)) == ([], {})


async def test_a_new_title_does_not_send_the_file_again_but_a_new_file_does() -> None:
    async with desk() as d:
        ready(d)
        first = filed()
        assert (await d.immomio.apply(first)).ok
        assert (await d.immomio.apply(changed(first, title="Nachtrag"))).ok
        assert d.shelf.asked == ["4711"]
        d.shelf.files["4711"] = b"%PDF neu"
        again = filed(b"%PDF neu").after or {}
        assert (await d.immomio.apply(changed(first, **again))).ok
        assert d.shelf.asked == ["4711", "4711"]
        assert contents(d)["10/4711"]["size"] == 8


async def test_what_becomes_metadata_loses_its_file_and_what_is_deleted_is_gone() -> None:
    async with desk() as d:
        ready(d)
        first = filed()
        await d.immomio.apply(first)
        assert (await d.immomio.apply(changed(first, mode="metadata"))).ok
        assert contents(d) == {}
        gone = replace(first, action=Action.DELETE, before=first.after, after=None)
        assert (await d.immomio.apply(gone)).result is Result.DONE
        assert (await d.immomio.apply(gone)).result is Result.ALREADY


async def test_a_file_that_cannot_be_had_keeps_the_document_back() -> None:
    async with desk() as d:
        ready(d)
        d.shelf.broken.add("4711")
        outcome = await d.immomio.apply(filed())
        assert (outcome.ok, code(outcome)) == (False, "immomio.file_missing")
        assert "10/4711" not in d.held("document")


async def test_a_document_that_changed_since_the_plan_is_not_sent() -> None:
    async with desk() as d:
        ready(d, b"%PDF something else")
        outcome = await d.immomio.apply(filed())
        assert (outcome.result, code(outcome)) == (Result.FAILED, "immomio.file_changed")
        assert d.sent("POST", "/documents") == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"mode": "metadata", "contract": "00/x"}, "immomio.unknown_contract"),
        ({"mode": "metadata", "tenants": ("10/0001",)}, "immomio.foreign_tenant"),
        ({"contract": "00/x"}, "http.rejected"),  # an answer to a file might quote it
    ],
)
async def test_immomio_refuses_a_document_of_an_unknown_lease_or_of_somebody_else(
    given: dict[str, Any], why: str
) -> None:
    async with desk() as d:
        ready(d)
        outcome = await d.immomio.apply(filed(**given))
        assert (outcome.result, code(outcome)) == (Result.REJECTED, why)


async def test_one_refused_document_does_not_hold_up_the_others() -> None:
    async with desk() as d:
        ready(d)
        d.shelf.files |= {"1": PDF, "2": PDF, "3": PDF}
        changes = [filed(key="1"), filed(key="2", contract="00/x"), filed(key="3")]
        outcomes = await d.immomio.apply_many(changes)
        assert [(o.id, o.ok) for o in outcomes] == [("10/1", True), ("10/2", False), ("10/3", True)]


@pytest.mark.parametrize("fault", ["cut", "cut-after", "500", "truncate"])
async def test_each_document_is_there_once_whatever_becomes_of_the_first_try(fault: str) -> None:
    async with desk(f"{fault},path=/documents,method=POST,count=1") as d:
        ready(d)
        patient = Retrying(d.immomio, Patience(tries=4), at_once)
        (outcome,) = await patient.apply_many([filed()])
        assert outcome.ok
        assert d.sandbox.state("creates")["document"]["10/4711"] == 1
        assert contents(d)["10/4711"]["size"] == len(PDF)


async def test_without_the_right_to_documents_the_check_says_so() -> None:
    async with desk(rights=("documents:write",)) as d:
        (finding, *_) = await d.immomio.check()
        assert finding.evidence.args["rights"] == "documents:write"
