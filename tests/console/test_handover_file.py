"""The hand-over file: whole or refused, whatever happened to it on its way or was put into it."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.errors import ConsoleError
from console.handover import staging
from console.handover.agreements import safe_name
from console.handover.parcel import Manifest, ParcelError, ParcelReader, ParcelWriter, Room
from console.handover.passphrase import normal, weakness
from console.store.schema import MIGRATIONS
from console.store.sealed_stream import CHUNK, BrokenStream, SealedReader, SealedWriter
from console.store.vault import Vault
from tests.console.checklist_kit import only_own
from tests.console.cli_kit import ROOT
from tests.console.handover_kit import CUSTOMER, PASSPHRASE, Machine, cheap, everything, first, second

VAULT = Vault(bytes(32))
HEAD = b"head"
MANIFEST = Manifest(
    CUSTOMER, "Wohnbau", len(MIGRATIONS), "0.1.0", "ab" * 8, "2026-11-22T11:04:00+00:00", "Erika", "Max",
    "laptop", 0, "00" * 32,
)  # fmt: skip
SECTION = b'[customers.muster]\nname = "Wohnbau"\n'


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)
    only_own(monkeypatch)


def stream(*parts: bytes) -> bytes:
    """The parts as a sealed stream."""
    file = io.BytesIO()
    writer = SealedWriter(file, VAULT, HEAD)
    for part in parts:
        writer.write(part)
    writer.finish()
    return file.getvalue()


def read(content: bytes, head: bytes = HEAD) -> bytes:
    """A sealed stream's content."""
    return io.BufferedReader(SealedReader(io.BytesIO(content), VAULT, head)).read()


@given(st.lists(st.binary(max_size=2 * CHUNK // 3), max_size=5))
@settings(max_examples=25, deadline=None)
def test_what_was_written_is_read_back(parts: list[bytes]) -> None:
    assert read(stream(*parts)) == b"".join(parts)


@given(st.binary(max_size=300), st.data())
@settings(max_examples=150, deadline=None)
def test_any_flipped_bit_is_refused(content: bytes, data: st.DataObject) -> None:
    sealed = bytearray(stream(content))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BrokenStream):
        read(bytes(sealed))


@given(st.integers(0, 3 * CHUNK), st.data())
@settings(max_examples=30, deadline=None)
def test_a_stream_that_was_cut_off_anywhere_is_refused(size: int, data: st.DataObject) -> None:
    sealed = stream(bytes(size))
    with pytest.raises(BrokenStream):
        read(sealed[: data.draw(st.integers(0, len(sealed) - 1))])


def test_moved_repeated_added_and_foreign_chunks_are_refused() -> None:
    size = CHUNK + 29 + 4
    sealed = stream(b"a" * CHUNK, b"b" * CHUNK, b"c")
    one, two, rest = sealed[:size], sealed[size : 2 * size], sealed[2 * size :]
    for wrong in (two + one + rest, one + one + two + rest, one + rest, sealed + rest, sealed + b"x"):
        with pytest.raises(BrokenStream):
            read(wrong)
    with pytest.raises(BrokenStream):
        read(sealed, b"else")


def written(path: Path, fill: Callable[[ParcelWriter], Any] = lambda _parcel: None, **changed: Any) -> Path:
    """A parcel that holds what ``fill`` puts in."""
    with path.open("wb") as file:
        writer = ParcelWriter(file, PASSPHRASE, replace(MANIFEST, **changed))
        fill(writer)
        writer.finish()
    return path


def whole(writer: ParcelWriter) -> None:
    """The least that a customer is."""
    writer.file(Room.CONFIG, "config.toml", SECTION)
    writer.rows("head", ("one", "entries", "hash"))
    writer.row((1, 0, bytes(32)))


def refused(machine: Machine, path: Path) -> ConsoleError:
    """How a file is refused; nothing on the machine may have changed."""
    before = everything(machine.folder)
    with pytest.raises(ConsoleError) as error, machine.arriving(path):
        pytest.fail("it is refused")
    assert everything(machine.folder) == before
    assert not (machine.folder / "data" / staging.FOLDER).exists()
    return error.value


def test_the_least_of_a_customer_can_be_taken_in(tmp_path: Path) -> None:
    two = second(tmp_path / "two")
    two.take(written(tmp_path / "x", whole))
    assert two.open().customer.name == "Wohnbau"


@pytest.mark.parametrize("position", [0, 0.0001, 0.3, 0.7, 0.999])
def test_a_real_file_with_a_flipped_byte_or_cut_off_is_refused(tmp_path: Path, position: float) -> None:
    file = tmp_path / "muster.einzug"
    first(tmp_path / "one").export(file)
    two, content = second(tmp_path / "two"), bytearray(file.read_bytes())
    content[int(position * len(content))] ^= 0x20
    file.write_bytes(content)
    refused(two, file)
    content[int(position * len(content))] ^= 0x20
    file.write_bytes(content[: int(position * len(content))])
    refused(two, file)


def test_a_wrong_passphrase_a_foreign_and_a_newer_file_each_say_so(tmp_path: Path) -> None:
    two, file = second(tmp_path / "two"), written(tmp_path / "x", whole)
    with pytest.raises(ParcelError, match="Passphrase"):
        ParcelReader(file, "something else altogether")
    foreign = tmp_path / "foreign"
    foreign.write_bytes(b"PK\x03\x04" + bytes(100))
    assert "Übergabedatei" in refused(two, foreign).message
    newer = tmp_path / "newer"
    newer.write_bytes(file.read_bytes().replace(b"einzug-handover/1\n", b"einzug-handover/2\n", 1))
    assert "neuere" in refused(two, newer).message
    assert "neuere" in refused(two, written(tmp_path / "y", whole, schema=len(MIGRATIONS) + 1)).message
    assert refused(two, tmp_path / "missing").message
    assert refused(two, tmp_path).message


def test_a_file_of_an_older_schema_is_brought_forward(tmp_path: Path) -> None:
    two = second(tmp_path / "two")
    two.take(written(tmp_path / "x", whole, schema=4))
    with two.open().store() as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


HOSTILE = (
    "../out",
    "a/../../out",
    "/etc/out",
    "C:/out",
    "a\\b",
    "con",
    "nul.txt",
    "a//b",
    "",
    ".",
    "a.",
    "a\x00b",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    two = second(tmp_path / "two")

    def fill(writer: ParcelWriter) -> None:
        whole(writer)
        writer.file(Room.AGREEMENT, name, b"hostile")

    assert not safe_name(name)
    refused(two, written(tmp_path / "x", fill))
    assert not any(b"hostile" in content for content in everything(tmp_path / "two").values())


@given(st.text(max_size=40))
@settings(max_examples=300)
def test_a_safe_name_stays_below_its_folder(name: str) -> None:
    if safe_name(name):
        place = (Path("/base") / name).resolve()
        assert place.is_relative_to("/base")
        assert place != Path("/base")
        assert not {":", "\\", "\x00"} & set(name)


def _columns(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("answer", ("seq", "item", "clear"))
    writer.row((1, "x", 0))


def _table(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("lease", ("name",))


def _injection(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("answer; DROP TABLE entry; --", ("seq",))


def _short_row(writer: ParcelWriter) -> None:
    writer.file(Room.CONFIG, "config.toml", SECTION)
    writer.rows("head", ("one", "entries", "hash"))
    writer.row((1, 0))


def _wrong_type(writer: ParcelWriter) -> None:
    whole(writer)
    writer.rows("counted", ("partner", "environment", "use_case", "at", "counts"))
    writer.row(("a", "b", "c", "d", b"bytes"))


def _no_table(writer: ParcelWriter) -> None:
    writer.row((1, 2))


def _evidence(writer: ParcelWriter) -> None:
    whole(writer)
    writer.file(Room.EVIDENCE, "00" * 32, b"something else")


def _other_chain(writer: ParcelWriter) -> None:
    writer.file(Room.CONFIG, "config.toml", SECTION)
    writer.rows("head", ("one", "entries", "hash"))
    writer.row((1, 3, bytes(32)))


def _more_than_the_customer(writer: ParcelWriter) -> None:
    writer.file(Room.CONFIG, "config.toml", SECTION + b'[network]\nproxy = "http://127.0.0.1:1"\n')
    writer.rows("head", ("one", "entries", "hash"))
    writer.row((1, 0, bytes(32)))


def _secret(writer: ParcelWriter) -> None:
    writer.file(Room.CONFIG, "config.toml", SECTION + b'password = "x"\n')
    writer.rows("head", ("one", "entries", "hash"))
    writer.row((1, 0, bytes(32)))


def _twice(writer: ParcelWriter) -> None:
    whole(writer)
    for _ in range(2):
        writer.file(Room.AGREEMENT, "a.toml", b"")


def _nothing(_writer: ParcelWriter) -> None:
    pass


ODD = (
    _columns, _table, _injection, _short_row, _wrong_type, _no_table, _evidence, _other_chain,
    _more_than_the_customer, _secret, _twice, _nothing,
)  # fmt: skip


@pytest.mark.parametrize("fill", ODD)
def test_a_parcel_with_something_odd_in_it_is_refused(
    tmp_path: Path, fill: Callable[[ParcelWriter], None]
) -> None:
    refused(second(tmp_path / "two"), written(tmp_path / "x", fill))


@pytest.mark.parametrize(
    "change",
    [{"customer": "../x"}, {"customer": "other!"}, {"schema": 0}, {"at": "yesterday"}, {"at": "2026-01-01"}],
)
def test_a_manifest_that_makes_no_sense_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    refused(second(tmp_path / "two"), written(tmp_path / "x", whole, **change))


@given(
    st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists)
    | st.dictionaries(st.text(), st.text())
)
@settings(max_examples=60, deadline=None)
def test_no_line_is_a_crash(value: object) -> None:
    with TemporaryDirectory() as folder:
        path = written(Path(folder) / "x", lambda writer: writer._line(value))
        with suppress(ParcelError), ParcelReader(path, PASSPHRASE) as reader:
            list(reader.pieces())


@pytest.mark.parametrize(
    "weak",
    [
        "kurz", "a" * 40, "abababababababab", "passwortpasswort1", "abcdefghijklmnop", "1234567890123456",
        "qwertzuiopasdfgh", "wohnbau-musterstadt", "Wohnbau Musterstadt 1", "Erika Muster 2026",
        "zyxwvutsrqponmlk",
    ],
)  # fmt: skip
def test_weak_passphrases_are_refused_with_a_reason(weak: str) -> None:
    assert weakness(weak, ["wohnbau", "musterstadt", "Erika", "Muster"])


@pytest.mark.parametrize(
    "strong", [PASSPHRASE, "korrekt pferd batterie heftklammer", "x7!Kp2#mQ9v$Zr", "Über Äcker östlich"]
)
def test_strong_passphrases_will_do(strong: str) -> None:
    assert weakness(strong, ["wohnbau"]) is None


@given(st.text(max_size=60), st.lists(st.text(max_size=10), max_size=4))
def test_any_text_is_judged(text: str, known: list[str]) -> None:
    assert weakness(text, known) is None or len(text) >= 0


def test_an_umlaut_is_the_same_on_every_keyboard() -> None:
    assert normal("Mu\u0308ller") == "Müller"


MEMORY = """
import json, resource, sys
from pathlib import Path
from console.handover import parcel
from console.handover.parcel import ParcelReader, ParcelWriter, Room
from console.handover import staging
from console.store.vault import Vault
from tests.console import test_handover_file as t

parcel.COST = 2
folder, count = Path(sys.argv[1]), int(sys.argv[2])
path = folder / "large"
def fill(writer):
    t.whole(writer)
    writer.rows("ticket_head", ("partner", "environment", "side", "id", "changed", "born"))
    for n in range(count * 2000):
        writer.row(("bots4you", "practice", "erp", str(n), "x" * 40, 0))
    for n in range(count):
        content = n.to_bytes(4, "big") * (1024 * 1024)
        import hashlib
        writer.file(Room.EVIDENCE, hashlib.sha256(content).hexdigest(), content)
t.written(path, fill)
room = folder / "room"; room.mkdir()
with ParcelReader(path, t.PASSPHRASE) as reader:
    staging.stage(reader, room, Vault(bytes(32)))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is asked for otherwise there")
def test_memory_does_not_grow_with_the_evidence(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        folder = tmp_path / str(count)
        folder.mkdir()
        done = subprocess.run(
            [sys.executable, "-c", MEMORY, str(folder), str(count)],
            capture_output=True, text=True, check=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        return int(json.loads(done.stdout))

    small, large = peak(2), peak(20)  # 8 and 80 MB of evidence
    assert large < small * 1.25
