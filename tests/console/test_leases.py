"""Leases: one owner at a time, and no dead one for long."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.store.leases import LeaseHeld, LeaseLost, Leases
from console.store.processes import process_alive
from console.store.schema import open_customer

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class World:
    """One file, a clock, and the processes that are alive."""

    def __init__(self, folder: Path) -> None:
        self.conn = open_customer(folder, "practice")
        self.now = START
        self.dead = False

    def leases(self, host: str = "laptop") -> Leases:
        """The leases as seen by a process of its own."""
        return Leases(self.conn, clock=lambda: self.now, alive=lambda _: not self.dead, host=host)

    def came_from(self, pid: int, token: str = "another process") -> None:
        """Let all leases belong to another process."""
        self.conn.execute("UPDATE lease SET pid = ?, token = ?", (pid, token))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_held_lease_is_refused_and_its_holder_named(world: World) -> None:
    world.leases().acquire("sync")
    world.now += timedelta(seconds=119)
    with pytest.raises(LeaseHeld) as raised:
        world.leases("elsewhere").acquire("sync")
    assert raised.value.holder.since == START
    assert str(os.getpid()) in raised.value.message
    assert "laptop" in raised.value.message
    assert "2026-03-01 08:00" in raised.value.render("en")[0]


def test_a_lease_is_not_given_twice_to_the_same_owner(world: World) -> None:
    leases = world.leases()
    leases.acquire("sync")
    with pytest.raises(LeaseHeld):
        leases.acquire("sync")
    leases.acquire("other")


def test_a_released_lease_is_free(world: World) -> None:
    with world.leases().held("sync"):
        assert world.leases().holder("sync") is not None
    world.leases().acquire("sync")


def test_a_lease_ends_two_minutes_after_its_last_heartbeat(world: World) -> None:
    first, second = world.leases(), world.leases("elsewhere")
    first.acquire("sync")
    for _ in range(5):
        world.now += timedelta(seconds=100)
        assert first.beat() == 1
    assert second.holder("sync") is not None
    world.now += timedelta(seconds=121)
    second.acquire("sync")
    with pytest.raises(LeaseLost):
        first.renew("sync")
    first.release("sync")
    assert second.holder("sync") is not None


def test_a_lease_from_far_in_the_future_is_no_obstacle(world: World) -> None:
    world.leases().acquire("sync")
    world.now -= timedelta(days=1)
    world.leases().acquire("sync")


def test_the_lease_of_a_dead_process_is_taken_over_at_once(world: World) -> None:
    world.leases().acquire("sync")
    world.came_from(pid=os.getpid() + 1)
    with pytest.raises(LeaseHeld):
        world.leases().acquire("sync")
    world.dead = True
    with pytest.raises(LeaseHeld):
        world.leases("elsewhere").acquire("sync")  # who cannot look waits
    world.leases().acquire("sync")


def test_a_former_process_with_our_number_is_dead(world: World) -> None:
    world.leases().acquire("sync")
    world.came_from(pid=os.getpid())
    world.leases().acquire("sync")


def test_this_process_is_alive_and_an_ended_one_is_not() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert process_alive(os.getpid())
    assert process_alive(child.pid)
    assert child.poll() is None  # asking did not end it
    child.communicate(b"\n")
    assert not process_alive(child.pid)
    assert not process_alive(0)
    assert not process_alive(-1)
