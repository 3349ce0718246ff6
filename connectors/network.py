"""How this machine reaches the outside: proxies, certificates, time-outs."""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors.bodies import LARGEST
from connectors.problems import Failure, Owner, Problem, Trouble

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Network:
    """The network settings of an installation.

    ``proxy`` wins over the environment's; ``ca`` is a file of further trusted certificates (PEM). ``timeout``
    is in seconds for connecting and for each read, ``deadline`` for a whole call. ``largest`` is the most
    bytes that one answer may have, unpacked.
    """

    proxy: str | None = field(default=None, repr=False)  # may hold a password
    ca: Path | None = None
    timeout: float = 30.0
    deadline: float = 60.0
    largest: int = LARGEST


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by name or address."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def proxy_for(url: str, network: Network) -> str | None:
    """The proxy for a URL: the configured one, else the environment's or the system's; none for loopback."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    proxy = network.proxy
    if not proxy and not proxy_bypass(host):
        known = getproxies()
        proxy = known.get(parts.scheme) or known.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def tls(network: Network) -> ssl.SSLContext:
    """A context trusting what the operating system trusts, and the configured file. Raises Failure."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if network.ca is not None:
        try:
            context.load_verify_locations(cafile=network.ca)
        except (OSError, ssl.SSLError):
            usable = False
        else:
            usable = True
        if not usable:
            raise Failure(Problem("http.ca", Trouble.CONFIG, Owner.CONSULTANT, where=network.ca.name))
    return context


def client(network: Network, proxy: str | None) -> httpx.AsyncClient:
    """An httpx client that follows no redirect. Raises Failure.

    Its pool has no limit of its own: the caller's semaphore bounds the calls and thereby the connections.
    """
    import httpx

    context = tls(network)
    try:
        known = proxy is None or urlsplit(proxy).scheme in ("http", "https")
        made = httpx.AsyncClient(
            verify=context,
            proxy=proxy,
            trust_env=False,
            timeout=httpx.Timeout(network.timeout, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
            headers={"user-agent": "einzug", "accept": "application/json", "accept-encoding": "gzip"},
        )
    except (ValueError, ImportError, httpx.InvalidURL):  # their texts would show the proxy's password
        known = False
    if not known:
        raise Failure(Problem("http.proxy_url", Trouble.CONFIG, Owner.CONSULTANT))
    return made
