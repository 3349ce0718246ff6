"""A guided walk over real HTTP: it ticks itself, outlives faults and restarts, and ends when all is seen."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Action, Change
from connectors.problems import Failure, Trouble
from connectors.wrappers import ReadOnlyError
from console.cockpit import Cockpit
from console.errors import ConsoleError
from console.walks.guide import Guide
from console.walks.journey import Journey, Standing
from tests.console.walk_kit import PLACE, Letting, letting, written

KEYS = ["apply", "edit", "accept", "hand_over"]


async def begun(guide: Guide) -> Journey:
    """A walk on the first vacancy."""
    return await guide.begin((await guide.candidates())[0])


def seen(journey: Journey) -> list[str]:
    return [sighting.seen.step for sighting in journey.sightings]


async def test_each_step_is_ticked_once_it_happened_and_not_before(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        journey = await begun(guide)
        assert journey.candidate.link.startswith(there.ready["partners"]["immomio"]["url"])
        for number in range(4):
            journey = (await guide.look(journey)).journey
            assert seen(journey) == KEYS[:number]
            if number < 3:
                await guide.play(journey)
            else:
                await written(there.workspace(), PLACE)
        journey = (await guide.look(journey)).journey
        assert (seen(journey), journey.current(guide.walk)) == (KEYS, None)
        assert await guide.kept() is None


async def test_what_others_did_before_is_not_taken_for_the_test(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        subject = (await guide.candidates())[0]
        stranger = (await there.act("application", vacancy=subject.id))[0]["applicationId"]
        journey = await guide.begin(subject)
        await there.act("application", id=stranger, do="accept")
        assert seen((await guide.look(journey)).journey) == []
        await guide.play(journey)
        journey = (await guide.look(journey)).journey
        assert seen(journey) == ["apply"]
        assert journey.sightings[0].seen.evidence.args["application"] != stranger


async def test_a_network_that_breaks_is_told_and_it_goes_on_by_itself(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        told: list[Standing] = []
        waited: list[float] = []

        async def tell(standing: Standing) -> None:
            told.append(standing)

        async def wait(seconds: float) -> None:
            waited.append(seconds)
            match len(waited):
                case 1:
                    await guide.play(told[-1].journey)
                case 2:
                    await there.fault("cut", path="/applications*")
                case 4:
                    await there.mend()
                case 5:
                    raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await guide.follow(Standing(await begun(guide)), tell, wait)
        assert [bool(one.problem) for one in told] == [False, False, True, True, False]
        assert told[3].looked == told[1].looked is not None
        assert [seen(one.journey) for one in told] == [[], *[["apply"]] * 4]
        assert waited == [2.0, 2.0, 4.0, 8.0, 2.0]


async def test_refused_access_ends_it_at_once_instead_of_asking_again_and_again(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        journey = await begun(guide)
        await there.act("rights", remove=["applications:read"])
        before = await there.asked()

        async def unheard(_: Any) -> None:
            raise AssertionError

        with pytest.raises(Failure) as caught:
            await guide.follow(Standing(journey), unheard, unheard)
        assert caught.value.problem.trouble is Trouble.RIGHTS
        assert await there.asked() - before < 5


async def test_after_a_restart_it_goes_on_where_it_was(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        journey = await begun(guide)
        await guide.play(journey)
        journey = (await guide.look(journey)).journey
        again = there.guide()
        kept = await again.kept()
        assert kept == journey
        await again.play(kept)
        assert seen((await again.look(kept)).journey) == ["apply", "edit"]
        await again.end()
        assert await there.guide().kept() is None


async def test_nothing_of_the_applicant_is_kept(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        journey = await begun(guide)
        person = (await there.act("application", vacancy=journey.candidate.id))[0]
        journey = (await guide.look(journey)).journey
        assert person["applicationId"] in repr(journey)
        assert not [name for name in ("firstName", "lastName", "email") if person[name] in repr(journey)]
        assert person["applicationId"].encode() not in everything(there)


def everything(there: Letting) -> bytes:
    """All bytes of the data folder."""
    return b"".join(path.read_bytes() for path in there.data.rglob("*") if path.is_file())


async def test_nothing_a_walk_looks_at_can_write(tmp_path: Path) -> None:
    async with letting(tmp_path) as there, there.workspace().looking(*PLACE) as context:
        assert not hasattr(context.target, "apply_many")
        held: Any = context.held
        with pytest.raises(ReadOnlyError):
            await held.apply_many([Change(Action.CREATE, "prospect", "x", after={})])


async def test_only_the_practice_company_plays_its_people(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        ready = {name: value for name, value in there.ready.items() if name != "control"}
        alone = Letting(ready, there.control, there.secrets, there.data)
        guide = alone.guide()
        with pytest.raises(ConsoleError, match="Übungsfirma"):
            await guide.play(await begun(guide))


async def test_a_kept_walk_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        guide = there.guide()
        await begun(guide)
        with closing(there.workspace().cache()) as cache:
            cache.set("walk/immomio/practice/test_tenant", {"candidate": ["x"]})
        assert await guide.kept() is None


async def test_a_closed_customer_is_followed_no_longer_and_the_walk_stays_kept(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        cockpit = Cockpit(there.workspace())
        trail = cockpit.walks.trails[PLACE]
        following = asyncio.create_task(cockpit.walks.begin(PLACE, (await trail.guide.candidates())[0]))
        async with asyncio.timeout(20):
            while trail.standing is None or trail.standing.looked is None:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            cockpit.close()
            await following
        assert await there.guide().kept() == trail.standing.journey


async def test_access_that_is_refused_stands_on_the_trail_until_somebody_tries_again(tmp_path: Path) -> None:
    async with letting(tmp_path) as there:
        cockpit = Cockpit(there.workspace())
        trail = cockpit.walks.trails[PLACE]
        await there.act("rights", remove=["applications:read"])
        await cockpit.walks.offer(PLACE)
        assert trail.candidates
        await cockpit.walks.begin(PLACE, trail.candidates[0])
        assert trail.error
        assert (trail.standing, trail.busy, trail.following) == (None, False, False)
