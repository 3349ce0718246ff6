"""The report's chapter since the go-live: baseline, present counts, who and why, and what needs somebody."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console import i18n
from console.golive.step import go_live
from console.report import digest, files
from console.report.blocks import texts
from console.report.gather import Wish, gather
from console.report.live import since_go_live
from console.store.counted import Counted, CountedStore
from console.workspace import Workspace
from tests.console.golive_kit import EXPIRES, NAME, only_short, say, settle
from tests.console.report_kit import CONFIG, LIVE, html_text, pdf_text, squeezed, workspace
from tests.console.test_golive import LOOK, NOW, WORD


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_short(monkeypatch)


def live(folder: Path, text: str = CONFIG, environment: str = "practice") -> Workspace:
    """A customer with a use case that is live, and that somebody compared a day later."""
    place, at = workspace(folder, text=text), ("bots4you", environment, "master-data")
    settle(place)
    say(place, EXPIRES)
    go_live(place, at, LOOK, WORD, now=NOW)
    with place.store() as conn:
        counts = {"tenant": 1210}, {"tenant": 1204}
        CountedStore(conn).keep(at, Counted(NOW + timedelta(days=1), *counts))
    return place


def chapter(place: Workspace, wish: Wish | None = None) -> str:
    """The chapter's texts a year later."""
    report = gather(place, wish or Wish(), now=NOW + timedelta(days=365))
    return "\n".join(texts(tuple(since_go_live(report))))


@pytest.mark.system("pdftotext")
@pytest.mark.parametrize("language", ["de", "en"])
def test_it_is_in_every_format(tmp_path: Path, language: str) -> None:
    i18n.setup(language)
    place = live(tmp_path)
    found = chapter(place)
    thousand = "1.210" if language == "de" else "1,210"
    for text in (NAME, "Abnahme am Montag", thousand):
        assert text in found
    report = gather(place, now=NOW + timedelta(days=365))
    path = tmp_path / "report.pdf"
    files.write(report, path, place.vault)
    page = files.rendered(report, ".html", place.vault)
    assert digest.stamp_of(page) is not None
    for text in found.split("\n"):
        assert squeezed(text) in html_text(page)
        assert squeezed(text) in pdf_text(path)


def test_it_names_what_needs_somebody(tmp_path: Path) -> None:
    found = chapter(live(tmp_path))
    assert "01.03.2027" in found
    assert "Zugangsdaten" in found


def test_names_are_masked_outside_practice(tmp_path: Path) -> None:
    place = live(tmp_path, LIVE, "production")
    assert NAME not in chapter(place)
    assert NAME in chapter(place, Wish(unmask=True))


def test_before_the_go_live_there_is_no_such_chapter(tmp_path: Path) -> None:
    assert chapter(workspace(tmp_path)) == ""
