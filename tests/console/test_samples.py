"""What was said of samples: kept sealed, the last word counts, nothing lost; it travels with a hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.handover.compare import Diverged
from console.store.errors import StoreError
from console.store.places import customer_folder
from console.store.samples import Mark, Samples
from console.store.schema import open_customer
from console.store.vault import Vault
from tests.console.checklist_kit import only_own
from tests.console.handover_kit import Machine, cheap, first, second
from tests.console.test_answers import everything

CUSTOMER = "muster"
KEY = bytes(range(32))
PLACE = ("bots4you", "practice", "master-data")
RECORDS = [("tenant", "10/1/7", ["Mandant: 10"]), ("tenant", "10/2/8", ["Mandant: 10", "several values"])]
ONE, TWO = ("tenant", "10/1/7"), ("tenant", "10/2/8")
NAME = "Erika Musterfrau"


@contextmanager
def opened(data: Path, vault: Vault | None = None, at: int = 0) -> Iterator[Samples]:
    """The customer's samples; the clock stands."""
    now = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(minutes=at)
    with closing(open_customer(data, CUSTOMER)) as conn:
        yield Samples(conn, vault or Vault(KEY), clock=lambda: now)


def test_the_last_word_on_a_record_counts_and_what_nobody_looked_at_stays_open(tmp_path: Path) -> None:
    with opened(tmp_path) as samples:
        assert samples.latest(PLACE) is None
        samples.draw(PLACE, 7, 2, RECORDS, 500)
        samples.mark(PLACE, 7, ONE, Mark.WRONG, who=NAME, note="old street", differs=("street",))
        samples.mark(PLACE, 7, ONE, Mark.RIGHT, who="Max")
    with opened(tmp_path) as samples:
        found = samples.latest(PLACE)
        assert found is not None
        assert (found.seed, found.size, found.total) == (7, 2, 500)
        assert found.records[1] == (*TWO, ("Mandant: 10", "several values"))
        assert (found.mark_of(*ONE), found.mark_of(*TWO)) == (Mark.RIGHT, None)
        assert (found.count(Mark.RIGHT), found.count(Mark.WRONG)) == (1, 0)
        assert samples.latest(("bots4you", "test", "master-data")) is None


def test_marks_belong_to_their_seed_and_the_sample_worked_on_last_is_the_latest(tmp_path: Path) -> None:
    with opened(tmp_path) as samples:
        samples.draw(PLACE, 7, 2, RECORDS, 500)
        samples.mark(PLACE, 7, ONE, Mark.RIGHT, who=NAME)
    with opened(tmp_path, at=1) as samples:
        samples.draw(PLACE, 8, 1, RECORDS[:1], 500)
        assert samples.latest(PLACE).seed == 8  # type: ignore[union-attr]
    with opened(tmp_path, at=2) as samples:
        samples.mark(PLACE, 7, TWO, Mark.NOTE, who=NAME, note="ask again")
        latest = samples.latest(PLACE)
        assert latest is not None
        assert (latest.seed, latest.count(Mark.RIGHT), latest.count(Mark.NOTE)) == (7, 1, 1)
    with opened(tmp_path, at=3) as samples:
        samples.draw(PLACE, 7, 2, RECORDS[1:], 400)  # the data changed: one record is not drawn any more
        latest = samples.latest(PLACE)
        assert latest is not None
        assert latest.marks.keys() == {ONE, TWO}
        assert latest.count(Mark.RIGHT) == 0


def test_nobody_reads_it_without_the_key_and_nothing_is_kept_without_consent(tmp_path: Path) -> None:
    with opened(tmp_path) as samples:
        samples.draw(PLACE, 7, 2, RECORDS, 500)
        samples.mark(PLACE, 7, ONE, Mark.WRONG, who=NAME, note="old street")
    for word in (b"Musterfrau", b"old street", b"10/1/7", b"several values"):
        assert word not in everything(customer_folder(tmp_path, CUSTOMER))
    assert b"Musterfrau" not in repr(samples).encode()
    with opened(tmp_path, Vault(bytes(32))) as samples:
        assert samples.latest(PLACE) is None
    with opened(tmp_path / "bare", Vault.ephemeral()) as samples:
        assert samples.needs_consent
        with pytest.raises(StoreError):
            samples.draw(PLACE, 7, 2, RECORDS, 500)
        samples.agree(NAME)
        samples.draw(PLACE, 7, 2, RECORDS, 500)


def said(machine: Machine, note: str) -> None:
    """Somebody marks a record on a machine."""
    place = machine.open()
    with place.store() as conn:
        samples = Samples(conn, place.vault)
        if samples.latest(PLACE) is None:
            samples.draw(PLACE, 7, 2, RECORDS, 500)
        samples.mark(PLACE, 7, ONE, Mark.WRONG, who=NAME, note=note)


def test_samples_travel_and_those_that_only_one_side_has_are_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)
    one, two = first(tmp_path / "one"), second(tmp_path / "two")
    said(one, "old street")
    file = tmp_path / "muster.einzug"
    one.export(file)
    two.take(file)
    with two.open().store() as conn:
        latest = Samples(conn, two.open().vault).latest(PLACE)
    assert latest is not None
    assert latest.marks[ONE].note == "old street"
    said(one, "only here")
    with pytest.raises(Diverged, match=r"samples|Stichproben"):
        one.take(file)
