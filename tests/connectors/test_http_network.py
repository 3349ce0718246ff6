"""Proxies and certificates: what is used, what is trusted, and how each fault is told."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest

from connectors.http import Network
from connectors.network import proxy_for
from connectors.problems import Arrival, Failure, Trouble
from tests.connectors.http_loopback import client, closed_port, problem_of, raw, reply, serving, silent


async def test_a_proxy_in_the_environment_is_not_used_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with serving(reply(200)) as seen, client(seen.url) as (http, _):
        assert (await http.send("GET", "/")).status == 200
    assert proxy_for("http://localhost:1/", Network(proxy="http://p:1")) is None
    assert proxy_for("http://[::1]:1/", Network(proxy="http://p:1")) is None


def test_the_configured_proxy_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://env.example.org:1")
    monkeypatch.setenv("no_proxy", "inside.example.org")
    assert proxy_for("https://a.example.org", Network()) == "http://env.example.org:1"
    assert proxy_for("https://inside.example.org", Network()) is None
    assert (
        proxy_for("https://a.example.org", Network(proxy="conf.example.org:3")) == "http://conf.example.org:3"
    )


async def test_a_plain_request_through_a_proxy_names_the_whole_address() -> None:
    async with serving(reply(200)) as seen:
        network = Network(proxy=seen.url, timeout=1, deadline=2)
        async with client("http://partner.example.org/api", network) as (http, _):
            await http.send("GET", "/x/../10%2F1", params={"a": "b"})
    assert seen.requests[0].startswith(b"GET http://partner.example.org/api/x/../10%2F1?a=b HTTP/1.1\r\n")


@pytest.mark.parametrize("url", ["http://partner.example.org", "https://partner.example.org"])
async def test_a_proxy_that_is_away_is_told_apart_from_a_partner_that_is_away(url: str) -> None:
    problem = await problem_of(url, Network(proxy=f"http://127.0.0.1:{closed_port()}"))
    assert (problem.code, problem.trouble, problem.arrival) == (
        "http.proxy",
        Trouble.UNREACHABLE,
        Arrival.NEVER,
    )


async def test_a_proxy_that_refuses_the_tunnel_or_asks_for_a_login_is_named() -> None:
    async with serving(raw(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")) as seen:
        tunnel = await problem_of("https://partner.example.org", Network(proxy=seen.url))
    async with serving(reply(407)) as seen:
        login = await problem_of("http://partner.example.org", Network(proxy=seen.url))
    assert (tunnel.code, tunnel.arrival) == ("http.proxy", Arrival.NEVER)
    assert (login.code, login.arrival) == ("http.proxy_login", Arrival.NEVER)


@pytest.mark.parametrize("proxy", ["socks5://me:hunter2@p:1", "gopher://p", "http://[::1"])
async def test_an_unusable_proxy_is_a_matter_of_configuration(proxy: str) -> None:
    async with client("http://partner.example.org", Network(proxy=proxy)) as (http, _):
        with pytest.raises(Failure) as caught:
            await http.send("GET", "/")
    assert caught.value.problem.code == "http.proxy_url"
    assert caught.value.__context__ is None


@pytest.fixture(scope="module")
def authority() -> Any:
    """A certificate authority that nobody trusts yet."""
    return pytest.importorskip("trustme").CA()


def server_tls(authority: Any, *names: str) -> ssl.SSLContext:
    """A server context with a certificate for the names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_a_configured_authority_is_trusted_and_an_unknown_one_is_not(
    authority: Any, tmp_path: Path
) -> None:
    ca = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    network = Network(timeout=2, deadline=5)
    async with serving(reply(200), server_tls(authority, "127.0.0.1")) as seen:
        async with client(seen.url, Network(ca=ca, timeout=2, deadline=5)) as (http, _):
            assert (await http.send("GET", "/")).status == 200
        untrusted = await problem_of(seen.url, network)
    async with serving(reply(200), server_tls(authority, "other.example.org")) as seen:
        misnamed = await problem_of(seen.url, Network(ca=ca, timeout=2, deadline=5))
    assert (untrusted.code, untrusted.arrival) == ("http.tls", Arrival.NEVER)
    assert (misnamed.code, misnamed.arrival) == ("http.tls_name", Arrival.NEVER)


async def test_a_write_that_never_left_has_not_arrived_even_when_the_deadline_ends_it() -> None:
    async with serving(silent) as seen:  # waits for a request while the client waits for a handshake
        problem = await problem_of(seen.url.replace("http:", "https:"), Network(timeout=5, deadline=0.1))
    assert (problem.code, problem.arrival) == ("http.deadline", Arrival.NEVER)
    assert not seen.requests


async def test_a_server_that_speaks_no_tls_is_a_tls_problem() -> None:
    async with serving(raw(b"HTTP/1.1 400 Bad\r\n\r\n")) as seen:
        server = seen.url.replace("http:", "https:")
        async with client(server, Network(timeout=0.2, deadline=1)) as (http, _):
            with pytest.raises(Failure) as caught:
                await http.send("GET", "/")
    assert caught.value.problem.trouble is Trouble.UNREACHABLE
    assert caught.value.problem.arrival is Arrival.NEVER


@pytest.mark.parametrize("content", [None, "no certificate"])
async def test_a_missing_or_broken_authority_file_is_named(content: str | None, tmp_path: Path) -> None:
    path = tmp_path / "company.pem"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    async with client("https://127.0.0.1", Network(ca=path)) as (http, _):
        with pytest.raises(Failure) as caught:
            await http.send("GET", "/")
    assert (caught.value.problem.code, caught.value.problem.where) == ("http.ca", "company.pem")
