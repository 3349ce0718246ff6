"""The Immomio double over real HTTP and real FTP, and deliveries in OpenImmo written by hand."""

from __future__ import annotations

import asyncio
import contextlib
import ftplib
import io
import json
import ssl
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import httpx

from connectors.immomio.sandbox import immomio_sandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running

ID = "0100/WE 7/02/0007"


def property_(number: str = "1", parent: str | None = None, **changed: Any) -> dict[str, Any]:
    """A whole property."""
    address = {"street": "Lindenweg", "houseNumber": "7a", "postalCode": "99998", "city": "Musterstadt"}
    own = {"kind": "CLIENT", "number": number, "parent": parent, "name": None, "constructionYear": 1954}
    return own | address | changed


def unit(home: str = "p1", **changed: Any) -> dict[str, Any]:
    """A whole unit."""
    address = {"street": "Lindenweg", "houseNumber": "7a", "postalCode": "99998", "city": "Musterstadt"}
    own = {"kind": "FLAT", "number": "7", "property": home, "floor": -1, "position": "links"}
    return own | address | {"rooms": 2.5, "livingArea": 61.25, "usableArea": None} | changed


def tenant(email: str | None = "a@example.org", **changed: Any) -> dict[str, Any]:
    """A whole tenant."""
    own = {"clientNumber": "0100", "number": "700100", "email": email, "salutation": "Frau", "title": None}
    name = {"firstName": "Käthe", "lastName": "Musterfuß", "companyName": None}
    return own | name | {"phoneNumbers": ["+49 30 23125001"], "language": "de"} | changed


def contract(**changed: Any) -> dict[str, Any]:
    """A whole contract."""
    own = {"clientNumber": "0100", "number": "11", "unit": "u1", "status": "AKTIV"}
    return own | {"start": "2020-01-01", "end": None, "mainTenant": "t1", "tenants": ["t1"]} | changed


def immobilie(id_: str = ID, rent: str | None = "500.00", action: str = "<aktion/>", **parts: str) -> str:
    """One object; ``parts`` are more elements by the block they stand in."""
    price = "" if rent is None else f"<nettokaltmiete>{rent}</nettokaltmiete>"
    kind = parts.get("kind", '<nutzungsart WOHNEN="true" GEWERBE="false"/><objektart><wohnung/></objektart>')
    blocks = {"geo": "<ort>Musterstadt</ort>", "preise": price, "anhaenge": ""}
    for name in ("geo", "preise", "flaechen", "ausstattung", "zustand_angaben", "freitexte", "anhaenge"):
        blocks[name] = f"<{name}>{blocks.get(name, '')}{parts.get(name, '')}</{name}>"
    technical = f"<verwaltung_techn><objektnr_extern>{id_}</objektnr_extern>{action}</verwaltung_techn>"
    object_ = f"<verwaltung_objekt>{parts.get('verwaltung_objekt', '')}</verwaltung_objekt>"
    inner = f"<objektkategorie>{kind}</objektkategorie>{''.join(blocks.values())}{object_}{technical}"
    return f"<immobilie>{inner}</immobilie>"


def openimmo(*objects: str, scope: str = "TEIL") -> bytes:
    """A delivery with these objects."""
    sent = f'<uebertragung art="ONLINE" umfang="{scope}" version="1.2.7"/>'
    text = f"<openimmo>{sent}<anbieter><firma>W</firma>{''.join(objects)}</anbieter></openimmo>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


def picture(path: str, check: str = "") -> str:
    """An attachment that lies beside the document."""
    inner = f"<anhangtitel>Bad</anhangtitel><format>jpg</format>{check}<daten><pfad>{path}</pfad></daten>"
    return f'<anhang location="EXTERN" gruppe="BILD">{inner}</anhang>'


def zipped(xml: bytes, files: Mapping[str, bytes] | None = None) -> bytes:
    """A delivery as ZIP."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("openimmo.xml", xml)
        for name, data in (files or {}).items():
            archive.writestr(name, data)
    return content.getvalue()


class Office:
    """A served Immomio, seen from a client that is logged in."""

    def __init__(self, line: dict[str, Any], client: httpx.AsyncClient, clock: Clock) -> None:
        self.line = line
        self.ready = line["partners"]["immomio"]
        self.client = client
        self.clock = clock

    async def login(self) -> httpx.Response:
        named = {name: self.ready[name] for name in ("username", "password")}
        answer = await self.client.post(f"{self.ready['url']}/auth/token", json=named)
        self.client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return answer

    async def call(self, method: str, path: str, data: Any = None, **how: Any) -> httpx.Response:
        body = {} if data is None else {"json": data}
        return await self.client.request(method, f"{self.ready['url']}{path}", **body, **how)

    async def put(self, entity: str, id_: str, data: Any) -> httpx.Response:
        return await self.call("PUT", f"/{entity}/{quote(id_, safe='')}", data)

    async def deliver(self, content: bytes, kind: str = "application/xml") -> httpx.Response:
        return await self.call("PUT", "/vacancies/import", content=content, headers={"content-type": kind})

    async def vacancy(self, id_: str = ID) -> Any:
        return (await self.call("GET", f"/vacancies/{quote(id_, safe='')}")).json()

    async def act(self, entity: str, **data: Any) -> httpx.Response:
        return await self.client.post(f"{self.line['control']}/objects/immomio/{entity}", json=data)

    async def state(self, entity: str) -> Any:
        return (await self.client.get(f"{self.line['control']}/state/immomio/{entity}")).json()

    async def fault(self, spec: str) -> None:
        armed = Fault.parse(f"immomio:{spec}").to_json()
        (await self.client.post(f"{self.line['control']}/faults", json=armed)).raise_for_status()

    async def commands(self, method: str = "FTP *") -> list[tuple[Any, ...]]:
        found = await self.client.get(f"{self.line['control']}/requests/immomio", params={"method": method})
        return [tuple(entry[name] for name in ("method", "path", "size", "status")) for entry in found.json()]

    def connect(self, *, timeout: float = 10, password: str | None = None) -> ftplib.FTP:
        """An FTP connection, with TLS where the server has it; blocks, so call it in a thread."""
        ftp = self.ready["ftp"]
        session = ftplib.FTP(timeout=timeout)
        if ftp["tls"]:
            context = ssl.create_default_context(cafile=self.line["ca"])
            session = ftplib.FTP_TLS(timeout=timeout, context=context)
        try:
            session.connect(ftp["host"], ftp["port"])
            session.login(ftp["username"], ftp["password"] if password is None else password)
            if isinstance(session, ftplib.FTP_TLS):
                session.prot_p()
        except BaseException:
            session.close()
            raise
        return session


@contextlib.asynccontextmanager
async def office(*faults: str, tls: bool = False, rated: bool = False, **how: Any) -> AsyncIterator[Office]:
    """Serve an account and log in."""
    clock = Clock()
    made = immomio_sandbox(clock, **how)
    served = made if rated else replace(made, rate=None)
    armed = [Fault.parse(f"immomio:{fault}") for fault in faults]
    async with running([served], faults=armed, clock=clock, tls=tls) as line:
        verify: Any = ssl.create_default_context(cafile=line["ca"]) if tls else False
        async with httpx.AsyncClient(trust_env=False, verify=verify, timeout=10) as client:
            served_office = Office(line, client, clock)
            await served_office.login()
            yield served_office


def send(session: ftplib.FTP, name: str, content: bytes) -> None:
    """Deliver as agreed: under another name first, the size compared, then renamed."""
    session.storbinary(f"STOR /in/{name}.part", io.BytesIO(content))
    session.voidcmd("TYPE I")
    if session.size(f"/in/{name}.part") != len(content):
        raise ValueError("the server stored another size")
    session.rename(f"/in/{name}.part", f"/in/{name}")


def fetch(session: ftplib.FTP, path: str) -> Any:
    """A JSON file on the server, None when there is none."""
    content = io.BytesIO()
    try:
        session.retrbinary(f"RETR {path}", content.write)
    except ftplib.error_perm:
        return None
    return json.loads(content.getvalue())


async def until(look: Callable[[], Any]) -> Any:
    """What a look in a thread finds, as soon as it is something; ten seconds at most."""
    async with asyncio.timeout(10):
        while (found := await asyncio.to_thread(look)) in (None, [], False):  # noqa: ASYNC110
            await asyncio.sleep(0.005)  # another machine's server has no event for us
    return found
