"""One request to onOffice, signed when it is its turn, and what concerns the request as a whole: who we are,
whether our clock is right, whether we may come from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.answers import Reply, http_date
from connectors.http import Http
from connectors.onoffice import errors, wire
from connectors.onoffice.wire import BAD_PAYLOAD, Answer, Call, Envelope, Refusal
from connectors.payload import bad_payload
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

TOKEN_LENGTH = 32
SECRET_LENGTH = 64
VALID_S = 120
"""How long onOffice takes a timestamp for, in both directions."""
_HOUR = 3600


class Session:
    """Sends batches of actions. ``turns`` requests are under way at once, so that none
    is signed long before it is sent."""

    def __init__(
        self, http: Http, token: str, secret: str, turns: int, now: Callable[[], float] = time.time
    ) -> None:
        self._http = http
        self._token = token.strip()
        self._secret = secret.strip()
        self._turns = asyncio.Semaphore(turns)
        self._now = now

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def send(self, calls: Sequence[Call]) -> tuple[Answer, ...]:
        """One request with these actions, sent once; one answer per action, in order.

        Raises Failure for what concerns the request: transport, form, credentials, clock, origin.
        """
        if flaw := credentials_flaw(self._token, self._secret):
            raise Failure(flaw)
        write = any(call.write for call in calls)
        async with self._turns:
            at = self._now()
            body = wire.envelope(calls, self._token, self._secret, int(at))
            reply = await self._http.send("POST", "", json=body, write=write)
            lasted = self._now() - at
        found = wire.decode(reply, calls)
        if problem := _whole(found, reply, at + lasted):
            raise Failure(problem)
        if len(found.answers) != len(calls):
            raise bad_payload(reply, "response.results", BAD_PAYLOAD)
        return found.answers


def credentials_flaw(token: str, secret: str) -> Problem | None:
    """What is wrong with token and secret by their form alone; None where nothing is."""
    if (len(token), len(secret)) == (TOKEN_LENGTH, SECRET_LENGTH):
        return None
    if (len(token), len(secret)) == (SECRET_LENGTH, TOKEN_LENGTH):
        return _flaw("credentials_swapped", "")
    for name, text, length in (("token", token, TOKEN_LENGTH), ("secret", secret, SECRET_LENGTH)):
        if len(text) != length:
            return _flaw(f"{name}_{'short' if len(text) < length else 'long'}", str(len(text)))
    return None


def _flaw(code: str, length: str) -> Problem:
    return Problem(f"onoffice.{code}", Trouble.CREDENTIALS, Owner.CONSULTANT, excerpt=length)


def _whole(found: Envelope, reply: Reply, now: float) -> Problem | None:
    """What is wrong with the request as a whole; None where only actions were refused, or nothing."""
    refusals = [answer.error for answer in found.answers if answer.error is not None]
    concern = next((refusal for refusal in refusals if errors.meaning(refusal.code).whole), None)
    if concern is None and not refusals:
        concern = _root(found)
    if concern is None:
        return None
    problem = errors.problem(concern, reply.where, write=reply.write)
    if problem.code == "onoffice.clock":
        problem = _clock(problem, reply, now)
    done = reply.write and len(refusals) < len(found.answers)
    return replace(problem, arrival=Arrival.PERHAPS) if done else problem


def _root(found: Envelope) -> Refusal | None:
    """What the status of the request says where no action tells more."""
    if found.error is not None:
        return found.error
    if found.status < 300:
        return None
    return Refusal(22 if found.status < 500 else errors.IN_ACTION)


def _clock(problem: Problem, reply: Reply, now: float) -> Problem:
    """How wrong the clock of this machine is, by the server's own; whole hours are a wrong time zone."""
    server = http_date(reply.headers.get("date", ""))
    if server is None:
        return problem
    seconds = round(server.timestamp() - now)
    way = "behind" if seconds > 0 else "ahead"
    hours, beside = divmod(abs(seconds) + VALID_S // 2, _HOUR)
    if hours and beside < VALID_S:
        return replace(problem, code=f"onoffice.zone_{way}", excerpt=str(hours))
    if abs(seconds) < VALID_S // 2:
        return problem
    return replace(problem, code=f"onoffice.clock_{way}", excerpt=str(round(abs(seconds) / 60)))
