"""An onOffice written from the interface's public description alone, with nothing of ours in it.

It answers in the awkward forms that PHP has: numbers as texts, ``[]`` where an object is meant, lists with
gaps as objects, a refused action beside a good one, slashes and umlauts escaped, compressed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN, SECRET = "t" * 32, "s" * 64
RELATION = "urn:onoffice-de-ns:smart:2.5:relationTypes:"
ACTION = "urn:onoffice-de-ns:smart:2.5:smartml:action:"
KEYS = {
    "Eigentümer": "Eigentümer",
    "Makler": "Mitarbeiter",
    "Systembenutzer": "Systembenutzer (Adresse ist mit Benutzer verknüpft)",
    "indMulti7Select1": "Makler/extern",
}
ADDRESS_FIELDS = {
    "KdNr": "integer", "Vorname": "varchar", "Name": "varchar", "Email": "varchar", "ArtDaten": "multiselect",
    "Status2Adr": "singleselect", "Benutzer": "text", "Aenderung": "datetime",
}  # fmt: skip
ESTATE_FIELDS = {
    "objektnr_extern": "varchar", "vermarktungsart": "singleselect", "status": "integer",
    "verkauft": "boolean", "reserviert": "boolean", "stammobjekt": "boolean", "benutzer": "user",
    "geaendert_am": "datetime",
}  # fmt: skip
SPECIAL = {"address": {"email", "defaultemail"}, "estate": {"Id"}, "user": set()}
Php = dict[str, Any] | list[Any]


class Refused(Exception):
    """An action that is refused, with the code and message of the description."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass
class Stranger:
    """What the account holds, and how it answers. ``root``: the status when an action fails."""

    addresses: dict[int, dict[str, Any]]
    estates: dict[int, dict[str, Any]]
    users: dict[int, dict[str, str]]
    root: int = 200
    texts: bool = True  # ids and totals as texts
    gaps: bool = True  # lists that lost a member are objects by position
    entries: str = "docs"  # all e-mail entries are shown, or only the default one ("live")
    admin: bool = False
    requests: list[list[str]] = field(default_factory=list)

    # --- what it is asked ---------------------------------------------------------------------------

    def answer(self, body: bytes) -> dict[str, Any]:
        """The whole answer to a request."""
        asked = json.loads(body)
        if asked.get("token") != TOKEN:
            return {"status": {"code": 400, "errorcode": 22, "message": "Not authenticated"}}
        actions = asked["request"]["actions"]
        verbs = [f"{one['actionid'].removeprefix(ACTION)} {one['resourcetype']}" for one in actions]
        self.requests.append(verbs)
        results = [self.result(one) for one in actions]
        bad = any(one["status"]["errorcode"] for one in results)
        status = {"code": 200, "errorcode": 0, "message": "OK"}
        if bad and self.root == 500:
            status = {"code": 500, "errorcode": 97, "message": "Error in action"}
        return {"status": status, "response": {"results": results}}

    def result(self, action: dict[str, Any]) -> dict[str, Any]:
        """The result of one action."""
        echo = {name: action[name] for name in ("actionid", "resourceid", "resourcetype", "identifier")}
        try:
            self.signed(action)
            records, total = self.carried_out(action)
        except Refused as refused:
            status = {"errorcode": refused.code, "message": refused.message}
            return {**echo, "cacheable": False, "data": [], "status": status}
        meta = {"cntabsolute": str(total) if self.texts and total is not None else total}
        status = {"errorcode": 0, "message": "OK"}
        return {**echo, "cacheable": True, "data": {"meta": meta, "records": records}, "status": status}

    def signed(self, action: dict[str, Any]) -> None:
        """Refuses what is not signed by the second version, or at another time."""
        text = f"{action['timestamp']}{TOKEN}{action['resourcetype']}{action['actionid']}"
        mac = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).digest()
        if abs(int(action["timestamp"]) - time.time()) > 120:
            raise Refused(136, "The timestamp is too old or the server time is wrong")
        if action["hmac_version"] not in (2, "2") or action["hmac"] != base64.b64encode(mac).decode():
            raise Refused(137, "The HMAC is invalid")

    def carried_out(self, action: dict[str, Any]) -> tuple[list[dict[str, Any]], int | None]:
        """The records of an answer, and the total."""
        verb, kind = action["actionid"].removeprefix(ACTION), action["resourcetype"]
        known: dict[str, Callable[[dict[str, Any], Any], tuple[list[dict[str, Any]], int | None]]] = {
            "read address": self.read_address, "read estate": self.read_estate, "read user": self.read_user,
            "read agentslog": self.read_activities, "read log": self.read_log,
            "read impressum": lambda _told, _id: ([record("impressum", {"firma": "Wohnbau / Süd"})], 1),
            "get fields": self.get_fields, "get multiselectconfiguration": self.get_configuration,
            "get actionkindtypes": self.get_kinds, "get checkuserrecordsright": self.get_rights,
            "get idsfromrelation": self.get_relation, "get file": lambda _told, _id: ([], 0),
            "modify address": self.modify_address, "create relation": self.create_relation,
            "delete relation": self.delete_relation,
        }  # fmt: skip
        if (do := known.get(f"{verb} {kind}")) is None:
            raise Refused(25, f'Missing configuration for resourceType "{kind}"')
        return do(dict(action["parameters"] or {}), action["resourceid"])

    # --- reading ------------------------------------------------------------------------------------

    def read_address(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        rows = [self.address(id_, told) for id_ in self.addresses if self.wanted("address", id_, told)]
        return self.paged(rows, told, "address")

    def address(self, id_: int, told: dict[str, Any]) -> dict[str, Any]:
        one = self.addresses[id_]
        elements: dict[str, Any] = {"id": str(id_) if self.texts else id_}
        main = next((value for value, default in one["entries"] if default), "")
        for name in self.named("address", told, ADDRESS_FIELDS):
            if name == "ArtDaten":
                elements[name] = "".join(f"|{key}|" for key in one["types"]) or None
            elif name == "Email":
                elements[name] = main
            elif name in SPECIAL["address"]:
                for at, (value, default) in enumerate(one["entries"]):
                    if default or (name == "email" and self.entries == "docs"):
                        elements[f"{name}__{300 + at}__Comment"] = "nur vormittags"
                        elements[f"{name}__{300 + at}"] = value
            else:
                elements[name] = one.get(name)
        return record(self.spelled(id_), elements, "address")

    def read_estate(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        names = self.named("estate", told, ESTATE_FIELDS)
        rows = [
            record(self.spelled(id_), {n: str(id_) if n == "Id" else self.estates[id_].get(n) for n in names})
            for id_ in self.estates
            if self.wanted("estate", id_, told)
        ]
        return self.paged(rows, told, "estate")

    def read_user(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        rows = [
            record(self.spelled(id_), {name: one.get(name, "") for name in told["data"]} or [], "user")
            for id_, one in self.users.items()
        ]
        return self.paged(rows, told, "user")

    def read_activities(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        for name in ("Benutzer", "Adress_nr", "Objekt_nr", "dauer"):
            if name in told.get("filter", {}):
                raise Refused(257, f"An error occurred while validating the filter: {name}")
        return [], 0

    def read_log(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        if "listlimit" not in told:
            raise Refused(256, "Parameter listlimit is mandatory and must be >= 0")
        if not self.admin:
            raise Refused(156, "Access violation")
        return [], 4

    def wanted(self, module: str, id_: int, told: dict[str, Any]) -> bool:
        """Whether a record is in ``recordids`` and passes the filter, whose expressions are all needed."""
        one = (self.addresses if module == "address" else self.estates)[id_]
        if "recordids" in told and id_ not in told["recordids"]:
            return False
        for name, tests in told.get("filter", {}).items():
            self.named(module, {"data": [name]}, ADDRESS_FIELDS if module == "address" else ESTATE_FIELDS)
            held = {"ArtDaten": one.get("types"), "email": [value for value, _ in one.get("entries", ())]}
            values = [str(value) for value in held.get(name) or [one.get(name)]]
            for test in tests:
                among = test["val"] if test["op"].lower() == "in" else [test["val"]]
                if not set(values) & {str(value) for value in among}:
                    return False
        return True

    def named(self, module: str, told: dict[str, Any], fields: dict[str, str]) -> list[str]:
        """The names that are asked for; one that is not there refuses the whole action."""
        for name in (names := list(told.get("data", []))):
            if name not in fields and name not in SPECIAL[module]:
                raise Refused(141, f"Unknown field: {name}")
        return names

    def paged(
        self, rows: list[dict[str, Any]], told: dict[str, Any], module: str
    ) -> tuple[list[dict[str, Any]], int]:
        """20 rows where nothing is said; only the form of sorting that has an effect is heeded."""
        by = told.get("sortby")
        if isinstance(by, str) if module == "address" else isinstance(by, dict):
            rows = sorted(rows, key=lambda row: int(row["id"]))
        else:
            rows = rows[::-1]
        start, limit = int(told.get("listoffset", 0)), int(told.get("listlimit", 20))
        return rows[start : start + min(limit, 500)], len(rows)

    # --- configuration and rights --------------------------------------------------------------------

    def get_fields(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        modules = {"address": ADDRESS_FIELDS, "estate": ESTATE_FIELDS}
        rows = []
        for module in told["modules"]:
            wanted = told.get("fieldList") or modules.get(module, {})
            elements: dict[str, Any] = {"label": "Adressen"} if told.get("labels") else {}
            for name in wanted:
                keys: Any = (KEYS if told.get("labels") else list(KEYS)) if name == "ArtDaten" else []
                elements[name] = {
                    "type": modules[module][name], "length": None, "permittedvalues": keys or None,
                    "default": None, "filters": [], "dependencies": [], "compoundFields": [],
                }  # fmt: skip
            rows.append(record(module, elements or [], ""))
        return rows, None

    def get_configuration(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        if told["fields"] != ["ArtDaten"]:
            raise Refused(171, "No singleselect- or multiselect field")
        told_of = [
            {"field": key, "fieldcontent": label, "multiselectfield": "ArtDaten", "active": 1, "parent": None}
            for key, label in KEYS.items()
        ]
        return [record(12 + at, one, "") for at, one in enumerate(told_of)], None

    def get_kinds(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        one: Php = {"key": "Email", "label": "E-Mail", "types": [], "default": None}
        return [record(3, one, "actionkind")], None

    def get_rights(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        locked = {id_ for id_, one in (*self.addresses.items(), *self.estates.items()) if one.get("locked")}
        return [record(0, [str(id_) for id_ in told["recordIds"] if id_ not in locked], "")], None

    # --- relations and writes ------------------------------------------------------------------------

    def get_relation(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        kind = told["relationtype"].removeprefix(RELATION)
        found: dict[str, Any] = {}
        for id_ in told["parentids"] if "parentids" in told else told["childids"]:
            linked = self.linked(kind, id_) if "parentids" in told else []
            doubled = [str(one) for one in (*linked, *linked)]  # ids may repeat
            found[str(id_)] = (
                {str(2 * n): v for n, v in enumerate(doubled)} if self.gaps and linked else doubled
            )
        return [record("relatedIds", found or [], "")], None

    def linked(self, kind: str, parent: int) -> list[int]:
        if kind == "user:address":
            return [int(self.users[parent]["adrId:adressen.ID"] or 0)] if parent in self.users else []
        if kind not in ("estate:address:contactPerson", "estate:address:contactPersonAll"):
            raise Refused(132, "No or unknown relation given")
        people: list[int] = self.estates[parent]["contacts"] if parent in self.estates else []
        if kind == "estate:address:contactPersonAll":
            return people
        return [one for one in people if "Makler" in self.addresses[one]["types"]]

    def create_relation(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        estate, person = self.estates[int(told["parentid"])], int(told["childid"])
        if "Makler" not in self.addresses[person]["types"]:
            raise Refused(263, "The address must be a real estate agent")
        if person not in estate["contacts"]:
            estate["contacts"].append(person)
        return DONE, None

    def delete_relation(self, told: dict[str, Any], _id: Any) -> tuple[list[dict[str, Any]], int | None]:
        estate, person = self.estates[int(told["parentid"])], int(told["childid"])
        if person not in estate["contacts"]:
            raise Refused(168, "Entry could not be deleted")
        estate["contacts"].remove(person)
        return DONE, None

    def modify_address(self, told: dict[str, Any], id_: Any) -> tuple[list[dict[str, Any]], int | None]:
        if int(id_) not in self.addresses:
            raise Refused(80, "Unknown record. The record may not exist or you have no permission")
        one = self.addresses[int(id_)]
        for name, value in told.items():
            if name == "ArtDaten":
                if not isinstance(value, list) or not set(value) <= set(KEYS):
                    raise Refused(76, "Invalid multiselect key: …")
                one["types"] = value  # replaces the whole set
            elif name in ("email", "email_business", "email_private") and isinstance(value, dict):
                self.entry(one, value)
            else:
                raise Refused(141, f"Unknown field: {name}")
        return DONE, None

    def entry(self, one: dict[str, Any], told: dict[str, Any]) -> None:
        """Change an e-mail entry as its action says."""
        held = [value for value, _ in one["entries"]]
        if told["action"] in ("modify", "delete") and told["oldvalue"] not in held:
            raise Refused(83, "Unknown address phone record")
        entries = [list(entry) for entry in one["entries"]]
        if told["action"] == "delete":
            entries = [entry for entry in entries if entry[0] != told["oldvalue"]]
        elif told["action"] == "add":
            entries.append([told["newvalue"], False])
        if told.get("default") is not None:
            for entry in entries:
                now = entry[0] in (told.get("oldvalue"), told["newvalue"])
                entry[1] = now and bool(told["default"])
        one["entries"] = [tuple(entry) for entry in entries]

    def spelled(self, id_: int) -> int | str:
        return str(id_) if self.texts else id_


def record(id_: int | str, elements: Php, type_: str | None = None) -> dict[str, Any]:
    """A record of an answer."""
    return {"id": id_, "type": type_, "elements": elements}


DONE = [record(0, {"success": "success"}, "")]


@contextmanager
def served(stranger: Stranger) -> Iterator[str]:
    """Serve it on loopback; its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told = stranger.answer(self.rfile.read(int(self.headers["Content-Length"])))
            body = gzip.compress(json.dumps(told).replace("/", "\\/").encode("ascii"))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Tests are quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/stable/api.php"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
