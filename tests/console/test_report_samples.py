"""The report's chapter of sample checks: seed, counts, and what was wrong; masked outside practice."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from console import i18n
from console.report import digest, files
from console.report.blocks import texts
from console.report.gather import Wish, gather
from console.report.samples import chapter
from console.store.samples import Mark, Samples
from console.workspace import Workspace
from tests.console.checklist_kit import only_own
from tests.console.report_kit import CONFIG, LIVE, html_text, pdf_text, squeezed, workspace

RECORDS = [
    ("tenant", "10/1/7", ["Mandant: 10", "umlauts"]),
    ("tenant", "10/2/8", ["Mandant: 10"]),
    ("tenant", "20/3/9", ["Mandant: 20"]),
    ("tenant", "20/4/1", ["Mandant: 20"]),
]


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_own(monkeypatch)


def sampled(folder: Path, text: str = CONFIG, environment: str = "practice") -> Workspace:
    """A customer whose clerk looked at three of four records."""
    place = workspace(folder, text=text)
    at = ("bots4you", environment, "master-data")
    with place.store() as conn:
        samples = Samples(conn, place.vault)
        samples.draw(at, 4711, 4, RECORDS, 1204)
        samples.mark(at, 4711, ("tenant", "10/1/7"), Mark.RIGHT, who="Erika Muster")
        samples.mark(
            at,
            4711,
            ("tenant", "10/2/8"),
            Mark.WRONG,
            who="Erika Muster",
            note="alte Straße",
            differs=["street"],
        )
        samples.mark(at, 4711, ("tenant", "20/3/9"), Mark.NOTE, who="Max Beispiel", note="nachfragen")
    return place


@pytest.mark.system("pdftotext")
@pytest.mark.parametrize("language", ["de", "en"])
def test_seed_counts_and_what_was_wrong_are_in_every_format(tmp_path: Path, language: str) -> None:
    i18n.setup(language)
    place = sampled(tmp_path)
    report = gather(place)
    (found,) = report.samples
    assert (found.seed, found.right, found.wrong, found.noted, found.left) == (4711, 1, 1, 1, 1)
    told = list(texts(tuple(chapter(report))))
    for word in ("4711", "alte Straße", "nachfragen", "Mandant: 10, Mandant: 20, umlauts"):
        assert any(word in text for text in told), word
    page = files.rendered(report, ".html", place.vault)
    assert digest.stamp_of(page) is not None
    path = tmp_path / "report.pdf"
    files.write(report, path, place.vault)
    shown, printed = html_text(page), pdf_text(path)
    for text in told:
        assert squeezed(text) in squeezed(shown)
        assert squeezed(text) in printed, text
    content = json.loads(files.rendered(report, ".json", place.vault))
    assert content["report"]["samples"][0]["told"][0]["note"] == "alte Straße"


def test_outside_practice_names_and_notes_are_masked(tmp_path: Path) -> None:
    place = sampled(tmp_path, LIVE, "production")
    told = "\n".join(texts(tuple(chapter(gather(place)))))
    for word in ("Erika", "Beispiel", "alte", "nachfragen"):
        assert word not in told
    assert "10/2/8" in told
    assert "alte Straße" in "\n".join(texts(tuple(chapter(gather(place, Wish(unmask=True))))))


def test_a_day_of_which_no_sample_is_has_none_and_so_has_a_customer_without_any(tmp_path: Path) -> None:
    place = sampled(tmp_path)
    assert gather(place, Wish(since=date(2999, 1, 1))).samples == ()
    assert list(chapter(gather(workspace(tmp_path / "other")))) == []
