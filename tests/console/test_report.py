"""The report says the same in every format, is the same for the same state, and names nobody unasked."""

from __future__ import annotations

import json
import re
import subprocess
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from checklists import loader
from connectors.contract import Finding, Text, Verdict
from console import i18n
from console.credentials import MemorySecrets
from console.report import digest, files
from console.report.blocks import texts
from console.report.gather import Wish, gather
from console.report.pdf_fonts import printable
from console.store.said import Said
from tests.console.checklist_kit import only_own
from tests.console.report_kit import (
    LIVE,
    NOW,
    Reader,
    answer,
    filled,
    html_text,
    many,
    pdf_text,
    run,
    squeezed,
    wanted,
    workspace,
)

HOSTILE = (
    '</p><script src="http://127.0.0.1:9/x.js"></script><img src=x onerror=alert(1)>&amp;<para>%s{page}'
    "\x1b]52;c;aGk=\x07\u202egpj\u2066\u0000 Łódź 漢字 \U0001f600 <font color=red>&lt;"
)


@pytest.fixture(autouse=True)
def _lists(monkeypatch: pytest.MonkeyPatch) -> None:
    only_own(monkeypatch)


@pytest.mark.system("pdftotext")
@pytest.mark.parametrize("language", ["de", "en"])
def test_html_and_pdf_say_the_same(tmp_path: Path, language: str) -> None:
    i18n.setup(language)
    place = filled(tmp_path)
    for wish in (Wish(), Wish(since=date(2026, 1, 1))):
        report = gather(place, wish, now=NOW)
        page = files.rendered(report, ".html", place.vault)
        path = tmp_path / "report.pdf"
        files.write(report, path, place.vault)
        stamp = digest.stamp_of(page)
        assert stamp is not None
        found = list(texts(files.document(report, stamp.digest).blocks))
        assert len(found) > 40
        shown, printed = html_text(page), pdf_text(path)
        assert [text for text in wanted(iter(found)) if text not in shown] == []
        assert [text for text in wanted(iter(found), pdf=True) if text not in printed] == []
        assert shown == "".join(wanted(iter(found)))  # in this order, and nothing else


@pytest.mark.system("pdftotext")
def test_every_answer_and_every_piece_of_evidence_is_told(tmp_path: Path) -> None:
    place = filled(tmp_path)
    path = tmp_path / "report.pdf"
    files.write(gather(place, now=NOW), path, place.vault)
    printed = pdf_text(path)
    for text in (
        "Größe äöüß, geprüft.", "Zweite Zeile", "SIP-Trunk", "Frieda Beispiel, frieda@example.org",
        "01.12.2026", "Angebot SIP.pdf · 2 kB · N1", "Über SIP-Trunk kommen alle Rufe an.",
        "Nur eine Nummer", "Massenänderung", "12.013",
    ):  # fmt: skip
        assert squeezed(text) in printed, text
    assert re.search(r"Seite1von\d+", pdf_text(path, crop=False))


@pytest.mark.system("pdftotext")
def test_no_page_of_the_pdf_is_empty(tmp_path: Path) -> None:
    place = filled(tmp_path)
    path = tmp_path / "report.pdf"
    files.write(gather(place, now=NOW), path, place.vault)
    pages = pdf_text(path, pages=True).split("\f")[:-1]
    assert len(pages) > 3
    assert all(len(page) > 40 for page in pages)


def test_an_acceptance_ticket_of_another_key_is_told_and_not_hidden(tmp_path: Path) -> None:
    place = filled(tmp_path)
    assert gather(place, now=NOW).unreadable_trips == ()
    with place.store() as conn:
        (mark,) = conn.execute("SELECT id FROM trip").fetchone()
        conn.execute("UPDATE trip SET sealed = zeroblob(90)")
    report = gather(place, now=NOW)
    assert (report.trips, report.unreadable_trips) == ((), (mark,))
    assert squeezed(f"Das Abnahmeticket {mark} wurde mit") in html_text(
        files.rendered(report, ".html", place.vault)
    )


@pytest.mark.system("pdftotext")
@pytest.mark.parametrize("suffix", list(files.FORMATS))
def test_the_same_state_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    place = filled(tmp_path)
    first = files.rendered(gather(place, now=NOW), suffix, place.vault)
    assert files.rendered(gather(place, now=NOW), suffix, place.vault) == first
    later = files.rendered(gather(place, now=NOW + timedelta(minutes=1)), suffix, place.vault)
    assert later != first
    if suffix == ".pdf":  # its streams are packed
        first, later = (b"\n".join(_printed(content, tmp_path)) for content in (first, later))
    changed = [(a, b) for a, b in zip(first.splitlines(), later.splitlines(), strict=True) if a != b]
    assert changed
    for pair in changed:
        before, after = (re.sub(rb"[0-9a-f]{64}|[0-9a-f]{16}|1[12]:0\d(:00[+]00:00)?", b"", x) for x in pair)
        assert before == after


def _printed(content: bytes, folder: Path) -> list[bytes]:
    path = folder / "printed.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True).stdout.split()


def test_a_customer_of_whom_nothing_is_known_gets_a_report_too(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    report = gather(place, now=NOW)
    assert not (report.runs)
    assert not (report.trips)
    assert not (report.walks)
    assert not (report.differences)
    for suffix in files.FORMATS:
        assert files.rendered(report, suffix, place.vault)


def test_names_notes_and_persons_are_masked_outside_practice(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    place = workspace(tmp_path, secrets, LIVE)
    file = tmp_path / "Vertrag Muster.pdf"
    file.write_bytes(b"y")
    values = {"way": "sip", "contact": "Frieda Beispiel, frieda@example.org"}
    answer(place, note="Frau Beispiel ruft an", values=values, paths=(file,))
    masked = files.rendered(gather(place, now=NOW), ".json", place.vault).decode()
    assert not re.search("Erika|Frieda|frieda@|Frau Beispiel|Vertrag Muster", masked)
    assert "SIP-Trunk" in masked
    assert "V….pdf" in masked
    page = html_text(files.rendered(gather(place, now=NOW), ".html", place.vault))
    assert squeezed("Namen und freie Texte sind verdeckt.") in page
    full = html_text(files.rendered(gather(place, Wish(unmask=True), now=NOW), ".html", place.vault))
    assert squeezed("Erika Muster") in full
    assert squeezed("Frieda Beispiel") in full


@pytest.mark.system("pdftotext")
def test_hostile_texts_are_shown_and_nothing_else(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    file = tmp_path / "x.txt"
    file.write_bytes(b"")
    answer(place, note=HOSTILE, who=HOSTILE, values={"way": "sip", "contact": HOSTILE}, paths=(file,))
    answer(place, "own.authentication", note="lang" * 20_000)
    report = gather(place, now=NOW)
    page = files.rendered(report, ".html", place.vault)
    reader = Reader(page.decode())
    assert reader.references == []
    assert not {"script", "img", "link", "iframe", "object", "font", "para"} & reader.tags
    assert squeezed("<script") in html_text(page)
    assert b"\x1b" not in page
    assert "\u202e" not in page.decode()
    path = tmp_path / "report.pdf"
    files.write(report, path, place.vault)
    printed = pdf_text(path)
    assert squeezed("<para>%s{page}") in printed
    assert "Łódz" in printed.replace("ź", "z")
    assert json.loads(files.rendered(report, ".json", place.vault))


def test_a_faked_stamp_in_an_answer_is_no_stamp(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    fake = replace(digest.blank(gather(place, now=NOW)), customer="other").text
    answer(place, note=f'"content="{fake}" /Keywords ({fake}) "stamp": "{fake}"', values={"way": "sip"})
    for suffix in files.FORMATS:
        stamp = digest.stamp_of(files.rendered(gather(place, now=NOW), suffix, place.vault))
        assert stamp is not None
        assert stamp.customer == "muster", suffix


@pytest.mark.parametrize("suffix", list(files.FORMATS))
def test_a_file_agrees_until_the_journal_goes_on(tmp_path: Path, suffix: str) -> None:
    place = filled(tmp_path)
    path = tmp_path / f"report{suffix}"
    files.write(gather(place, now=NOW), path, place.vault)
    found = files.verify(place, *files.read(path))
    assert found.agrees
    assert found.proven
    run(place)
    found = files.verify(place, *files.read(path))
    assert found.verdict is digest.Verdict.GONE_ON
    assert (found.rows, found.runs) == (4, 1)


@pytest.mark.parametrize("suffix", list(files.FORMATS))
def test_a_changed_file_is_told(tmp_path: Path, suffix: str) -> None:
    place = filled(tmp_path)
    path = tmp_path / f"report{suffix}"
    files.write(gather(place, now=NOW), path, place.vault)
    content, stamp = files.read(path)
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    assert files.verify(place, changed, stamp).verdict is digest.Verdict.CHANGED_FILE
    assert files.verify(place, content + b"\n", stamp).verdict is digest.Verdict.CHANGED_FILE


def test_who_has_not_the_key_cannot_make_a_changed_file_fit_again(tmp_path: Path) -> None:
    place = filled(tmp_path)
    report = gather(place, now=NOW)
    better = replace(report, open=(), ready=replace(report.ready, blocked=0))
    stranger = workspace(tmp_path / "data").vault
    forged = files.rendered(better, ".html", stranger)
    stamp = digest.stamp_of(forged)
    assert stamp is not None
    assert files.verify(place, forged, stamp).verdict is digest.Verdict.OTHER_KEY


def test_another_journal_and_a_changed_one_are_told(tmp_path: Path) -> None:
    secrets = MemorySecrets()
    place = filled(tmp_path, secrets)
    path = tmp_path / "report.json"
    files.write(gather(place, now=NOW), path, place.vault)
    content, stamp = files.read(path)
    with place.store() as conn:
        conn.execute("UPDATE entry SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 1")
    assert files.verify(place, content, stamp).verdict is digest.Verdict.BROKEN_JOURNAL
    with place.store() as conn:
        for table in ("pending", "before", "entry"):
            conn.execute(f"DELETE FROM {table}")
        conn.execute("UPDATE head SET entries = 0, hash = zeroblob(32)")
    assert files.verify(place, content, stamp).verdict is digest.Verdict.OTHER_JOURNAL


def test_an_accepted_failure_stays_visible_with_its_reason(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    text = Text("sync.credentials_missing", {"environment": "practice", "names": "password"})
    place._found.keep([Finding("bots4you.connection", ("C4",), Verdict.FAIL, text)])
    answer(place, "own.connection", Said.ACCEPTED, note="Der Zugang kommt am Montag")
    report = gather(place)
    (accepted,) = report.accepted
    assert accepted.said is not None
    assert accepted.said.note == "Der Zugang kommt am Montag"
    assert accepted.finding is not None
    assert accepted.finding.verdict == "fail"
    page = html_text(files.rendered(report, ".html", place.vault))
    assert page.count(squeezed("Der Zugang kommt am Montag")) == 2  # at the item, and among the accepted


def test_five_hundred_items_are_written_without_growing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "shipped", lambda: many(500))
    place = workspace(tmp_path)
    for n in range(0, 500, 25):
        answer(place, f"many.{n:03}", note="Besprochen. " * 20)
    report = gather(place)
    path = tmp_path / "report.pdf"
    files.write(report, path, place.vault)
    assert path.stat().st_size < 500_000
    tracemalloc.start()
    try:
        assert len(files.rendered(report, ".html", place.vault)) < 500_000
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_what_the_fonts_lack_is_spelled_with_what_they_have() -> None:
    assert printable("Müller → ✓ Łódź 漢") == "Müller -> + Łódz ?"
    assert printable("a\nb") == "a\nb"


@pytest.mark.system("chromium")
def test_a_browser_fetches_nothing_and_runs_nothing(tmp_path: Path) -> None:
    place = workspace(tmp_path)
    with listening() as (port, heard):
        note = (
            f'<img src="http://127.0.0.1:{port}/a"><script src="//127.0.0.1:{port}/b"></script>'
            f'<link rel=stylesheet href="http://127.0.0.1:{port}/c"><style>@import "http://127.0.0.1:{port}/d"'
        )
        answer(place, note=note, who=note, values={"way": "sip", "contact": note})
        path = tmp_path / "report.html"
        files.write(gather(place, now=NOW), path, place.vault)
        assert browse(path, tmp_path) > 20_000  # painted
        assert heard == []
        path.write_text(note, encoding="utf-8")
        browse(path, tmp_path)
        assert heard  # it would have asked, had it been let


def browse(page: Path, folder: Path) -> int:
    """Open a page in a browser of its own; how large the picture of it is."""
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            f"--user-data-dir={folder / 'browser'}", f"--screenshot={folder / 'page.png'}", page.as_uri(),
        ],
        capture_output=True, check=True, timeout=60,
    )  # fmt: skip
    return (folder / "page.png").stat().st_size


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine that notes what it is asked for."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        """Notes paths."""

        def do_GET(self) -> None:
            """Note it and answer with nothing."""
            heard.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (so named above us)
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port, heard
        finally:
            server.shutdown()
            thread.join()
