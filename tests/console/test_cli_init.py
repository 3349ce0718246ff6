"""``einzug init``: a first configuration from a few answers, typed or piped."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from console.config import load
from tests.console.cli_kit import called
from tests.console.conftest import Einzug

ANSWERS = {
    "key": "musterstadt",
    "name": 'Wohnbau "Musterstadt" eG',
    "source": "openwowi",
    "environment": "",
    "url": "http://127.0.0.1:8801/openwowi/v1.2",
    "mandanten": "10, 20",
    "separator": "_",
    "partners": "bots4you",
    "bots4you": "http://127.0.0.1:8802",
}


def _lines(**changes: str) -> str:
    return "".join(f"{answer}\n" for answer in (ANSWERS | changes).values())


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "new" / "config.toml"
    monkeypatch.setenv("EINZUG_CONFIG", str(path))
    return path


def test_the_answers_become_a_configuration_that_loads(einzug: Einzug, config: Path) -> None:
    told = einzug("init", stdin=_lines())
    assert told.code == 0
    customer = load(config).customers["musterstadt"]
    assert (customer.name, customer.mandanten, customer.separator) == (
        'Wohnbau "Musterstadt" eG',
        ("10", "20"),
        "_",
    )
    assert customer.erp is not None
    assert (customer.erp.source, customer.erp.url, customer.erp.environment) == (
        "openwowi",
        ANSWERS["url"],
        "practice",
    )
    partner = customer.partners["bots4you"]
    assert (partner.url, partner.environment, partner.enabled) == (ANSWERS["bots4you"], "practice", True)


def test_it_ends_with_the_next_commands_and_they_are_understood(einzug: Einzug, config: Path) -> None:
    commands = [line.strip() for line in einzug("init", stdin=_lines()).out.splitlines()[1:]]
    assert commands == [
        "einzug credentials set musterstadt erp",
        "einzug credentials set musterstadt bots4you",
        "einzug check musterstadt",
        "einzug plan musterstadt bots4you master-data",
    ]
    for command in commands:
        told = einzug(*command.split()[1:])
        assert told.code == 2  # there are no credentials yet, and nobody to type them
        assert "--help" not in told.err


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("key", "Musterstadt GmbH"),
        ("key", "con"),
        ("name", ""),
        ("name", "two\x1b[2Jlines"),
        ("source", "sap"),
        ("environment", "live"),
        ("url", "http://erp.example.org"),
        ("url", "https://user:word@127.0.0.1/"),
        ("mandanten", ""),
        ("mandanten", "10,,20"),
        ("separator", "#"),
        ("partners", "nobody"),
        ("bots4you", "127.0.0.1:8802"),
    ],
)
def test_a_wrong_answer_is_explained_and_asked_again(
    einzug: Einzug, config: Path, name: str, wrong: str
) -> None:
    told = einzug("init", stdin=_lines(**{name: f"{wrong}\n{ANSWERS[name]}"}))
    assert told.code == 0
    assert load(config).customers["musterstadt"].separator == "_"
    plain = einzug("init", "--config", str(config.parent / "plain.toml"), stdin=_lines())
    assert len(told.err.splitlines()) == len(plain.err.splitlines()) + 2  # the reason, and the question again


@pytest.mark.parametrize("answers", range(len(ANSWERS)))
def test_when_the_answers_end_too_early_nothing_is_written(
    einzug: Einzug, config: Path, answers: int
) -> None:
    told = einzug("init", stdin="".join(_lines().splitlines(keepends=True)[:answers]))
    assert (told.code, told.out) == (2, "")
    assert "geschrieben wurde nichts" in told.err
    assert not config.exists()


def test_an_existing_file_keeps_its_comments_and_customers(einzug: Einzug, config: Path) -> None:
    config.parent.mkdir()
    former = '# ours\n[customers.other]  # stays\nname = "Other"\n'
    config.write_text(former, encoding="utf-8")
    assert einzug("init", stdin=_lines()).code == 0
    assert config.read_text(encoding="utf-8").startswith(former)
    assert set(load(config).customers) == {"other", "musterstadt"}


def test_a_customer_that_is_there_is_not_written_over(einzug: Einzug, config: Path) -> None:
    einzug("init", stdin=_lines())
    former = config.read_bytes()
    told = einzug("init", stdin=_lines(name="Another"))
    assert told.code == 2
    assert "'musterstadt'" in told.err
    assert config.read_bytes() == former


def test_a_broken_file_is_told_before_anything_is_asked(einzug: Einzug, config: Path) -> None:
    config.parent.mkdir()
    config.write_text("[customers", encoding="utf-8")
    told = einzug("init", stdin=_lines())
    assert told.code == 2
    assert f"{config}: " in told.err
    assert len(told.err.splitlines()) == 1


def test_exports_in_a_folder_need_no_credentials_and_a_partner_is_optional(
    einzug: Einzug, config: Path
) -> None:
    answers = ["m2", "M", "files", "test", "exporte", "alle", "", ""]
    told = einzug("init", "--lang", "en", stdin="".join(f"{answer}\n" for answer in answers))
    assert told.out.splitlines()[1:] == ["  einzug check m2"]
    customer = load(config).customers["m2"]
    assert (customer.mandanten, customer.language, customer.partners) == ("all", "en", {})
    assert customer.erp is not None
    assert customer.erp.folder == config.parent / "exporte"


def test_a_folder_that_cannot_be_made_is_said(einzug: Einzug, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    told = einzug("init", "--config", str(tmp_path / "file" / "config.toml"), stdin=_lines())
    assert told.code == 2
    assert len(told.err.splitlines()[-2:]) == 2


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_real_pipe_works_too(config: Path, mark: str, tmp_path: Path) -> None:
    answers = tmp_path / "answers.txt"
    answers.write_text(mark + _lines(), encoding="utf-8")
    with answers.open(encoding="utf-8") as stream:
        told = called("init", stdin=stream)
    assert (told.code, "Traceback" in told.err) == (0, False)
    assert load(config).customers["musterstadt"].name == ANSWERS["name"]


def test_an_input_that_is_no_text_is_said(
    monkeypatch: pytest.MonkeyPatch, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from console.cli import run

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"m\xff\n"), encoding="utf-8"))
    assert run(["init"]) == 2
    assert "UTF-8" in capsys.readouterr().err
