"""What Archiv kompakt says: Microsoft dates and download infos are read exactly, or refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.archive.wire import DownloadInfo, asked, document_path, download_info, file_path, moment
from tests.connectors.archive_kit import dlinfo

MD5 = "d41d8cd98f00b204e9800998ecf8427e"
OFFSETS = st.integers(-14 * 60, 14 * 60)
MOMENTS = st.datetimes(datetime(1601, 1, 2), datetime(9998, 12, 30)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)


@given(MOMENTS, OFFSETS)
def test_a_microsoft_date_is_the_moment_that_was_written(at: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    milliseconds = (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    read = moment(f"/Date({milliseconds}{sign}{hours:02}{rest:02})/")
    assert read == at
    assert read.utcoffset() == zone.utcoffset(None)


def test_the_documented_date_is_midnight_in_germany() -> None:
    assert moment("/Date(1577836800000+0100)/").isoformat() == "2020-01-01T01:00:00+01:00"
    assert moment("/Date(1577836800000)/").isoformat() == "2020-01-01T00:00:00+00:00"


@given(st.text())
def test_anything_else_is_no_date_and_no_other_error(text: str) -> None:
    for read in (moment, download_info):
        try:
            read(text)
        except ValueError:
            continue


@pytest.mark.parametrize(
    "text",
    ["/Date()/", "/Date(99999999999999999)/", "/Date(999999999999999)/", "/Date(1+9999)/", "2020-01-01"],
)
def test_what_is_no_moment_of_a_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"moment|date|offset"):
        moment(text)


LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=20)


@given(st.integers(1, 10**9), LINES, st.lists(LINES, max_size=5), st.sampled_from(["\n", "\r\n"]))
def test_a_download_info_tells_document_type_and_md5(
    document: int, kind: str, more: list[str], end: str
) -> None:
    text = end.join(["x", str(document), kind, "", "", MD5.upper(), *more])
    read = download_info(base64.b64encode(text.encode()).decode())
    assert read == DownloadInfo(str(document), kind.strip(), MD5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "###",
        base64.b64encode(b"\xff\xfe").decode(),
        base64.b64encode(b"1\n2\n3\n4\n5").decode(),
        dlinfo("7", "no md5"),
        dlinfo("", MD5),
    ],
)
def test_a_download_info_without_document_or_md5_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        download_info(text)


def test_addresses_hold_what_base64_and_ids_may_hold() -> None:
    assert file_path("a/b+c==") == "/v1/files/a%2Fb%2Bc%3D%3D"
    assert document_path("..", "activities", "T/1") == "/v1/documents/%2E%2E/activities/T%2F1"


def test_a_search_names_archive_indexes_and_the_most_hits() -> None:
    assert asked(3, [(2, "001*")], 500) == {
        "maxHits": 500,
        "indexes": [{"ID": 2, "Value": "001*"}],
        "arcIDs": [3],
    }
