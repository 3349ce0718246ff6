"""Documents for Immomio: each only for the tenants of its lease, everything else named with its rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connectors.contract import Capability, CheckContext, Record, Skipped, Text, Verdict
from connectors.documents import LARGEST
from connectors.housing import Entity, LeaseStatus
from connectors.immomio.checks_documents import (
    DOCUMENT_CHECKS,
    archives,
    category_archives,
    same_tenants,
    search_categories,
    visible,
)
from connectors.immomio.document_settings import DocumentSettings
from connectors.immomio.documents import DOCUMENTS, desired_documents
from connectors.immomio.exposure import concerns, dangerous_words, exposure, masked_title, review
from connectors.immomio.settings import MasterDataSettings
from connectors.problems import Failure
from connectors.sandbox.company_documents import DANGEROUS
from connectors.texts import render
from tests.connectors import bots4you_erp as plain
from tests.connectors.bots4you_erp import spoken
from tests.connectors.immomio_archive import ARCHIVE, INDEX, MD5, SETTINGS, document, info, source
from tests.connectors.immomio_erp import TODAY, Erp, house


async def desired(read: Any, settings: DocumentSettings = SETTINGS) -> list[Record | Skipped]:
    return [one async for one in desired_documents(read, settings, today=TODAY)]


async def only(read: Any, settings: DocumentSettings = SETTINGS) -> Record | Skipped:
    (one,) = await desired(read, settings)
    return one


def second_mandant() -> list[Entity]:
    """A lease with the same number in another Mandant."""
    return [*house(), plain.mandant("20"), plain.lease("l2", "0042", where="20", unit_id="u2")]


async def test_a_document_belongs_to_the_tenants_of_its_lease_and_to_nobody_else() -> None:
    one = await only(source(document(title=" Betriebskosten\n 2024 ")))
    assert isinstance(one, Record)
    assert (one.entity, one.id) == ("document", "10/4711")
    assert one.fields == {
        "clientNumber": "10",
        "title": "Betriebskosten 2024",
        "createdAt": datetime(2025, 6, 15, tzinfo=UTC),
        "category": "Mieter-Freigabe",
        "archive": ARCHIVE,
        "contract": "10/0042",
        "tenants": ("10/700815",),
        "size": 1_000,
        "md5": MD5,
        "mode": "stored",
        "concerns": (),
    }


@pytest.mark.parametrize(
    ("given", "rule", "why"),
    [
        ({"size": LARGEST + 1}, "I19", "document_too_large"),
        ({"contract": None}, "I20", "contract_missing_in_index"),
        ({"contract": "  "}, "I20", "contract_missing_in_index"),
        ({"contract": "0043"}, "I20", "contract_unknown"),
        ({"contract": "42"}, "I20", "contract_unknown"),
    ],
)
async def test_what_no_tenant_may_see_is_named_with_its_rule(
    given: dict[str, Any], rule: str, why: str
) -> None:
    one = await only(source(document(**given)))
    assert isinstance(one, Skipped)
    assert (one.id, one.rule) == ("archive:4711", rule)
    assert spoken([one.reason]) == [why]


async def test_a_document_as_large_as_allowed_is_sent() -> None:
    assert isinstance(await only(source(document(size=LARGEST))), Record)


async def test_a_contract_number_of_several_mandanten_is_nobodys_unless_the_document_names_one() -> None:
    read = source(document(), erp=second_mandant())
    one = await only(read)
    assert isinstance(one, Skipped)
    assert (one.rule, spoken([one.reason])) == ("I20", ["contract_in_several_mandanten"])
    named = document(indexes={INDEX: "0042", "Mandant": "10"})
    sent = await only(source(named, erp=second_mandant()))
    assert isinstance(sent, Record)
    assert sent.fields["concerns"] == ("several_mandanten",)
    foreign = document(indexes={INDEX: "0042", "Mandant": "20"})
    other = await only(source(foreign, erp=second_mandant()))
    assert isinstance(other, Skipped)
    assert (other.rule, spoken([other.reason])) == ("C3", ["mandant_not_chosen"])
    nobody = await only(source(document(indexes={INDEX: "0042", "Mandant": "30"}), erp=second_mandant()))
    assert isinstance(nobody, Skipped)
    assert spoken([nobody.reason]) == ["contract_not_of_mandant"]


async def test_a_mandant_that_is_not_chosen_still_makes_a_number_ambiguous() -> None:
    chosen = replace(SETTINGS, mandanten=("10",))
    one = await only(source(document(), erp=second_mandant()), chosen)
    assert isinstance(one, Skipped)


async def test_documents_of_an_ended_lease_stay_where_they_are() -> None:
    ended = plain.lease(status=LeaseStatus.ENDED, end=date(2024, 1, 31))
    records = [ended if record.id == "l1" else record for record in house()]
    one = await only(source(document(), erp=records))
    assert isinstance(one, Skipped)
    assert (one.rule, spoken([one.reason])) == ("I20", ["contract_ended"])
    assert one.fields["concerns"] == ("ended_lease",)


@pytest.mark.parametrize(
    "other",
    [
        plain.lease("l0", status=LeaseStatus.ENDED, end=date(2019, 4, 30)),
        replace(plain.lease("l3"), start=date(2030, 1, 1)),
        plain.lease("l4"),
    ],
    ids=["before", "later", "at once"],
)
async def test_a_number_that_went_on_to_another_lease_leads_to_nobody(other: Entity) -> None:
    one = await only(source(document(), erp=[*house(), other]))
    assert isinstance(one, Skipped)
    assert (one.rule, spoken([one.reason])) == ("I20", ["contract_repeated"])


async def test_a_lease_that_immomio_does_not_get_takes_no_documents() -> None:
    mailless = [replace(r, emails=()) if r.id == "p1" else r for r in house()]  # type: ignore[call-arg]  # a Person
    one = await only(source(document(), erp=mailless))
    assert isinstance(one, Skipped)
    assert (one.rule, spoken([one.reason])) == ("I20", ["contract_not_sent"])
    sent = await only(source(document(), erp=mailless), replace(SETTINGS, leases_without_tenant="send"))
    assert isinstance(sent, Skipped)
    assert spoken([sent.reason]) == ["document_without_tenant"]


async def test_an_archive_without_the_index_is_named_document_by_document() -> None:
    one = await only(source(document(), infos=[info(ARCHIVE, "Bemerkung")]))
    assert isinstance(one, Skipped)
    assert (one.rule, spoken([one.reason])) == ("I20", ["archive_without_index"])


async def test_a_search_category_hides_nothing_but_an_exclusion_does() -> None:
    read = source(document(category="Sonstiges"))
    named = replace(SETTINGS, categories=("Mieter-Freigabe",))
    assert isinstance(await only(read, named), Record)
    for excluding in (
        replace(SETTINGS, excluded_categories=("Sonstiges",)),
        replace(SETTINGS, excluded_archives=(ARCHIVE,)),
    ):
        one = await only(read, excluding)
        assert isinstance(one, Skipped)
        assert one.rule == "I21"


async def test_dangerous_documents_can_be_held_back() -> None:
    read = source(document(title="Zweite Mahnung"))
    sent = await only(read)
    assert isinstance(sent, Record)
    assert [t.args["concern"] for t in review(sent)] == ["word_reminder"]
    held = await only(read, replace(SETTINGS, dangerous="hold"))
    assert isinstance(held, Skipped)
    assert (held.rule, held.fields["concerns"]) == ("I21", ("word_reminder",))


async def test_only_metadata_is_sent_where_that_is_agreed() -> None:
    one = await only(source(document()), replace(SETTINGS, storage="metadata"))
    assert one.fields["mode"] == "metadata"


async def test_an_erp_without_an_archive_is_a_problem_with_a_remedy() -> None:
    with pytest.raises(Failure) as caught:
        await desired(Erp(house()))
    assert caught.value.problem.code == "archive.not_configured"
    assert frozenset({Capability.ARCHIVE}) == DOCUMENTS.needs


def test_an_id_proves_by_its_form_that_it_is_ours() -> None:
    assert DOCUMENTS.owns("document", "10/4711", SETTINGS)
    assert not DOCUMENTS.owns("document", "20/4711", SETTINGS)
    assert not DOCUMENTS.owns("document", "10/0042/4711", SETTINGS)
    assert not DOCUMENTS.owns("contract", "10/4711", SETTINGS)


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"archives": ()}, "archives"),
        ({"archives": ("A", "A")}, "archives"),
        ({"contract_index": " "}, "contract_index"),
        ({"excluded_archives": ("B",)}, "excluded_archives"),
        ({"storage": "both"}, "storage"),
        ({"dangerous": "maybe"}, "dangerous"),
        ({"category_archives": {"": "A"}}, "category_archives"),
        ({"separator": "+"}, "separator"),
        ({"mandanten": ()}, "mandanten"),
    ],
)
def test_settings_name_the_field_that_is_wrong(changed: dict[str, Any], wrong: str) -> None:
    given: dict[str, Any] = {"separator": "/", "mandanten": "all", "archives": ("A",), **changed}
    with pytest.raises(ValueError, match=f"^{wrong}:"):
        DocumentSettings(**given)


@pytest.mark.parametrize("title", DANGEROUS)
def test_titles_that_nobody_should_find_by_surprise_are_recognised(title: str) -> None:
    assert dangerous_words(title)
    assert dangerous_words(title.upper())
    assert dangerous_words(title.replace("ä", "ae").replace("ü", "ue"))


@pytest.mark.parametrize(
    "title", ["Mietvertrag", "Betriebskostenabrechnung 2024", "International", "Hausordnung", ""]
)
def test_ordinary_titles_are_not(title: str) -> None:
    assert dangerous_words(title) == ()


def test_a_document_older_than_its_lease_is_a_concern() -> None:
    begun = date(2019, 5, 1)
    assert concerns("Brief", date(2019, 4, 30), begun, several=False) == ("before_lease",)
    assert concerns("Brief", begun, begun, several=False) == ()
    assert concerns("Brief", date(1990, 1, 1), None, several=True) == ("several_mandanten",)


def test_a_masked_title_shows_kinds_of_papers_and_nobodys_name() -> None:
    assert masked_title("Mietvertrag Erika Muster 2024") == "Mietvertrag … … …"
    assert masked_title("Klagemann") == "…"
    assert masked_title("") == "…"


async def test_the_preview_counts_by_archive_and_category_with_oldest_newest_and_size() -> None:
    old = datetime(2020, 1, 2, tzinfo=UTC)
    found = await desired(
        source(
            document("1", created_at=old, title="Mietvertrag Muster"),
            document("2", title="Kündigung"),
            document("3", category="Post"),
            document("4", contract=None),
            document("5", size=LARGEST + 1),
        )
    )
    seen = exposure(found)
    group = seen.groups[ARCHIVE, "Mieter-Freigabe"]
    assert (group.count, group.size, group.oldest) == (2, 2_000, old)
    assert group.newest == datetime(2025, 6, 15, tzinfo=UTC)
    assert group.samples == ["Mietvertrag Muster", "Kündigung"]
    assert (seen.visible, seen.unindexed) == (3, 1)
    assert (dict(seen.kept_back), dict(seen.concerns)) == (
        {"I20": 1, "I19": 1},
        {"word_termination": 1, "no_index": 1},
    )


async def test_the_preview_in_words_masks_titles() -> None:
    finding = await visible(source(document(title="Mietvertrag Muster")), SETTINGS, today=TODAY)
    assert (finding.verdict, finding.count) == (Verdict.OK, 0)
    words = " ".join(render(text, language) for text in finding.details for language in ("de", "en"))
    assert "Mietvertrag …" in words
    assert "Muster" not in words
    risky = await visible(source(document(title="Schufa Muster")), SETTINGS, today=TODAY)
    assert (risky.verdict, risky.count) == (Verdict.WARN, 1)
    assert "Bonität" in " ".join(map(render, risky.details))


async def test_archives_that_are_missing_or_have_no_index_fail() -> None:
    settings = replace(SETTINGS, archives=(ARCHIVE, "Fehlt", "Ohne"))
    read = source(infos=[info(), info("Ohne", "Bemerkung")])
    finding = await archives(read, settings)
    assert (finding.verdict, finding.count) == (Verdict.FAIL, 2)
    assert spoken(finding.details) == ["archive_unknown", "archive_without_index"]
    assert (await archives(source(), SETTINGS)).verdict is Verdict.OK


async def test_documents_in_a_category_nobody_named_are_counted() -> None:
    read = source(document("1"), document("2", category="Sonstiges"))
    finding = await search_categories(read, replace(SETTINGS, categories=("Mieter-Freigabe",)))
    assert (finding.verdict, finding.count) == (Verdict.WARN, 1)
    assert (await search_categories(read, SETTINGS)).verdict is Verdict.OK


async def test_what_an_archive_may_have_left_out_is_a_skip_and_blocks_that_all_are_sent() -> None:
    gap = Text("archive.gap", {"archive": ARCHIVE, "day": "2026-02-03"})
    read = source(document(), gaps=[gap])
    sent, missing = await desired(read)
    assert isinstance(sent, Record)
    assert isinstance(missing, Skipped)
    assert (missing.rule, missing.reason) == ("I19", gap)
    assert missing.reason.code in DOCUMENTS.gaps
    assert "2026-02-03" in render(gap, "de")
    found = await search_categories(read, SETTINGS)
    assert (found.verdict, found.details[0], found.count) == (Verdict.FAIL, gap, 1)


async def test_a_ticket_category_whose_archive_is_not_connected_is_named() -> None:
    linked = {"Schaden": ARCHIVE, "Bescheinigung": "Mieter App"}
    settings = replace(SETTINGS, category_archives=linked)
    finding = await category_archives(source(infos=[info(linked=False)]), settings)
    assert spoken(finding.details) == ["category_archive_unconnected", "category_archive_unlinked"]
    assert [d.args["category"] for d in finding.details] == ["Bescheinigung", "Schaden"]
    assert (await category_archives(source(), SETTINGS)).verdict is Verdict.OK


async def test_documents_and_master_data_must_agree_on_leases_and_tenants() -> None:
    master = MasterDataSettings(separator="/", mandanten=("10",))
    context = CheckContext(None, None, SETTINGS, siblings={("immomio", "master-data"): master})
    assert (await same_tenants(context)).verdict is Verdict.OK
    other = replace(context, settings=replace(SETTINGS, shared_email="send"))
    found = await same_tenants(other)
    assert (found.verdict, found.evidence.args["names"]) == (Verdict.FAIL, "shared_email")
    assert (await same_tenants(replace(context, siblings={}))).verdict is Verdict.WARN


@pytest.mark.parametrize("check", DOCUMENT_CHECKS[:4], ids=lambda check: check.key)
async def test_without_an_archive_a_person_has_to_answer(check: Any) -> None:
    finding = await check.run(CheckContext(Erp(house()), None, SETTINGS))
    assert finding.verdict is Verdict.MANUAL
    assert spoken([finding.evidence]) == ["no_archive"]
