"""What stands where in a report: its first page, the day protocol, the runs, the outline."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from checklists import loader
from console.onboarding.answering import Draft, keep
from console.onboarding.book import read
from console.report import drawings, files, summary
from console.report import gather as gather_module
from console.report.gather import Wish, gather
from console.report.words import DASH
from console.store.counted import Counted, CountedStore
from console.store.runs import PARTIAL, UNDO_OF, RunState
from console.store.said import Said
from console.workspace import Workspace
from tests.console.checklist_kit import only_own
from tests.console.report_kit import NOW, answer, filled, html_text, many, pdf_text, run, squeezed, workspace


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_own(monkeypatch)


def test_the_day_protocol_tells_what_happened_since(tmp_path: Path) -> None:
    place = filled(tmp_path)
    today = date.today()
    report = gather(place, Wish(today))
    assert [one.item for one in report.said] == ["own.provider", "own.authentication"]
    assert len(report.runs) == 1
    page = html_text(files.rendered(report, ".html", place.vault))
    for word in ("Tagesprotokoll", "Erledigt", "Entschieden", "Nur eine Nummer", "Erika Muster"):
        assert squeezed(word) in page
    tomorrow = gather(place, Wish(today + timedelta(days=1)))
    assert tomorrow.runs == ()
    assert tomorrow.said == ()
    assert squeezed("Nichts wurde erledigt.") in html_text(files.rendered(tomorrow, ".html", place.vault))


def test_the_day_protocol_of_an_ordinary_day_leaves_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "shipped", lambda: many(8))
    place = workspace(tmp_path)
    for n in range(6):
        answer(place, f"many.{n:03}", note=f"Notiz {n}")
        run(place)
    page = html_text(files.rendered(gather(place, Wish(date.today())), ".html", place.vault))
    assert "weitere" not in page
    assert page.count(squeezed("fertig: 13 geschrieben, 1 fehlgeschlagen, 2 übrig, 57 ausgelassen")) == 6
    assert f"{DASH}geschrieben" not in page


def test_what_is_promised_stands_with_its_day(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    standing = read(place).item("own.provider")
    assert standing is not None
    keep(place, standing.item, Draft(Said.OPEN, "Erika Muster", due=date(2026, 12, 5)))
    for wish in (Wish(), Wish(date.today())):
        page = html_text(files.rendered(gather(place, wish, now=NOW), ".html", place.vault))
        assert "05.12.2026" in page


@pytest.mark.system("pdfinfo")
def test_the_day_protocol_of_a_long_day_is_one_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "shipped", lambda: many(60))
    place = workspace(tmp_path)
    for n in range(40):
        said = Said.DONE if n % 2 else Said.NOT_APPLICABLE
        answer(place, f"many.{n:03}", said, note="Weil es hier nicht gebraucht wird. " * 6)
        if n < 9:
            run(place, {"accepted": {"updates": 420}})
    path = tmp_path / "day.pdf"
    files.write(gather(place, Wish(date.today())), path, place.vault)
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, check=True).stdout.decode()
    assert re.search(r"Pages:\s+1\n", told)


def test_runs_that_are_not_listed_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather_module, "RUNS", 2)
    place = workspace(tmp_path)
    for _time in range(5):
        run(place)
    report = gather(place, now=NOW)
    assert [one.id for one in report.runs] == [5, 4]
    page = html_text(files.rendered(report, ".html", place.vault))
    assert squeezed("und 3 frühere Läufe: einzug runs muster zeigt sie.") in page


def test_the_first_page_tells_each_partner_and_what_concerns_all(tmp_path: Path) -> None:
    place = filled(tmp_path)
    report = gather(place, now=NOW)
    assert [one.ready.title for one in report.partners] == ["Bots4You"]
    bars = drawings.bars(summary._bars(report))
    texts_ = [label.text for label in bars.labels]
    assert [
        text for text in ("Für alle Anwendungsfälle", "Bots4You", "Stammdaten") if text not in texts_
    ] == []
    assert sum(one.done for one in (report.general,)) + report.general.blocked > 0


@pytest.mark.system("pdftotext")
@pytest.mark.parametrize("partners", [0, 3])
def test_the_summary_is_one_page_however_many_use_cases_there_are(tmp_path: Path, partners: int) -> None:
    place = filled(tmp_path)
    report = gather(place, now=NOW)
    more = tuple(replace(report.partners[0], key=f"p{n}") for n in range(partners))
    cases = tuple(replace(report.use_cases[0], place=f"p{n}/x{m}") for n in range(partners) for m in range(4))
    points = tuple(replace(report.chapters[0].points[0], id=f"x{n}") for n in range(90))
    wide = replace(
        report, partners=(*report.partners, *more), use_cases=(*report.use_cases, *cases), open=points
    )
    path = tmp_path / "wide.pdf"
    files.write(wide, path, place.vault)
    first, second, *_rest = pdf_text(path, pages=True).split("\f")
    assert "BenanntsindFriedaBeispiel" in first.replace(":", "")
    assert second.startswith("OffenePunkte")


def test_the_pdf_has_an_outline(tmp_path: Path) -> None:
    place = filled(tmp_path)
    content = files.rendered(gather(place, now=NOW), ".pdf", place.vault)
    assert content.count(b"/Title") > 8
    assert b"/Outlines" in content


def left(place: Workspace) -> tuple[int, int | None, tuple[int, ...]]:
    """What the report knows of the master data: differing, from which run, runs since."""
    (one,) = (one for one in gather(place).differences if one.place == "bots4you/master-data")
    return one.differing, one.run, one.later


def test_what_is_left_is_what_was_planned_and_not_written(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    chosen = {"create": 100, "update": 0, "delete": 0, "unchanged": 5, "skip": 0, "applied": 10, "left": 0}
    run(place, counts=chosen)  # ten of a hundred were chosen
    assert left(place) == (90, 1, ())


def test_a_run_over_a_part_or_without_an_end_says_nothing_of_the_whole(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    whole = {"create": 3, "unchanged": 5, "applied": 1, "failed": 0}
    run(place, counts=whole)
    run(place, {PARTIAL: True}, {"create": 1, "unchanged": 0, "applied": 1})
    run(place, {UNDO_OF: 1}, {"delete": 1, "unchanged": 0, "applied": 1})
    run(place, counts={}, state=RunState.INTERRUPTED)
    assert left(place) == (2, 1, (2, 3, 4))
    page = html_text(files.rendered(gather(place, now=NOW), ".html", place.vault))
    assert squeezed("Lauf 1, in Teilen seither: 2, 3, 4") in page


def test_a_plan_that_is_newer_than_the_last_run_tells_what_is_left(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    run(place, counts={"create": 3, "unchanged": 5, "applied": 3, "failed": 0})
    at = datetime.now(UTC)
    planned = {"create": 0, "update": 7, "delete": 0, "unchanged": 1, "skip": 0}
    for moment, expected in ((at - timedelta(days=1), (0, 1, ())), (at, (7, None, ()))):
        with place.store() as conn:
            CountedStore(conn).keep(("bots4you", "practice", "master-data"), Counted(moment, {}, {}, planned))
        assert left(place) == expected
