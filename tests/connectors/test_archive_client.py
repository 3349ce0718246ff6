"""Reading an archive and filing in it over HTTP, against a double that shares no code with the client."""

from __future__ import annotations

import hashlib

import pytest

from connectors.contract import Page, Scope, Text, Verdict
from connectors.documents import ArchiveInfo
from connectors.problems import Arrival, Failure, Trouble
from connectors.sandbox.company_documents import DEFECTS, LARGE, build_documents
from connectors.texts import meaning, render
from tests.connectors.archive_kit import INDEX, Room, company, everything, pieces, room


async def code(call: object) -> str:
    """The problem in which a call ends."""
    with pytest.raises(Failure) as caught:
        await call  # type: ignore[misc]  # any coroutine
    return caught.value.problem.code


async def fetched(here: Room, id_: str) -> bytes:
    """A file as it comes."""
    return b"".join([piece async for piece in here.archive.fetch(id_)])


async def test_archives_are_listed_with_their_indexes_and_whether_they_are_linked() -> None:
    async with room() as here:
        infos = [r async for page in here.archive.read("archive") for r in page.records]
        found = {info.name: info for info in infos if isinstance(info, ArchiveInfo)}
        assert {"Mieter App", "MV Mieterapp", "MI Mietvertrag"} < set(found)
        assert INDEX in found["MI Mietvertrag"].indexes
        assert INDEX not in found["Objektakte"].indexes
        assert (found["Altbestand"].linked, found["Mieter App"].linked) == (False, True)


async def test_only_the_archives_of_the_scope_are_read_with_their_index_values_by_name() -> None:
    async with room() as here:
        here.file(title="Brief", contract="4711", mandant="10", created="2026-02-03", category="Post")
        found = await here.documents("MV Mieterapp")
        assert {d.archive for d in found} == {"MV Mieterapp"}
        brief = found[-1]
        assert (brief.title, brief.category, brief.indexes[INDEX]) == ("Brief", "Post", "4711")
        assert brief.indexes["Mandant"] == "10"
        assert brief.created_at.date().isoformat() == "2026-02-03"
        assert "Brief" not in repr(brief)


async def test_nothing_is_missing_where_searches_are_cut_off() -> None:
    async with room() as here:
        whole = await here.documents()
    async with room(most=9) as here:
        parts = await here.documents()
        assert sorted(d.id for d in parts) == sorted(d.id for d in whole)
        assert len(whole) == len(build_documents(company()).documents)
        searches = [call for call in here.log.calls() if call.path.endswith("/v2/search")]
        assert len(searches) > 20


async def test_a_reading_goes_on_where_it_was_interrupted() -> None:
    async with room(most=9) as here:
        whole = await everything(here.archive, ())
        pages: list[Page[object]] = []
        async for page in here.archive.read("document"):
            pages.append(page)
            if len(pages) == 12:
                break
        rest = await everything(here.archive, (), pages[-1].next)
        before = [record for page in pages for record in page.records]
        assert [*before, *rest] == whole


async def test_what_cannot_be_split_any_further_is_a_problem_and_not_a_shorter_list() -> None:
    async with room(most=3) as here:
        assert await code(here.documents("MI Mietvertrag")) == "archive.too_many"


async def test_an_archive_that_is_not_there_is_named() -> None:
    async with room() as here:
        assert await code(here.documents("Mietwohnungen")) == "archive.unknown_archive"


async def test_a_file_comes_whole_and_its_md5_is_verified() -> None:
    async with room() as here:
        id_ = str(here.file(title="Plan", size=5_000_000)["ID"])
        content = await fetched(here, id_)
        assert (len(content), content[:4]) == (5_000_000, b"%PDF")
        document = next(d for d in await here.documents() if d.id == id_)
        assert hashlib.md5(content, usedforsecurity=False).hexdigest() == document.md5


@pytest.mark.parametrize("fault", ["truncate", "cut", "malformed"])
async def test_a_file_that_breaks_is_refused(fault: str) -> None:
    async with room(f"{fault},path=/AAKRest/v1/files/*") as here:
        id_ = str(here.file(title="Plan")["ID"])
        with pytest.raises(Failure) as caught:
            await fetched(here, id_)
        assert caught.value.problem.repeatable


async def test_a_file_over_fifty_megabytes_is_not_even_asked_for() -> None:
    async with room() as here:
        large = [d for d in await here.documents() if d.size == LARGE]
        assert len(large) == 1
        assert await code(fetched(here, large[0].id)) == "archive.too_large"
        assert not [call for call in here.log.calls() if "/v1/files/" in call.path]


async def test_a_document_that_is_gone_is_missing() -> None:
    async with room() as here:
        with pytest.raises(Failure) as caught:
            await fetched(here, "1")
        assert caught.value.problem.trouble is Trouble.MISSING


async def test_an_attachment_is_filed_found_again_and_shown_at_an_activity_once() -> None:
    async with room() as here:
        archive, indexes = here.archive, {INDEX: "001.02/3"}
        wanted = hashlib.md5(b"Foto vom Schaden").hexdigest()
        assert await archive.find("Mieter App", indexes, wanted) is None
        stored = await archive.store(
            "Mieter App", indexes, "Küche ü.jpg", pieces(b"Foto vom", b" Schaden"), 16
        )
        assert (stored.size, stored.md5) == (16, wanted)
        assert await archive.find("Mieter App", indexes, wanted.upper()) == stored
        assert await archive.find("MV Mieterapp", indexes, wanted) is None
        assert await fetched(here, stored.id) == b"Foto vom Schaden"
        for _ in range(2):
            await archive.link(stored.id, "A/7")
        assert await archive.linked("A/7") == (stored,)
        assert await archive.linked("A/8") == ()


async def test_the_bytes_that_are_filed_may_hold_anything() -> None:
    content = b'\r\n--einzug\r\nContent-Disposition: form-data; name="x"\r\n\r\n' + bytes(range(256))
    async with room() as here:
        stored = await here.archive.store("Mieter App", {}, 'a"b\r\n.bin', pieces(content), len(content))
        assert await fetched(here, stored.id) == content


async def test_nothing_is_sent_where_a_file_is_too_large_or_other_than_announced() -> None:
    async with room() as here:
        archive = here.archive
        for size, why in ((51 * 1024 * 1024, "archive.too_large"), (4, "archive.file_damaged")):
            assert await code(archive.store("Mieter App", {}, "a", pieces(b"abc"), size)) == why
        assert here.sandbox.state("creates") == {}
        assert await code(archive.store("Mieter App", {"Index": "1"}, "a", pieces(b"a"), 1)) == (
            "archive.unknown_index"
        )


async def test_a_filing_whose_answer_is_lost_may_have_arrived_and_is_found() -> None:
    async with room("cut-after,path=/AAKRest/v1/documents,method=POST") as here:
        with pytest.raises(Failure) as caught:
            await here.archive.store("Mieter App", {INDEX: "1"}, "a", pieces(b"abc"), 3)
        assert caught.value.problem.arrival is Arrival.PERHAPS
        found = await here.archive.find("Mieter App", {INDEX: "1"}, hashlib.md5(b"abc").hexdigest())
        assert found is not None


async def test_an_expired_token_is_renewed_once() -> None:
    async with room() as here:
        await here.documents("Mieter App")
        here.clock.advance(3_600)
        assert await here.documents("Mieter App")
        assert [c.path for c in here.log.calls()].count("/AAKRest/Token") == 2


@pytest.mark.parametrize("field", ["username", "password", "client_id", "client_secret", "scope"])
async def test_each_wrong_secret_is_told_and_never_shown(field: str) -> None:
    async with room(secrets={field: "wr0ng-canary"}) as here:
        (finding,) = await here.archive.check()
        assert finding.verdict is Verdict.FAIL
        assert finding.evidence.code == "archive.connection_credentials"
        with pytest.raises(Failure) as caught:
            await here.documents()
        shown = f"{caught.value} {meaning(caught.value.problem)} {render(finding.evidence)}"
        assert "wr0ng" not in shown + repr(here.log.calls()) + repr(here.archive)


async def test_every_planted_defect_is_in_the_archive() -> None:
    cabinet = build_documents(company())
    assert set(cabinet.defects) == set(DEFECTS)
    assert all(cabinet.defects.values())
    ids = [key for keys in cabinet.defects.values() for key in keys]
    assert len(ids) == len(set(ids))
    assert build_documents(company()) == cabinet
    assert Scope().archives is None


def _crowd(here: Room, numbers: list[str]) -> set[str]:
    """Documents of one day and archive, one for each contract number."""
    made = [here.file(title="Brief", contract=number, created="2026-02-03") for number in numbers]
    return {str(one["ID"]) for one in made}


ARCHIVE = "MV Mieterapp"
CROWD = [f"4711{number}" for number in range(15)]
ODD = ["Ä-7", "#9", "*", "(12)", "Ω"]


async def _read(here: Room, archive: str) -> tuple[list[str], list[Text]]:
    """The ids of an archive's documents, and the gaps."""
    scope, ids, gaps = Scope(archives=frozenset({archive})), list[str](), list[Text]()
    async for page in here.archive.read("document", scope=scope):
        ids += [one.id for one in page.records]
        gaps += page.gaps
    return ids, gaps


async def test_of_a_day_with_more_documents_than_a_search_names_no_odd_number_is_missed() -> None:
    async with room(most=400, max_hits=9) as here:  # this archive gives more than we usually ask for
        made = _crowd(here, [*CROWD, *ODD])
        ids, gaps = await _read(here, ARCHIVE)
    assert made <= set(ids)
    assert len(ids) == len(set(ids))
    assert gaps == []


async def test_where_the_archive_never_gives_as_many_the_gap_is_named() -> None:
    async with room(most=9) as here:
        made = _crowd(here, [*CROWD, *ODD])
        ids, gaps = await _read(here, ARCHIVE)
    assert gaps == [Text("archive.gap", {"archive": ARCHIVE, "day": "2026-02-03"})]
    assert len(ids) == len(set(ids))
    assert len(made - set(ids)) <= len(ODD)
