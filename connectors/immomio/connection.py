"""Whether the account can do what is needed: reachable, known, allowed (I1), FTP on the old system (I2)."""

from __future__ import annotations

from connectors.contract import Finding, Text, Verdict
from connectors.immomio import wire
from connectors.immomio.ftp import Drop
from connectors.immomio.options import ImmomioOptions
from connectors.immomio.session import BAD_PAYLOAD, Session
from connectors.payload import Node
from connectors.problems import Failure, Trouble
from connectors.redaction import mask_secrets
from connectors.texts import sentence

_REASONS = {
    Trouble.CREDENTIALS: "connection_credentials",
    Trouble.RIGHTS: "connection_forbidden",
    Trouble.UNREACHABLE: "connection_unreachable",
    Trouble.PAYLOAD: "connection_stranger",
    Trouble.MISSING: "connection_stranger",
}


async def findings(
    session: Session, options: ImmomioOptions, drop: Drop | None, used: frozenset[str] | None = None
) -> list[Finding]:
    """What the connection says of itself, as far as the use cases that are ``used`` need it (None: all);
    writes nothing and never raises Failure."""
    delivers = used is None or "vacancies" in used
    found = [await _account(session, options, used)]
    if drop is not None and delivers:
        found.append(await _ftp(drop))
    if delivers and not (options.sender and options.contact_email):
        found.append(_finding("sender", ("I6",), Verdict.WARN, "sender_incomplete"))
    return found


async def _account(session: Session, options: ImmomioOptions, used: frozenset[str] | None) -> Finding:
    """I1, I2: account, rights and system."""
    try:
        me = Node.of(await session.send("GET", wire.ME), BAD_PAYLOAD)
        account, system, rights = me.get("account", str), me.get("system", str), me.texts("rights")
    except Failure as failure:
        why = _REASONS.get(failure.problem.trouble, "connection_failed")
        return _finding("connection", ("I1",), Verdict.FAIL, why, code=failure.problem.code)
    account = mask_secrets(account, session.secrets)  # it may be called like its user name
    if missing := [right for right in wire.rights(options.written, used) if right not in rights]:
        text = ", ".join(missing)
        return _finding("connection", ("I1",), Verdict.FAIL, "connection_right", account=account, rights=text)
    if (system == wire.DIT) != options.dit:
        why = "connection_dit" if system == wire.DIT else "connection_core"
        return _finding("connection", ("I1", "I2"), Verdict.FAIL, why, account=account)
    return _finding("connection", ("I1",), Verdict.OK, "connection_ok", account=account)


async def _ftp(drop: Drop) -> Finding:
    """I2: the FTP account is there, takes us in and has both folders."""
    try:
        await drop.probe()
    except Failure as failure:
        evidence = sentence(failure.problem)
    else:
        return _finding("ftp", ("I2",), Verdict.OK, "ftp_ok")
    return Finding("immomio.ftp", ("I2",), Verdict.FAIL, evidence)


def _finding(key: str, rules: tuple[str, ...], verdict: Verdict, why: str, **args: str) -> Finding:
    return Finding(f"immomio.{key}", rules, verdict, Text(f"immomio.{why}", args))
