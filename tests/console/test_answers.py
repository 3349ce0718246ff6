"""Answers and evidence on the disk: sealed, never lost, every word kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.store.answers import Answers
from console.store.errors import StoreError
from console.store.evidence import FOLDER, LIMIT
from console.store.forget import forget
from console.store.places import DATABASE, customer_folder
from console.store.said import Evidence, Said
from console.store.schema import open_customer
from console.store.vault import Vault, new_key
from console.store.walked import WalkedStore
from tests.console.cli_kit import ROOT

CUSTOMER = "muster"
KEY = bytes(range(32))
NAME = "Erika Musterfrau"


@contextmanager
def opened(data: Path, vault: Vault | None = None) -> Iterator[Answers]:
    """The customer's answers, with a key that outlives the block."""
    with closing(open_customer(data, CUSTOMER)) as conn:
        yield Answers(conn, vault or Vault(KEY), customer_folder(data, CUSTOMER))


def everything(data: Path) -> bytes:
    """All bytes below a folder, names too."""
    return b"".join(
        os.fsencode(path.name) + (path.read_bytes() if path.is_file() else b"") for path in data.rglob("*")
    )


def test_the_last_word_on_an_item_counts_and_every_word_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.OPEN, who=NAME, note="asked")
        answers.say("own.two", Said.DONE, who=NAME)
        answers.say("own.one", Said.DONE, who="Max", note="it is so", values={"way": "sip"})
    with opened(tmp_path) as answers:
        history = answers.history("own.one")
        assert [(one.said, one.note) for one in history.answers] == [
            (Said.OPEN, "asked"),
            (Said.DONE, "it is so"),
        ]
        assert answers.history().latest["own.one"].values == {"way": "sip"}
        assert set(answers.history().latest) == {"own.one", "own.two"}


def test_by_when_the_rest_is_promised_and_the_file_of_a_word_are_kept(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.OPEN, who=NAME, due=date(2026, 5, 31), origin="it.xlsx")
        (said,) = answers.history().answers
        assert (said.due, said.origin) == (date(2026, 5, 31), "it.xlsx")
        assert "it.xlsx" not in repr(said)


def test_words_that_belong_together_are_kept_together_or_not_at_all(tmp_path: Path) -> None:
    def half(answers: Answers) -> None:
        with answers.together():
            answers.say("own.one", Said.DONE, who=NAME)
            raise KeyError("two")

    with opened(tmp_path) as answers:
        with pytest.raises(KeyError):
            half(answers)
        assert answers.history().answers == ()


TEXTS = st.text(max_size=60)
VALUES = st.dictionaries(TEXTS, st.one_of(TEXTS, st.lists(TEXTS, max_size=3).map(tuple)), max_size=4)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(list(Said)), TEXTS, VALUES), max_size=5)
)
def test_what_was_said_is_read_back_as_it_was(
    words: list[tuple[str, Said, str, dict[str, str | tuple[str, ...]]]],
) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder)) as answers:
        said = [answers.say(item, word, who=text, note=text, values=v) for item, word, text, v in words]
        assert answers.history().answers == tuple(said)


def test_nothing_but_the_item_stands_in_the_file_in_clear(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        file = tmp_path / "Vertrag Musterfrau.pdf"
        file.write_bytes(b"signed by Erika")
        kept = answers.attach(file)
        file.unlink()
        answers.say(
            "own.one", Said.ACCEPTED, who=NAME, note="secret note", values={"k": "v4lue"}, files=[kept]
        )
    held = everything(tmp_path)
    assert b"own.one" in held
    for word in (b"Erika", b"secret", b"v4lue", b"accepted", b"Vertrag", b"signed"):
        assert word not in held, word


@pytest.mark.parametrize(
    "name",
    [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "con",
        "a\x00b",
        "x" * 400,
        "\u202egpj.exe",
        "[/red] \x1b[2J.sh",
        "-rf",
        ".",
        "",
        "\udcff\udcfe",
        "名前.pdf",
    ],
)
def test_a_hostile_name_is_data_and_never_a_path(tmp_path: Path, name: str) -> None:
    data = tmp_path / "data"
    with opened(data) as answers:
        kept = answers._files.keep(name, b"content")
        answers.say("own.one", Said.DONE, who=NAME, files=[kept])
        (again,) = answers.history("own.one").answers[0].files
        assert answers.evidence(again) == b"content"
        assert again.name == name[:255].encode("utf-8", "replace").decode()
    files = [path.name for path in (customer_folder(data, CUSTOMER) / FOLDER).iterdir()]
    assert files == [f"{kept.sha256}.sealed"]
    assert {path.name for path in tmp_path.iterdir()} == {"data"}


def test_the_same_content_is_kept_once(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        first, second = answers._files.keep("a.pdf", b"same"), answers._files.keep("b.pdf", b"same")
    assert first.sha256 == second.sha256
    assert len(list((customer_folder(tmp_path, CUSTOMER) / FOLDER).iterdir())) == 1


def test_a_file_at_the_limit_is_taken_and_a_larger_one_is_not(tmp_path: Path) -> None:
    file = tmp_path / "big.bin"
    with opened(tmp_path / "data") as answers:
        file.write_bytes(bytes(LIMIT))
        assert answers.attach(file).size == LIMIT
        file.write_bytes(bytes(LIMIT + 1))
        with pytest.raises(StoreError) as error:
            answers.attach(file)
    assert error.value.code == "evidence_large"


@pytest.mark.parametrize("what", ["missing", "folder", "pipe"])
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path: Path, what: str) -> None:
    path = tmp_path / "thing"
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no pipes in folders here")
        os.mkfifo(path)
    with opened(tmp_path / "data") as answers, pytest.raises(StoreError) as error:
        answers.attach(path)
    assert error.value.code == "evidence_unreadable"


def test_evidence_that_was_changed_or_is_gone_is_said_to_be(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        kept = answers._files.keep("a.pdf", b"content")
        file = customer_folder(tmp_path, CUSTOMER) / FOLDER / f"{kept.sha256}.sealed"
        whole = file.read_bytes()
        file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StoreError) as error:
            answers.evidence(kept)
        assert error.value.code == "evidence_broken"
        answers._files.keep("a.pdf", b"content")  # attached again, it is whole again
        assert answers.evidence(kept) == b"content"
        file.unlink()
        for wrong in (kept, Evidence("../customer", "x", 1)):
            with pytest.raises(StoreError) as error:
                answers.evidence(wrong)
            assert error.value.code == "evidence_missing"


def test_a_row_moved_to_another_item_cannot_be_read(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.DONE, who=NAME)
    with closing(open_customer(tmp_path, CUSTOMER)) as conn:
        conn.execute("UPDATE answer SET item = 'own.two'")
    with opened(tmp_path) as answers:
        history = answers.history()
        assert (history.answers, history.unreadable) == ((), frozenset({"own.two"}))


def test_answers_of_another_key_are_named_and_not_hidden(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.DONE, who=NAME)
    with opened(tmp_path, Vault(new_key())) as answers:
        assert answers.history().unreadable == {"own.one"}


def test_without_a_keyring_nothing_is_kept_before_somebody_agreed_once(tmp_path: Path) -> None:
    with opened(tmp_path, Vault.ephemeral()) as answers:
        assert answers.needs_consent
        with pytest.raises(StoreError) as error:
            answers.say("own.one", Said.DONE, who=NAME)
        assert error.value.code == "no_key"
        file = tmp_path / "a.txt"
        file.write_text("x", encoding="utf-8")
        with pytest.raises(StoreError):
            answers.attach(file)
        answers.agree(NAME)
        answers.say("own.one", Said.DONE, who=NAME, files=[answers.attach(file)])
    with opened(tmp_path, Vault.ephemeral()) as answers:
        assert not answers.needs_consent
        assert answers.consent is not None
        assert answers.consent.who == NAME
        (said,) = answers.history().answers
        assert answers.evidence(said.files[0]) == b"x"


def test_what_was_said_in_clear_is_read_once_there_is_a_key(tmp_path: Path) -> None:
    with opened(tmp_path, Vault.ephemeral()) as answers:
        answers.agree(NAME)
        answers.say("own.one", Said.OPEN, who=NAME)
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.DONE, who=NAME, note="sealed now")
        assert [one.said for one in answers.history().answers] == [Said.OPEN, Said.DONE]
        assert answers.consent is not None, "that it was once in clear stays known"


def test_forgetting_a_customer_deletes_answers_and_evidence(tmp_path: Path) -> None:
    with opened(tmp_path) as answers:
        answers.say("own.one", Said.DONE, who=NAME, files=[answers._files.keep("a.pdf", b"content")])
    report = forget(tmp_path, CUSTOMER)
    assert report.complete
    assert {path.parts[0] for path in report.gone} >= {DATABASE, FOLDER}
    assert not customer_folder(tmp_path, CUSTOMER).exists()


TWO = """
import sys
from contextlib import closing
from pathlib import Path
from console.store.said import Said
from console.store.answers import Answers
from console.store.places import customer_folder
from console.store.schema import open_customer
from console.store.vault import Vault

data, who = Path(sys.argv[1]), sys.argv[2]
with closing(open_customer(data, "muster")) as conn:
    answers = Answers(conn, Vault(bytes(range(32))), customer_folder(data, "muster"))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(40):
        answers.say("own.one", Said.DONE, who=who, note=str(number))
"""


def test_two_consoles_at_once_lose_no_answer(tmp_path: Path) -> None:
    arguments = (sys.executable, "-c", TWO, str(tmp_path))
    pipe = subprocess.PIPE
    consoles = [
        subprocess.Popen([*arguments, who], stdin=pipe, stdout=pipe, text=True, cwd=ROOT) for who in "AB"
    ]
    try:
        for one in consoles:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in consoles:
            one.communicate("go\n", timeout=60)
        assert [one.returncode for one in consoles] == [0, 0]
    finally:
        for one in consoles:
            one.kill()
            one.wait()
    with opened(tmp_path) as answers:
        said = answers.history("own.one")
    assert not said.unreadable
    for who in "AB":
        assert [one.note for one in said.answers if one.who == who] == [str(n) for n in range(40)]


def test_a_walk_that_ended_is_kept_once_and_sealed(tmp_path: Path) -> None:
    begun, ended = datetime(2025, 6, 1, 9, tzinfo=UTC), datetime(2025, 6, 1, 10, tzinfo=UTC)
    place = ("immomio", "practice", "test_tenant")
    with closing(open_customer(tmp_path, CUSTOMER)) as conn:
        store = WalkedStore(conn, Vault(KEY))
        for _time in range(2):
            store.keep(*place, begun, ended, {"candidate": "Am Anger 5"})
        (one,) = store.walks()
        assert (one.partner, one.environment, one.walk, one.ended) == (*place, ended)
        assert one.content == {"candidate": "Am Anger 5"}
        assert WalkedStore(conn, Vault(new_key())).walks()[0].content is None
    assert b"Anger" not in everything(tmp_path)
