"""Opening, protecting and migrating the files of the store, and what is said when that fails."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.texts import table
from console.store import drives, places
from console.store.database import APPLICATION_ID, open_database, rows, snapshot, transaction
from console.store.drives import drive_type
from console.store.errors import StoreError
from console.store.idmap import IdMap
from console.store.journal import Journal
from console.store.memory import Memory
from console.store.places import customer_folder
from console.store.runs import RunState
from console.store.schema import MIGRATIONS, open_customer
from console.store.vault import Vault

V1 = (("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",),)
V2 = (*V1, ("ALTER TABLE thing ADD COLUMN note TEXT NOT NULL DEFAULT ''", "CREATE INDEX n ON thing (name)"))
posix = pytest.mark.skipif(os.name != "posix", reason="file modes exist on POSIX only")


def code_of(raised: pytest.ExceptionInfo[StoreError]) -> str:
    error = raised.value
    assert error.message
    assert error.hint
    assert all(error.render("en"))
    return error.code


def test_a_database_is_opened_the_durable_way(tmp_path: Path) -> None:
    conn = open_database(tmp_path / "a.sqlite", V1)
    pragmas = (
        "journal_mode",
        "synchronous",
        "busy_timeout",
        "foreign_keys",
        "application_id",
        "user_version",
    )
    values = [conn.execute(f"PRAGMA {name}").fetchone()[0] for name in pragmas]
    assert values == ["wal", 2, 5000, 1, APPLICATION_ID, 1]
    conn.close()


def test_every_table_of_a_customer_is_strict(tmp_path: Path) -> None:
    conn = open_customer(tmp_path, "practice")
    tables = conn.execute(
        "SELECT name, strict FROM pragma_table_list WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    assert tables
    assert [name for name, strict in tables if not strict] == []
    conn.close()


@posix
def test_files_and_folders_are_closed_to_others_even_where_they_were_open(tmp_path: Path) -> None:
    folder = customer_folder(tmp_path, "practice")
    folder.mkdir(parents=True, mode=0o755)
    conn = open_customer(tmp_path, "practice")
    with transaction(conn):
        conn.execute("DELETE FROM lease")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {f"customer.sqlite{end}": 0o600 for end in ("", "-wal", "-shm")}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    conn.close()


def test_a_file_of_version_1_is_brought_forward_and_keeps_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    conn = open_database(path, V1)
    conn.execute("INSERT INTO thing (name) VALUES ('old')")
    conn.close()
    conn = open_database(path, V2)
    assert rows(conn, "SELECT name, note FROM thing") == [("old", "")]
    conn.close()


def test_a_customer_file_of_the_first_release_is_read_by_the_next_one(tmp_path: Path) -> None:
    path = customer_folder(tmp_path, "practice") / places.DATABASE
    path.parent.mkdir(parents=True)
    old = sqlite3.connect(path)
    old.executescript((Path(__file__).parent / "data" / "customer-v1.sql").read_text(encoding="utf-8"))
    old.close()
    conn = open_database(path, (*MIGRATIONS, ("ALTER TABLE link ADD COLUMN note TEXT",)))
    journal = Journal(conn, Vault(bytes(32)))
    assert journal.verify().ok
    assert [(run.id, run.state) for run in journal.runs()] == [(2, RunState.INTERRUPTED), (1, RunState.DONE)]
    assert journal.before(1, "tenant", "10/0042") == b'{"name":"before"}'
    assert IdMap(conn, "bots4you", "practice").count() == 1
    assert Memory(conn).facts("bots4you", "practice", "master-data").mapping_version == "m1"
    conn.close()


def test_a_failed_migration_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    open_database(path, V1).close()
    broken = (*V1, ("ALTER TABLE thing ADD COLUMN note TEXT", "CREATE TABLE thing (id)"))
    with pytest.raises(sqlite3.OperationalError):
        open_database(path, broken)
    conn = open_database(path, V1)
    assert [column[1] for column in rows(conn, "PRAGMA table_info(thing)")] == ["id", "name"]
    conn.close()


def test_a_file_of_a_newer_program_is_refused_with_both_versions(tmp_path: Path) -> None:
    open_database(tmp_path / "a.sqlite", V2).close()
    with pytest.raises(StoreError) as raised:
        open_database(tmp_path / "a.sqlite", V1)
    assert code_of(raised) == "newer"
    assert raised.value.details["found"] == 2
    assert raised.value.details["known"] == 1


@pytest.mark.parametrize("pragma", ["PRAGMA user_version = 0", "PRAGMA application_id = 7"])
def test_the_database_of_another_program_is_refused_and_untouched(tmp_path: Path, pragma: str) -> None:
    path = tmp_path / "a.sqlite"
    other = sqlite3.connect(path)
    other.executescript(f"CREATE TABLE theirs (id); {pragma};")
    other.close()
    content = path.read_bytes()
    with pytest.raises(StoreError) as raised:
        open_database(path, V1)
    assert code_of(raised) == "foreign"
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_a_damaged_file_is_called_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.sqlite").write_bytes(content)
    with pytest.raises(StoreError) as raised:
        open_database(tmp_path / "a.sqlite", V1)
    assert code_of(raised) == "corrupt"


def test_a_database_that_another_process_is_writing_is_called_locked(tmp_path: Path) -> None:
    first, second = (open_database(tmp_path / "a.sqlite", V1) for _ in range(2))
    second.execute("PRAGMA busy_timeout = 1")
    with transaction(first), pytest.raises(StoreError) as raised, transaction(second):
        pass
    assert code_of(raised) == "locked"
    first.close()
    second.close()


@posix
def test_opening_a_second_connection_keeps_the_file_lock_of_the_first(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    first = open_database(path, V1)
    second = open_database(path, V1)
    code = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('PRAGMA journal_mode = DELETE')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True)
    assert "database is locked" in done.stderr
    first.close()
    second.close()


def test_a_full_disk_is_called_full_and_nothing_of_the_transaction_stays(tmp_path: Path) -> None:
    conn = open_database(tmp_path / "a.sqlite", V1)
    conn.execute(f"PRAGMA max_page_count = {conn.execute('PRAGMA page_count').fetchone()[0] + 2}")
    with pytest.raises(StoreError) as raised, transaction(conn):
        conn.executemany("INSERT INTO thing (name) VALUES (?)", [("x" * 1000,)] * 100)
    assert code_of(raised) == "full"
    assert rows(conn, "SELECT count(*) FROM thing") == [(0,)]
    conn.close()


def test_a_database_that_may_only_be_read_is_called_read_only(tmp_path: Path) -> None:
    conn = open_database(tmp_path / "a.sqlite", V1)
    conn.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreError) as raised, transaction(conn):
        conn.execute("INSERT INTO thing (name) VALUES ('a')")
    assert code_of(raised) == "read_only"
    conn.close()


def test_a_folder_where_the_file_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").mkdir()
    with pytest.raises(StoreError) as raised:
        open_database(tmp_path / "a.sqlite", V1)
    assert code_of(raised) == "cannot_open"


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", encoding="utf-8")
    with pytest.raises(StoreError) as raised:
        open_database(tmp_path / "data" / "a.sqlite", V1)
    assert code_of(raised) == "folder"


@pytest.mark.skipif(os.name != "posix", reason="Windows is asked for the kind of a drive")
def test_a_network_drive_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = f"/dev/sda1 / ext4 rw 0 0\n//server/share {tmp_path} cifs rw 0 0\n"
    monkeypatch.setattr(drives, "_mounts", lambda: mounts)
    with pytest.raises(StoreError) as raised:
        open_database(tmp_path / "data" / "a.sqlite", V1)
    assert code_of(raised) == "network_drive"


LINUX = (
    "/dev/sda1 / ext4 rw 0 0\n"
    "/dev/sdb /mnt/my\\040files/in xfs rw 0 0\n"
    "srv:/x /mnt/my\\040files nfs4 rw 0 0\n"
)
MAC = (
    "/dev/disk3s1 on / (apfs, sealed, local)\n"
    "//anna@srv/share on /Volumes/Share (x) (smbfs, nodev, nosuid)\n"
    "/dev/disk4 on /Volumes/Stick (msdos, local)\n"
)


@pytest.mark.parametrize(
    ("mounts", "path", "expected"),
    [
        (LINUX, "/home/x", "ext4"),
        (LINUX, "/mnt/my files/a", "nfs4"),
        (LINUX, "/mnt/my files/in/a", "xfs"),
        (LINUX, "/mnt/my files2", "ext4"),
        (MAC, "/Users/x", "apfs"),
        (MAC, "/Volumes/Share (x)/data", "smbfs"),
        (MAC, "/Volumes/Stick/data", "msdos"),
        ("", "/home/x", ""),
    ],
)
def test_the_innermost_mount_decides_what_a_path_lies_on(mounts: str, path: str, expected: str) -> None:
    assert drive_type(mounts, path) == expected


def test_a_part_that_fails_is_undone_and_the_rest_stays(tmp_path: Path) -> None:
    conn = open_database(tmp_path / "a.sqlite", V1)
    with transaction(conn):
        conn.execute("INSERT INTO thing (name) VALUES ('kept')")
        with pytest.raises(sqlite3.IntegrityError), transaction(conn):
            conn.executemany("INSERT INTO thing (name) VALUES (?)", [("undone",), (None,)])
    assert rows(conn, "SELECT name FROM thing") == [("kept",)]
    conn.close()


def test_a_snapshot_does_not_see_what_is_written_meanwhile(tmp_path: Path) -> None:
    reader, writer = (open_database(tmp_path / "a.sqlite", V1) for _ in range(2))
    with snapshot(reader):
        before = rows(reader, "SELECT count(*) FROM thing")
        with transaction(writer):
            writer.execute("INSERT INTO thing (name) VALUES ('new')")
        assert rows(reader, "SELECT count(*) FROM thing") == before
    assert rows(reader, "SELECT count(*) FROM thing") == [(1,)]
    reader.close()
    writer.close()


def test_two_customers_never_share_a_folder_and_none_leaves_the_data_folder(tmp_path: Path) -> None:
    keys = ["wbm", "WBM", "Wbm", "con", "nul", "..", "a/b", "a\\b", "müller", "com1", ".", " ", "a" * 60]
    folders = {str(customer_folder(tmp_path, key)).casefold() for key in keys}
    assert len(folders) == len(keys)
    assert all(customer_folder(tmp_path, key).parent == tmp_path / "customers" for key in keys)
    assert not {"con", "nul", "com1"} & {Path(folder).name for folder in folders}


def test_the_store_is_imported_without_what_is_slow_to_import() -> None:
    root = Path(__file__).resolve().parents[2]
    modules = ("cache", "forget", "idmap", "journal", "memory", "spills", "vault")
    late = {"cryptography", "diskcache", "httpx", "keyring", "subprocess"}
    code = f"import sys, {', '.join(f'console.store.{m}' for m in modules)}; print({late} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_every_sentence_is_complete_in_both_languages() -> None:
    for entry in table("console.store")["store"].values():
        assert set(entry) == {"de", "en", "todo_de", "todo_en"}
