"""How the onOffice sandbox takes a request apart, checks it in the documented order, and answers it.

Which root status goes with which failure is not fully documented: it stands in ``_ROOT`` alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from connectors.onoffice import sandbox_getting as getting
from connectors.onoffice import sandbox_reading as reading
from connectors.onoffice import sandbox_relations as relations
from connectors.onoffice import sandbox_writing as writing
from connectors.onoffice.sandbox_action import Asked, Found, Handler
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_signing import check
from connectors.onoffice.sandbox_world import World

_URN = "urn:onoffice-de-ns:smart:2.5:smartml:action:"
_WINDOW_S = 120
_VERBS = frozenset({"read", "get", "create", "modify", "delete", "do"})
_ROOT = {4: 500, 7: 500, 9: 500, 13: 400, 14: 500, 15: 500, 22: 400}

_HANDLERS: Mapping[tuple[str, str], Handler] = {
    ("read", "address"): reading.read_address,
    ("read", "estate"): reading.read_estate,
    ("read", "user"): reading.read_user,
    ("read", "agentslog"): reading.read_agentslog,
    ("read", "log"): reading.read_log,
    ("read", "impressum"): reading.read_impressum,
    ("get", "fields"): getting.get_fields,
    ("get", "multiselectconfiguration"): getting.get_multiselectconfiguration,
    ("get", "confignewaddressfields"): getting.get_confignewaddressfields,
    ("get", "actionkindtypes"): getting.get_actionkindtypes,
    ("get", "users"): getting.get_users,
    ("get", "groups"): getting.get_groups,
    ("get", "checkuserrecordsright"): getting.get_checkuserrecordsright,
    ("get", "idsfromrelation"): getting.get_idsfromrelation,
    ("get", "file"): getting.get_file,
    ("get", "getlink"): getting.get_getlink,
    ("modify", "address"): writing.modify_address,
    ("modify", "estate"): writing.modify_estate,
    ("create", "agentslog"): writing.create_agentslog,
    ("create", "relation"): relations.create_relation,
    ("delete", "relation"): relations.delete_relation,
}
_WORDS = {
    "confignewaddressfields": ("fieldvalues",),
    "file": ("estate",),
    "getlink": ("estate", "address"),
}
"""Calls that need a word as their resource id."""


def token_of(content: bytes) -> str:
    """The token of a request, "" where there is none that can be read."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    token = found.get("token") if isinstance(found, dict) else None
    return token if isinstance(token, str) else ""


def answered(world: World, request: Request, content: bytes) -> dict[str, Any]:
    """The whole answer to a request."""
    try:
        actions = _actions(world, content)
    except Refused as refused:
        return {"status": _status(refused.code, refused.message, _ROOT[refused.code])}
    results = [_result(world, request, action) for action in actions]
    failed = any(result["status"]["errorcode"] for result in results)
    wrong = failed and world.assumptions.error_root == "500"
    status = _status(97, "Error in action", 500) if wrong else _status(0, "OK", 200)
    return {"status": status, "response": {"results": results}}


def _actions(world: World, content: bytes) -> list[Any]:
    """The actions of a request whose sender is known. Raises Refused."""
    if not content.strip():
        raise Refused(9)
    try:
        found = json.loads(content.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused(7) from None
    except (ValueError, RecursionError):
        raise Refused(4) from None
    data = found if isinstance(found, dict) else {}
    if not data.get("token"):
        raise Refused(13)
    if not isinstance(data.get("request"), dict):
        raise Refused(14)
    actions = data["request"].get("actions")
    if not isinstance(actions, list) or not actions:
        raise Refused(15)
    if data["token"] != world.token:
        raise Refused(22)
    return actions


def _result(world: World, request: Request, action: Any) -> dict[str, Any]:
    """The result of one action, whatever becomes of the others."""
    given = action if isinstance(action, dict) else {}
    echo = {name: given.get(name) for name in ("actionid", "resourceid", "resourcetype", "identifier")}
    try:
        found = _carried_out(world, request, given)
    except Refused as refused:
        status = {"errorcode": refused.code, "message": refused.message}
        return {**echo, "cacheable": False, "data": [], "status": status}
    data = {"meta": {"cntabsolute": found.total}, "records": found.records}
    return {
        **echo, "cacheable": found.cacheable, "data": data, "status": {"errorcode": 0, "message": "OK"},
    }  # fmt: skip


def _carried_out(world: World, request: Request, action: Mapping[str, Any]) -> Found:
    """Check one action in the documented order, then carry it out. Raises Refused."""
    parameters = _complete(action)
    _in_time(world, action.get("timestamp"))
    check(action, world.token, world.secret)
    if not world.rights.ip_allowed:
        raise Refused(158)
    if world.rights.marketplace:
        raise Refused(240)
    verb, kind = str(action["actionid"]).removeprefix(_URN), str(action["resourcetype"])
    if not str(action["actionid"]).startswith(_URN) or verb not in _VERBS:
        raise Refused(23, action["actionid"])
    handler = _HANDLERS.get((verb, kind))
    if handler is None:
        raise Refused(25, kind)
    id_ = "" if action["resourceid"] is None else str(action["resourceid"])
    if kind in _WORDS and id_ not in _WORDS[kind]:
        raise Refused(24, id_)
    return handler(world, Asked(kind, id_, parameters, request))


def _complete(action: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters of an action that has everything. Raises Refused."""
    if "actionid" not in action:
        raise Refused(16)
    if not action["actionid"]:
        raise Refused(17)
    if "resourceid" not in action:
        raise Refused(18)
    if "resourcetype" not in action:
        raise Refused(19)
    parameters = action.get("parameters")
    if not isinstance(parameters, dict | list) or (isinstance(parameters, list) and parameters):
        raise Refused(20)
    return parameters if isinstance(parameters, dict) else {}


def _in_time(world: World, timestamp: Any) -> None:
    """Raises Refused for a moment too far from ours."""
    text = str(timestamp)
    if not (text.isascii() and text.isdigit() and len(text) < 12):
        raise Refused(136)
    if abs(int(text) - world.clock.now().timestamp()) > _WINDOW_S:
        raise Refused(136)


def _status(code: int, message: str, root: int) -> dict[str, Any]:
    return {"code": root, "errorcode": code, "message": message}
