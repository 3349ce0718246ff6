"""What leaves the program carries no secret and no personal data, and stays readable."""

from __future__ import annotations

import io
import json
import logging
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.redaction import MASK, RedactingFormatter, mask_secrets, redact

ODD = st.text(alphabet=st.sampled_from(list("ab0*+-@.:=&?\"'\\ ,%/[]{}(…\n")) | st.characters(), max_size=60)
PIECES = [
    "token=",
    "password",
    '":"',
    "Authorization: Bearer ",
    "max@example.org",
    "+49 211 1234567",
    "***",
    " ",
]
PIECES += ["DE89370400440532013000", "apiKey=", "\\", "'", "hunter2", "*", "0211/", "x"]
TEXT = st.one_of(ODD, st.text(), st.lists(st.sampled_from(PIECES)).map("".join))


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("Authorization: Bearer abc.def.ghi user=1", "user=1", "abc.def.ghi"),
        ("authorization: Basic bWU6cHc=, next", ", next", "bWU6"),
        ("[(b'Authorization', b'Basic bWU6cHc='), (b'Accept', b'x')]", "b'Accept'", "bWU6"),
        ('{"password": "hun\\"ter2", "n": 1}', '"n": 1', "ter2"),
        ("{'client_secret': 'hunter2', 'n': 1}", "'n': 1", "hunter2"),
        ("{'Set-Cookie': 'sid=hunter2; x'}", "Set-Cookie", "hunter2"),
        ('"{\\"access_token\\": \\"hunter2\\"}"', "access_token", "hunter2"),
        ("GET https://h.example.org/a?apiKey=hunter2&limit=5", "&limit=5", "hunter2"),
        ("api_key=hunter2", "api_key=", "hunter2"),
        ("x-api-key: hunter2", "x-api-key", "hunter2"),
        ("Passwort: hunter2", "Passwort", "hunter2"),
        ("refresh_token=hunter2", "refresh_token", "hunter2"),
        ("mail an max.muster@example.org heute", "heute", "muster"),
        ("/users/max%40example.org", "/users/", "max"),
        ("Konto DE89 3704 0044 0532 0130 00, gut", ", gut", "0532"),
        ("Konto de89370400440532013000", "Konto", "3704"),
        ("Konto GB29NWBK60161331926819", "Konto", "NWBK"),
        ("tel 0211 123 45 67 ab 9", "tel", "123"),
        ("+49 (211) 1234567", "", "1234"),
        ("0049-211-1234567", "", "1234"),
        ("(0211) 1234567", "", "1234"),
    ],
)
def test_secrets_and_personal_data_are_masked_and_the_rest_stays(text: str, kept: str, gone: str) -> None:
    shown = redact(text)
    assert gone not in shown
    assert MASK in shown
    assert kept in shown


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T04:32:55Z INFO run 412 of 2000, 3.5 s",
        "Mieter 10/0042 am 01.02.2026: 1.234,56 EUR",
        'File "connectors/http.py", line 120, in send',
        "http.refused at GET 127.0.0.1:48211/mieter/10%2F0042",
        "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "the token bucket is full",
    ],
)
def test_what_is_neither_secret_nor_personal_stays_readable(text: str) -> None:
    assert redact(text) == text


def test_registered_secrets_are_masked_however_they_are_written() -> None:
    secret = 'G"e heim/4711+ü'
    for form in (
        secret,
        quote_plus(secret),
        json.dumps({"x": secret}),
        json.dumps([secret], ensure_ascii=False),
    ):
        assert "heim" not in redact(f"a {form} b", [secret])
        assert "4711" not in mask_secrets(f"/a/{form}/b", [secret])


def test_a_secret_within_another_leaves_no_rest() -> None:
    assert redact("hunter2000", ["hunter2", "hunter2000"]) == MASK


def test_a_very_short_secret_is_masked_as_a_word_only() -> None:
    assert redact("pin 42 in 1420", ["42", "", "-"]) == f"pin {MASK} in 1420"


def test_numbers_in_paths_are_ids_and_no_telephone_numbers() -> None:
    assert mask_secrets("/mieter/0211-1234567", []) == "/mieter/0211-1234567"


@given(TEXT, st.lists(ODD, max_size=4))
def test_redacting_twice_changes_nothing_and_never_raises(text: str, secrets: list[str]) -> None:
    once = redact(text, secrets)
    assert redact(once, secrets) == once
    path = mask_secrets(text, secrets)
    assert mask_secrets(path, secrets) == path


@given(st.text(), st.text(min_size=4).filter(lambda s: s not in "****"), st.text())
def test_no_registered_secret_survives(before: str, secret: str, after: str) -> None:
    assert secret not in redact(before + secret + after, [secret])


def test_long_hostile_text_is_redacted_in_reasonable_time() -> None:
    for piece in ("a", "a-", "token", "0 1", "@", '"password":"\\', "DE89 ", "x@y."):
        redact(piece * 20_000)


def logged(secrets: set[str], *later: str) -> tuple[logging.Logger, io.StringIO]:
    """A logger whose lines go through the formatter into a buffer."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(RedactingFormatter(secrets))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    secrets.update(later)
    return logger, out


def test_message_arguments_and_traceback_are_redacted_and_locals_are_not_shown() -> None:
    logger, out = logged(set(), "hunter2")
    other = io.StringIO()
    logger.addHandler(logging.StreamHandler(other))

    def fail() -> None:
        local = "value-of-a-local"
        raise ValueError(f"refused hunter2 for max@example.org {len(local)}")

    try:
        fail()
    except ValueError:
        logger.exception("login of %s with %r", "eva@example.org", {"password": "p4ss"})
    shown = out.getvalue()
    for secret in ("hunter2", "max@", "eva@", "p4ss", "value-of-a-local"):
        assert secret not in shown
    assert "in fail" in shown
    assert "hunter2" in other.getvalue(), "another handler decides for itself"


def test_a_line_that_cannot_be_formatted_is_not_shown_raw() -> None:
    logger, out = logged({"hunter2"})
    logger.info("%d", "hunter2")
    assert "hunter2" not in out.getvalue()
    assert "cannot be formatted" in out.getvalue()
