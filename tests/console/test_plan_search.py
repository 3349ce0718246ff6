"""Searching a plan's store, and writing only a part of a plan."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from connectors.contract import Action, Text
from console.filters import parse
from console.i18n import setup
from console.part import part_of
from console.planner import Plan
from console.screens.plan_source import lexicon_of
from console.store.plan_query import Lexicon, condition
from console.store.plans import Superseded
from console.store.runs import RunState
from console.sync.guards import Guard
from console.sync.plan import Planned
from console.syncer import GuardStop
from tests.console.plans_kit import make_plan, tenant
from tests.console.sync_kit import office, usual


@pytest.fixture
def plan(tmp_path: Path) -> Iterator[Plan]:
    made = make_plan(tmp_path)
    yield made
    made.store.close()


def many(count: int) -> list[Planned]:
    body = tenant("Anna", "Ahorn")
    return [
        Planned(Action.CREATE if n % 2 else Action.SKIP, "tenant", f"10/{n:06}", None, body, ("email",),
                "" if n % 2 else "C3", Text("sync.missing"))
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_a_search_over_many_slices_finds_every_row_once(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, many(25_000))
    where = condition(parse("action:skip"), Lexicon())
    assert list(plan.store.numbers(where)) == list(range(2, 25_001, 2))
    ordered = plan.store.numbers(condition((), Lexicon()), "action", tuple(Action))
    assert list(ordered) == [*range(1, 25_001, 2), *range(2, 25_001, 2)]
    assert plan.store.kinds()["tenant", "C3", "sync.missing"] == 12_500
    plan.store.close()


def test_a_search_finds_entities_and_fields_under_the_names_that_people_see(plan: Plan) -> None:
    setup("de")
    lexicon = lexicon_of(plan, plan.store.kinds())

    def found(text: str) -> list[int]:
        return list(plan.store.numbers(condition(parse(text), lexicon)))

    assert found("entity:mieter") == found("entity:tenant") != []
    assert found("lage action:changed") == found("unitLabel action:changed") != []
    assert found("/^la.e$/ action:changed") == found("lage action:changed")
    assert found("art:raumschiff") == []


def test_a_search_that_nobody_wants_any_more_ends(plan: Plan) -> None:
    with pytest.raises(Superseded):
        plan.store.numbers(condition((), Lexicon()), wanted=lambda: False)


def test_closing_a_plan_ends_its_searches_in_other_threads(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, many(3_000))
    started, ended = threading.Event(), threading.Event()

    def wanted() -> bool:
        started.set()
        return True

    def search() -> None:
        where = condition(parse("value:nobody"), Lexicon())
        try:
            while True:
                plan.store.numbers(where, wanted=wanted)
        except Superseded:
            ended.set()

    threading.Thread(target=search, daemon=True).start()
    assert started.wait(10)
    plan.store.close()
    assert ended.wait(10)
    assert not list(tmp_path.glob("spill-*"))


def test_rows_are_given_in_the_order_asked_for(plan: Plan) -> None:
    assert [row.n for row in plan.store.at([5, 1, 3])] == [5, 1, 3]


def test_only_the_chosen_rows_are_written_parents_first_and_deletes_last(plan: Plan) -> None:
    chosen = plan.store.in_writing_order(["unit", "tenant"], {1, 4, 5, 6})
    assert [(row.entity, row.id, row.action.value) for row in chosen] == [
        ("unit", "10/1", "create"),
        ("tenant", "10/1", "create"),
        ("tenant", "10/4", "delete"),
    ]
    whole = plan.store.in_writing_order(["unit", "tenant"])
    assert len(list(whole)) == 5


@pytest.mark.parametrize("only", [None, {1, 2, 3}])
def test_in_a_tree_parents_are_written_first_and_deleted_last(tmp_path: Path, only: set[int] | None) -> None:
    ids = ("10", "10/1", "10/1/a")
    for action, order in ((Action.CREATE, ids), (Action.DELETE, ids[::-1])):
        plan = make_plan(tmp_path, [Planned(action, "tenant", id_, tenant("A", "B")) for id_ in ids])
        assert tuple(row.id for row in plan.store.in_writing_order(["tenant"], only)) == order
        plan.store.close()


def test_of_a_part_mass_guards_count_what_is_chosen_and_the_others_stand(tmp_path: Path) -> None:
    deletes = Guard(
        "deletes", 30, 1, Text("sync.guard_deletes", {"count": 30, "limit": 1, "entity": "tenant"})
    )
    changed = Guard("mapping_changed", 40, 0, Text("sync.guard_mapping_changed", {"count": 40}))
    gone = [Planned(Action.DELETE, "tenant", f"10/{n}", tenant("A", "B")) for n in range(4)]
    plan = make_plan(tmp_path, gone, [deletes, changed])
    assert [(g.key, g.count) for g in part_of(plan, {1}).guards] == [("mapping_changed", 40)]
    assert [(g.key, g.count) for g in part_of(plan, {1, 2, 3}).guards] == [
        ("deletes", 3),
        ("mapping_changed", 40),
    ]
    assert part_of(plan, {1, 2, 3}).changes == 3
    plan.store.close()


async def test_a_run_writes_exactly_the_selected_rows_of_the_plan_that_was_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            creates = plan.store.numbers(condition(parse("action:new"), Lexicon()))
            chosen = set(creates[:3])
            wanted = {row.planned.id for row in plan.store.at(sorted(chosen))}
            result = await session.sync(plan, asyncio.Event(), usual(plan), chosen)
            assert (result.applying.applied, result.applying.left) == (3, 0)
            assert result.state is RunState.DONE
            assert set(here.held()) == wanted
        with closing(await session.plan()) as rest:
            assert rest.changes == len(creates) - 3


async def test_a_part_of_a_stale_plan_is_refused_like_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with office(tmp_path, monkeypatch) as here, here.session() as session:
        with closing(await session.plan()) as plan:
            await session.sync(plan, asyncio.Event(), usual(plan), {1})
            with pytest.raises(GuardStop, match="stale"):
                await session.sync(plan, asyncio.Event(), usual(plan), {2})
