"""Whether the account can do what is needed: reachable, known, and allowed to see anything at all (O1).

A missing right shows as an empty list and not as an error, so every reading has to find something.
"""

from __future__ import annotations

from connectors.contract import Finding, Text, Verdict
from connectors.onoffice import errors
from connectors.onoffice.client import OnOfficeClient, granted
from connectors.onoffice.entities import CONTACT_TYPES
from connectors.onoffice.wire import GET, READ, Answer, Call
from connectors.problems import Failure
from connectors.texts import sentence

_LOOK = {"listlimit": 1, "listoffset": 0}
_CALLS = {
    "fields": Call(GET, "fields", parameters={"modules": ["address"], "fieldList": [CONTACT_TYPES]}),
    "address": Call(READ, "address", parameters={"data": ["KdNr", "Name"], **_LOOK}),
    "estate": Call(READ, "estate", parameters={"data": ["Id"], **_LOOK}),
    "user": Call(READ, "user", parameters={"data": ["Nr"], **_LOOK}),
}
"""One request that changes nothing: what it finds shows the rights."""


async def findings(client: OnOfficeClient) -> list[Finding]:
    """What the connection says of itself; writes nothing and never raises Failure."""
    try:
        answers = dict(zip(_CALLS, await client.read([*_CALLS.values()]), strict=True))
        for name in ("address", "estate"):
            if not errors.lacks_right(answers[name].error):
                granted(_CALLS[name], answers[name])
    except Failure as failure:
        return [Finding("onoffice.connection", ("O1",), Verdict.FAIL, sentence(failure.problem))]
    for name in ("address", "estate"):
        if not _sees(answers[name]):
            return [_finding(Verdict.FAIL, f"connection_no_{name}")]
    if not _sees(answers["user"]):
        return [_finding(Verdict.WARN, "connection_no_user")]
    counts = {name: answers[name].total or len(answers[name].rows) for name in ("address", "estate", "user")}
    return [_finding(Verdict.OK, "connection_ok", **counts)]


def _sees(answer: Answer) -> bool:
    return answer.error is None and bool(answer.rows)


def _finding(verdict: Verdict, why: str, **args: str | int) -> Finding:
    return Finding("onoffice.connection", ("O1",), verdict, Text(f"onoffice.{why}", args))
