"""Plans, runs and findings as the JSON that scripts rely on; every document says which schema it has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connectors.contract import Change, Finding, Text, Value
from connectors.problems import Problem
from connectors.texts import meaning, render, repair, todo
from console.store.plans import Filter, Row
from console.store.runs import Run, Settled
from console.sync.guards import Guard
from console.sync.plan import change

if TYPE_CHECKING:
    from console.planner import Plan
    from console.syncer import RunResult

SCHEMA = 1


def plain(value: Value) -> Any:
    """A field's value as JSON: decimals, dates and moments as texts in their canonical spelling."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def change_json(planned: Change, language: str) -> dict[str, Any]:
    """One planned change."""
    return {
        "action": planned.action.value,
        "entity": planned.entity,
        "id": planned.id,
        "fields": [
            {"name": f.name, "old": plain(f.old), "new": plain(f.new), "source": f.source, "rule": f.rule}
            for f in planned.fields
        ],
        "rule": planned.rule,
        "reason": render(planned.reason, language) if planned.reason else "",
    }


def guard_json(guard: Guard, language: str) -> dict[str, Any]:
    """One guard; ``seal`` only where it has one."""
    found: dict[str, Any] = {"key": guard.key, "count": guard.count, "limit": guard.limit}
    found["message"] = render(guard.message, language)
    return found | ({"seal": guard.seal} if guard.seal else {})


def plan_head(plan: Plan) -> dict[str, Any]:
    """What stands before the changes of a plan."""
    job = plan.job
    return {
        "schema": SCHEMA,
        "customer": job.customer,
        "partner": job.partner,
        "use_case": job.use_case.key,
        "direction": job.use_case.direction.value,
        "mode": job.environment,
        "counts": plan.tally.counts(),
    }


def plan_document(plan: Plan, language: str) -> Iterator[str]:
    """The whole plan as JSON, in parts: a plan of a million changes is written without being held."""
    head = json.dumps(plan_head(plan), ensure_ascii=False, indent=1)
    yield head[: head.rindex("\n")] + ',\n "changes": ['
    separator = "\n  "
    for row in plan.store.rows():
        yield separator + _dump(change_json(change(row.planned, plan.codec), language))
        separator = ",\n  "
    tail = {
        "digest": plan.digest,
        "read_at": plan.read_at.isoformat(timespec="seconds"),
        "guards": [guard_json(guard, language) for guard in plan.guards],
    }
    yield "\n ],\n" + json.dumps(tail, ensure_ascii=False, indent=1)[2:] + "\n"


def sync_document(plan: Plan, result: RunResult | None, language: str, settled: int = 0) -> Iterator[str]:
    """A finished sync as JSON: counts, and the outcome of every change."""
    head = plan_head(plan)
    if result is not None:
        done = result.applying
        head |= {"applied": done.applied, "failed": done.failed, "left": done.left, "run": result.run}
        head["state"] = result.state.value
        head["rewritten"] = [
            {"entity": m.entity, "id": m.id, "fields": list(m.fields)} for m in result.mismatches
        ]
    else:
        head |= {
            "applied": 0,
            "failed": 0,
            "left": plan.changes,
            "run": None,
            "state": "none",
            "rewritten": [],
        }
    head["settled"] = settled
    text = json.dumps(head, ensure_ascii=False, indent=1)
    yield text[: text.rindex("\n")] + ',\n "outcomes": ['
    separator = "\n  "
    for row in plan.store.rows(Filter(settled=True)):
        yield separator + _dump(outcome_json(row))
        separator = ",\n  "
    guards = [guard_json(guard, language) for guard in (result.guards if result else plan.guards)]
    tail = {"digest": plan.digest, "guards": guards}
    yield "\n ],\n" + json.dumps(tail, ensure_ascii=False, indent=1)[2:] + "\n"


def outcome_json(row: Row) -> dict[str, Any]:
    """What became of one change; ``error`` is the problem's code, or null."""
    return {
        "id": row.planned.id,
        "entity": row.planned.entity,
        "action": row.planned.action.value,
        "ok": row.ok,
        "result": row.result,
        "error": row.code or None,
        "attempts": row.attempts,
    }


def check_document(findings: Sequence[Finding], language: str) -> dict[str, Any]:
    """Findings as JSON."""
    return {"schema": SCHEMA, "findings": [finding_json(finding, language) for finding in findings]}


def finding_json(finding: Finding, language: str) -> dict[str, Any]:
    """One finding."""
    return {
        "key": finding.key,
        "rules": list(finding.rules),
        "verdict": finding.verdict.value,
        "evidence": render(finding.evidence, language),
        "repair": repair(finding.evidence, language),
        "details": [render(detail, language) for detail in finding.details],
        "count": finding.count,
    }


def run_json(run: Run) -> dict[str, Any]:
    """One line of the history."""
    return {
        "id": run.id,
        "partner": run.partner,
        "environment": run.environment,
        "use_case": run.use_case,
        "kind": run.kind,
        "state": run.state.value,
        "started": run.started.isoformat(timespec="seconds"),
        "finished": run.finished.isoformat(timespec="seconds") if run.finished else None,
        "counts": dict(run.counts),
        "digest": run.plan_digest,
    }


def settled_json(settled: Settled) -> dict[str, Any]:
    """The outcome of one record in a run of the history."""
    return {
        "entity": settled.entity,
        "id": settled.id,
        "action": settled.action.value,
        "ok": settled.ok,
        "result": settled.result.value,
        "error": settled.code,
        "attempts": settled.attempts,
    }


def sentences(problem: Problem, language: str) -> tuple[str, ...]:
    """A problem in one or two lines: what happened and where, and what to do next."""
    first, second = meaning(problem, language), todo(problem, language)
    return (first, second) if second else (first,)


def sentence(text: Text | None, language: str) -> str:
    """A reason in words; "" where there is none."""
    return render(text, language) if text else ""


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
