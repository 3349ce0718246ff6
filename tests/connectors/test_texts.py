"""Sentences about problems: with their place where it is known, without a trace of it where it is not."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import connectors
from connectors.contract import Text
from connectors.problems import Owner, Problem, Trouble
from connectors.texts import LANGUAGES, meaning, render, sentence, todo


def _problem(code: str, where: str = "") -> Problem:
    return Problem(code, Trouble.REJECTED, Owner.NOBODY, where=where)


def _problem_codes() -> list[str]:
    """Every code with something to do next, which problems alone have."""
    folder = Path(connectors.__file__).parent
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in folder.rglob("texts.toml")]
    places = [(first, codes) for table in tables for first, codes in table.items()]
    return [
        f"{first}.{code}" for first, codes in places for code, entry in codes.items() if "todo_de" in entry
    ]


def test_a_place_stands_in_brackets_and_without_it_there_are_none() -> None:
    assert "(STOR /in/a.zip)" in meaning(_problem("immomio.ftp_cut", "STOR /in/a.zip"))
    assert meaning(_problem("immomio.ftp_cut")) == "Die FTP-Verbindung ist abgebrochen."
    assert meaning(_problem("immomio.ftp_cut"), "en") == "The FTP connection broke."


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_problem_of_which_only_the_code_was_kept_shows_empty_brackets(language: str) -> None:
    codes = _problem_codes()
    assert len(codes) > 50
    for code in codes:
        told = meaning(_problem(code), language) + todo(_problem(code), language)
        assert "  " not in told, code
        assert not re.search(r"\(\s*(?:status)?[\s,]*\)", told, re.IGNORECASE), code


def test_a_problem_as_evidence_says_what_its_meaning_says() -> None:
    problem = Problem("http.held", Trouble.LIMIT, Owner.NOBODY, where="GET x", retry_after=12.4)
    assert render(sentence(problem)) == meaning(problem)
    assert "12" in meaning(problem)


def test_a_code_within_a_sentence_is_told_as_what_it_means() -> None:
    def told(code: str, language: str = "de") -> str:
        return render(Text("tickets.failed_parked", {"code": code}), language)

    assert told("http.cut").endswith("Die Verbindung brach ab, bevor eine Antwort kam")
    assert told("http.cut", "en").endswith("The connection broke before an answer came")
    assert told("nobody.knows_it").endswith(": nobody.knows_it")
    for code in _problem_codes():
        assert not told(code).endswith((".", " ")), code
