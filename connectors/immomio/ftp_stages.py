"""What each step by FTP is, and what it means when it goes wrong: tables from reply codes to problems."""

from __future__ import annotations

import ftplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors import answers
from connectors.answers import Rule
from connectors.problems import Arrival, Owner, Problem, Trouble

FULL = Rule("immomio.ftp_full", Trouble.UNAVAILABLE, Owner.PARTNER)
DATA = Rule("immomio.ftp_data", Trouble.UNREACHABLE, Owner.CUSTOMER)
CUT = Rule("immomio.ftp_cut", Trouble.UNREACHABLE, Owner.NOBODY)
BUSY = Rule("immomio.ftp_busy", Trouble.UNAVAILABLE, Owner.NOBODY)
REFUSED = Rule("immomio.ftp_refused", Trouble.RIGHTS, Owner.PARTNER)
LOGIN_REFUSED = Rule("immomio.ftp_login", Trouble.CREDENTIALS, Owner.CONSULTANT)
NO_TLS = Rule("immomio.ftp_no_tls", Trouble.CONFIG, Owner.CONSULTANT)
NO_FOLDER = Rule("immomio.ftp_folder", Trouble.CONFIG, Owner.PARTNER)
WRONG_SIZE = Rule("immomio.ftp_size", Trouble.UNAVAILABLE, Owner.PARTNER)
TOO_LARGE = Rule("immomio.bad_payload", Trouble.PAYLOAD, Owner.PARTNER)
GONE = Rule("immomio.ftp_missing", Trouble.MISSING, Owner.NOBODY)

REPLIES: Mapping[int, Rule] = {
    421: BUSY,
    425: DATA,
    426: CUT,
    451: BUSY,
    452: FULL,
    530: LOGIN_REFUSED,
    532: LOGIN_REFUSED,
    552: FULL,
}
"""What a reply means in any step that does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step or a part of one: what its replies mean, and what it means when the connection fails in it."""

    replies: Mapping[int, Rule] = field(default_factory=dict)
    lost: Rule = CUT
    arrival: Arrival = Arrival.NEVER


CONNECT = Stage()
AUTH = Stage(dict.fromkeys((500, 501, 502, 503, 504, 530, 533, 534, 536, 550), NO_TLS))
LOGIN = Stage(dict.fromkeys((500, 501, 503, 550), LOGIN_REFUSED))
ENTER = Stage({550: NO_FOLDER})
OPEN = Stage({550: REFUSED, 553: REFUSED}, lost=DATA)
SEND = Stage()
MEASURE = Stage(dict.fromkeys((500, 502, 550), WRONG_SIZE))
RENAME = Stage(arrival=Arrival.PERHAPS)
FETCH = Stage({550: GONE}, lost=DATA)
LIST = Stage({450: GONE, 550: GONE}, lost=DATA)  # so some servers say that a folder is empty
REMOVE = Stage({550: GONE})


def status(reply: str) -> int | None:
    """The code that a reply begins with."""
    return int(reply[:3]) if reply[:3].isdigit() else None


def problem(error: Exception, stage: Stage, where: str) -> Problem:
    """The problem an exception of a step makes. Its text is left out: a reply may quote anything."""
    if isinstance(error, ftplib.Error):
        code = status(str(error))
        known = stage.replies.get(code or 0) or REPLIES.get(code or 0)
        return problem_by(known or (BUSY if code and code < 500 else REFUSED), where, code)
    rule = CUT if isinstance(error, EOFError) else stage.lost  # the log-in connection ended
    if stage is CONNECT and isinstance(error, OSError):
        kind = "ConnectTimeout" if isinstance(error, TimeoutError) else "ConnectError"
        rule = answers.connection_rule(error, answers.NETWORK[kind])
    elif isinstance(error, ssl.SSLError):
        rule = answers.connection_rule(error, stage.lost)
    return Problem(rule.code, rule.trouble, rule.owner, stage.arrival, where)


def problem_by(rule: Rule, where: str, code: int | None = None) -> Problem:
    """The problem of a rule whose step had no effect."""
    return Problem(rule.code, rule.trouble, rule.owner, where=where, status=code)
