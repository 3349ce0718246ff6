"""The onOffice sandbox, asked by a client written from the reference, which shares no code with ours."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import http.client
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.onoffice.sandbox_signing import php_json, version_1, version_2
from tests.connectors.onoffice_kit import Scene, office, onoffice, planted, sound

ACTION = "urn:onoffice-de-ns:smart:2.5:smartml:action:"
RELATION = "urn:onoffice-de-ns:smart:2.5:relationTypes:estate:address:"


class Plain:
    """The simplest client there can be: one connection, one action, version 2 or the old version 1."""

    def __init__(self, url: str, token: str, secret: str) -> None:
        self.url, self.token, self.secret = urlsplit(url), token, secret

    def action(self, verb: str, kind: str, parameters: Any, id_: Any = "", **more: Any) -> dict[str, Any]:
        """A signed action; ``more`` replaces parts of it afterwards."""
        urn, now = ACTION + verb, int(time.time())
        message = f"{now}{self.token}{kind}{urn}".encode()
        digest = hmac.new(self.secret.encode(), message, hashlib.sha256).digest()
        return {
            "actionid": urn, "resourceid": id_, "resourcetype": kind, "identifier": "x", "timestamp": now,
            "hmac": base64.b64encode(digest).decode(), "hmac_version": 2, "parameters": parameters,
        } | more  # fmt: skip

    def old(self, verb: str, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """An action signed the old way."""
        urn, now = ACTION + verb, int(time.time())
        written = json.dumps(dict(sorted(parameters.items())), separators=(",", ":")).replace("/", "\\/")
        line = ",".join([written, self.token, urn, "x", "", self.secret, str(now), kind])
        inner = hashlib.md5(line.encode()).hexdigest()
        return {
            "actionid": urn, "resourceid": "", "resourcetype": kind, "identifier": "x", "timestamp": now,
            "hmac": hashlib.md5((self.secret + inner).encode()).hexdigest(), "parameters": parameters,
        }  # fmt: skip

    async def send(self, body: bytes, method: str = "POST") -> Any:
        """The answer to a body, decoded."""
        return await asyncio.to_thread(self._send, body, method)

    def _send(self, body: bytes, method: str) -> Any:
        connection = http.client.HTTPConnection(self.url.netloc, timeout=20)
        connection.request(method, self.url.path, body, {"content-type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        found = json.loads(answer.read())
        connection.close()
        return found

    async def ask(self, *actions: Any, method: str = "POST") -> list[dict[str, Any]]:
        """The results of some actions."""
        told = await self.send(
            json.dumps({"token": self.token, "request": {"actions": actions}}).encode(), method
        )
        results: list[dict[str, Any]] = told["response"]["results"]
        return results

    async def rows(self, verb: str, kind: str, parameters: Any, id_: Any = "") -> list[dict[str, Any]]:
        """The records that one action finds."""
        (result,) = await self.ask(self.action(verb, kind, parameters, id_))
        assert result["status"]["errorcode"] == 0, result
        records: list[dict[str, Any]] = result["data"]["records"]
        return records

    async def refused(self, verb: str, kind: str, parameters: Any, id_: Any = "") -> int:
        """The code with which one action is refused."""
        (result,) = await self.ask(self.action(verb, kind, parameters, id_))
        assert (result["data"], result["cacheable"]) == ([], False)
        code: int = result["status"]["errorcode"]
        return code


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with onoffice() as found:
        yield found


@pytest.fixture
def plain(scene: Scene) -> Plain:
    return Plain(scene.ready["url"], scene.ready["token"], scene.ready["secret"])


def test_the_old_signature_is_that_of_the_reference() -> None:
    action = {
        "parameters": {"paramKey": "paramValue"}, "identifier": "identifier", "resourceid": "1",
        "resourcetype": "type", "actionid": "action",
    }  # fmt: skip
    assert version_1("secret", "token", "100", action) == "7e0bb4b6ceb4b3cff609524e416f2ac3"
    wanted = {"ArtDaten": [{"op": "in", "val": ["Systembenutzer"]}]}
    action = {
        "parameters": {"listlimit": 500, "data": ["Vorname", "Name"], "filter": wanted}, "identifier": "",
        "resourceid": "", "resourcetype": "address", "actionid": f"{ACTION}read",
    }  # fmt: skip
    assert version_1("s" * 64, "t" * 32, "1700000000", action) == "9854a80c9ecea459f4cbd4647446c904"


def test_the_new_signature_is_that_of_the_reference() -> None:
    found = version_2("SECRET456", "TOKEN123", "1700000000", "estate", f"{ACTION}read")
    assert found == "wJDygBB5z29lQj0hmEcmKycC39lOBXFLt/vDJ9JrIjk="


def test_json_is_written_as_php_does() -> None:
    assert php_json({"a": {}, "b": "ä/b", "c": [{}]}) == '{"a":[],"b":"\\u00e4\\/b","c":[[]]}'


async def test_both_signatures_and_a_get_with_a_body_are_served(plain: Plain) -> None:
    parameters = {"listlimit": 1, "data": ["Name", "KdNr"]}
    for action in (plain.action("read", "address", parameters), plain.old("read", "address", parameters)):
        for method in ("POST", "GET"):
            (result,) = await plain.ask(action, method=method)
            assert result["status"] == {"errorcode": 0, "message": "OK"}
            assert result["identifier"] == "x"
            assert len(result["data"]["records"]) == 1


async def test_a_get_can_be_refused(scene: Scene, plain: Plain) -> None:
    scene.act("assumptions", get_method="refused")
    assert (await plain.send(b"{}", "GET"))["status"]["code"] == 405


async def test_a_raw_float_spoils_the_old_signature(plain: Plain) -> None:
    (result,) = await plain.ask(plain.old("read", "estate", {"data": ["Id"], "radius": 1.5}))
    assert result["status"]["errorcode"] == 243


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (b"", (500, 9)),
        (b"{", (500, 4)),
        (b"\xff\xfe{}", (500, 7)),
        (b"[]", (400, 13)),
        (b'{"token":""}', (400, 13)),
        (b'{"token":"x"}', (500, 14)),
        (b'{"token":"x","request":{}}', (500, 15)),
        (b'{"token":"x","request":{"actions":[1]}}', (400, 22)),
    ],
)
async def test_a_request_is_checked_in_the_documented_order(
    plain: Plain, body: bytes, root: tuple[int, int]
) -> None:
    told = await plain.send(body)
    assert (told["status"]["code"], told["status"]["errorcode"]) == root
    assert "response" not in told


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda action: action.pop("actionid"), 16),
        (lambda action: action.update(actionid=""), 17),
        (lambda action: action.pop("resourceid"), 18),
        (lambda action: action.pop("resourcetype"), 19),
        (lambda action: action.pop("parameters"), 20),
        (lambda action: action.update(timestamp=action["timestamp"] - 121), 136),
        (lambda action: action.update(timestamp="soon"), 136),
        (lambda action: action.pop("hmac_version"), 137),
        (lambda action: action.update(hmac="x"), 137),
        (lambda action: action.update(hmac="ä"), 137),
        (lambda action: action.update(resourcetype="estate"), 137),
    ],
)
async def test_an_action_is_checked_in_the_documented_order(plain: Plain, spoil: Any, code: int) -> None:
    good, bad = (plain.action("read", "address", {"data": ["Name"]}) for _ in range(2))
    spoil(bad)
    results = await plain.ask(bad, good)
    assert [result["status"]["errorcode"] for result in results] == [code, 0]


async def test_what_is_not_there_is_refused_by_its_part(plain: Plain) -> None:
    assert await plain.refused("fly", "address", {}) == 23
    assert await plain.refused("read", "portalExport", {}) == 25
    assert await plain.refused("get", "file", {"estateid": 48}, "spaceship") == 24


async def test_empty_parameters_may_be_a_php_list(plain: Plain) -> None:
    assert len(await plain.rows("get", "users", [])) == len(office().users)


async def test_a_list_gives_twenty_rows_and_five_hundred_at_most(scene: Scene, plain: Plain) -> None:
    (result,) = await plain.ask(plain.action("read", "estate", {"data": ["Id"]}))
    assert len(result["data"]["records"]) == 20
    assert result["data"]["meta"]["cntabsolute"] == len(office().estates)
    assert len(await plain.rows("read", "estate", {"data": ["Id"], "listlimit": 501})) > 20
    for limit in (-1, 1.5, True, "NaN"):
        assert await plain.refused("read", "estate", {"data": ["Id"], "listlimit": limit}) == 255
    scene.act("assumptions", over_limit="refuse")
    assert await plain.refused("read", "estate", {"data": ["Id"], "listlimit": 501}) == 255


async def test_addresses_sort_by_a_text_alone_and_users_by_a_map_alone(plain: Plain) -> None:
    async def order(kind: str, **sorting: Any) -> list[int]:
        data = {"address": "KdNr", "estate": "Id", "user": "Nr"}[kind]
        return [row["id"] for row in await plain.rows("read", kind, {"data": [data], **sorting})]

    for kind, name, text, map_ in (
        ("address", "KdNr", True, False), ("estate", "Id", True, True), ("user", "Nr", False, True)
    ):  # fmt: skip
        as_it_is = await order(kind)
        down = await order(kind, sortby=name, sortorder="DESC")
        assert (down != as_it_is) is text, kind
        assert (await order(kind, sortby={name: "DESC"}) != as_it_is) is map_, kind


@pytest.mark.parametrize(
    ("condition", "matches"),
    [
        ({"op": "in", "val": ["Makler"]}, {"Makler"}),
        ({"op": "IN", "val": ["Makler", "Mieter"]}, {"Makler", "Mieter"}),
        ({"op": "=", "val": "Mieter"}, {"Mieter"}),
        ({"op": "like", "val": "Miet%"}, {"Mieter"}),
        ({"op": "not in", "val": ["Makler", "Systembenutzer"]}, {"Mieter", "Kunde"}),
    ],
)
async def test_a_filter_on_several_values_looks_at_each(
    plain: Plain, condition: dict[str, Any], matches: set[str]
) -> None:
    parameters = {"data": ["ArtDaten"], "filter": {"ArtDaten": [condition]}, "listlimit": 500}
    found = {
        key
        for row in await plain.rows("read", "address", parameters)
        for key in row["elements"]["ArtDaten"].split("|")
    }
    assert matches <= found


@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        ({"nothing": [{"op": "=", "val": 1}]}, 141),
        ({"Name": [{"op": "almost", "val": 1}]}, 142),
        ({"ArtDaten": [{"op": ">", "val": "Makler"}]}, 232),
        ({"Name": {"op": "=", "val": "x"}}, 257),
        ({"Name": [{"op": "in", "val": "x"}]}, 257),
    ],
)
async def test_a_wrong_filter_is_refused(plain: Plain, conditions: dict[str, Any], code: int) -> None:
    assert await plain.refused("read", "address", {"data": ["Name"], "filter": conditions}) == code


async def test_keys_become_labels_where_a_formatted_output_is_asked_for(scene: Scene, plain: Plain) -> None:
    scene.act("key", field="ArtDaten", key="Makler", label="Mitarbeiter")
    wanted = {"data": ["ArtDaten"], "recordids": [int(planted("external_broker"))]}
    (row,) = await plain.rows("read", "address", wanted)
    assert row["elements"]["ArtDaten"] == "|Makler|"
    (row,) = await plain.rows("read", "address", wanted | {"formatoutput": True})
    assert row["elements"]["ArtDaten"] == "|Mitarbeiter|"
    (row,) = await plain.rows("get", "fields", {"modules": ["address"], "fieldList": ["ArtDaten"]})
    assert "Makler" in row["elements"]["ArtDaten"]["permittedvalues"]
    (row,) = await plain.rows("get", "fields", {"modules": ["address"], "labels": True})
    assert row["elements"]["label"] == "address"
    assert row["elements"]["ArtDaten"]["permittedvalues"]["Makler"] == "Mitarbeiter"


async def test_an_inactive_key_is_seen_in_the_administration_alone(scene: Scene, plain: Plain) -> None:
    scene.act("key", field="ArtDaten", key="Makler", active=False)
    told = await plain.rows("get", "multiselectconfiguration", {"module": "address", "fields": ["ArtDaten"]})
    assert {row["elements"]["field"]: row["elements"]["active"] for row in told}["Makler"] == 0
    (row,) = await plain.rows("get", "fields", {"modules": ["address"]})
    assert "Makler" not in row["elements"]["ArtDaten"]["permittedvalues"]
    titles = await plain.rows("get", "confignewaddressfields", {"fieldname": "ArtDaten"}, "fieldvalues")
    assert "Makler" not in [row["id"] for row in titles]
    assert await plain.refused("modify", "address", {"ArtDaten": ["Makler"]}, int(sound()[0])) == 76


async def test_only_a_broker_becomes_a_contact_person(scene: Scene, plain: Plain) -> None:
    stranger, estate = int(planted("system_user_without_broker")), int(planted("estate_without_contact"))
    pair = {"relationtype": f"{RELATION}contactPerson", "parentid": [estate], "childid": stranger}
    assert await plain.refused("create", "relation", pair) == 263
    await plain.rows("create", "relation", pair | {"relationtype": f"{RELATION}contactPersonAll"})
    asked = {"parentids": [estate], "relationtype": f"{RELATION}contactPerson"}
    (row,) = await plain.rows("get", "idsfromrelation", asked)
    assert (row["id"], row["elements"]) == ("relatedIds", {str(estate): []})
    scene.act("address", id=stranger, contact_types=["Systembenutzer", "Makler"])
    (row,) = await plain.rows("get", "idsfromrelation", asked)
    assert row["elements"] == {str(estate): [str(stranger)]}


async def test_relations_are_one_to_many_and_taken_apart_in_pairs(plain: Plain) -> None:
    one, two = map(int, sound())
    kind = f"{RELATION}contactPerson"
    both = {"relationtype": kind, "parentid": [48, 49], "childid": [one, two]}
    assert await plain.refused("create", "relation", both) == 219
    await plain.rows("create", "relation", both | {"parentid": 48})
    assert await plain.refused("delete", "relation", both | {"parentid": 48}) == 187
    await plain.rows("delete", "relation", {"relationtype": f"{kind}All", "parentid": 48, "childid": one})
    (row,) = await plain.rows("get", "idsfromrelation", {"parentids": [48], "relationtype": kind})
    assert row["elements"] == {"48": [str(two)]}
    assert (
        await plain.refused("delete", "relation", {"relationtype": kind, "parentid": 48, "childid": one})
        == 168
    )
    assert (
        await plain.refused("create", "relation", both | {"relationtype": "nothing", "parentid": 48}) == 132
    )


async def test_a_wrong_direction_finds_nothing_and_nothing_asked_is_an_empty_list(plain: Plain) -> None:
    kind = f"{RELATION}contactPerson"
    (row,) = await plain.rows("get", "idsfromrelation", {"childids": [48], "relationtype": kind})
    assert row["elements"] == {"48": []}
    (row,) = await plain.rows("get", "idsfromrelation", {"childids": [], "relationtype": kind})
    assert row["elements"] == []
