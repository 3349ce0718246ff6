"""A change that is interrupted at any of its requests is never half forgotten."""

from __future__ import annotations

import pytest

from connectors.contract import Change, Result
from connectors.onoffice.contact_chain import ADDRESS_MAPPING, ESTATE_MAPPING
from connectors.wrappers import Patience, Retrying
from tests.connectors.conformance import at_once
from tests.connectors.onoffice_kit import Scene, onoffice, planted, sound, update

NEW = "vermietung-neu@example.org"
MAPPINGS = {mapping.entity: mapping for mapping in (ADDRESS_MAPPING, ESTATE_MAPPING)}


def _changes() -> dict[str, Change]:
    person, (one, two) = planted("system_user_without_broker"), sound()
    old = f"{person}@example.org"
    types = ("Systembenutzer",)
    return {
        "contact types": update(
            "address", person, {"contact_types": types}, contact_types=(*types, "Makler")
        ),
        "e-mail": update("address", person, {"email": old}, email=NEW),
        "both": update(
            "address",
            person,
            {"contact_types": types, "email": old},
            contact_types=(*types, "Makler"),
            email=NEW,
        ),
        "contact persons": update("estate", "48", {"contact_persons": (one,)}, contact_persons=(two,)),
    }


def _prepare(scene: Scene) -> None:
    person = planted("system_user_without_broker")
    scene.act("address", id=person, email=f"{person}@example.org", contact_types=["Systembenutzer"])
    scene.act("estate", id=48, contacts=[sound()[0]])


def _state(scene: Scene, change: Change) -> dict[str, object]:
    held = scene.held(change.entity, change.id)
    return {
        "contact_types": set(held.get("ArtDaten", ())),
        "email": [entry["value"] for entry in held.get("emails", ()) if entry["default"]],
        "contact_persons": {str(one) for one in held.get("contacts", ())},
    }


def _reached(scene: Scene, change: Change) -> bool:
    state = _state(scene, change)
    wanted = {
        name: [value] if name == "email" else set(value if isinstance(value, tuple) else ())
        for name, value in (change.after or {}).items()
    }
    return all(state[name] == value for name, value in wanted.items())


@pytest.mark.parametrize("kind", ["403", "503", "cut", "cut-after", "malformed"])
@pytest.mark.parametrize("name", ["contact types", "e-mail", "both", "contact persons"])
async def test_what_was_begun_is_open_until_it_is_finished(name: str, kind: str) -> None:
    change = _changes()[name]
    for after in range(9):
        async with onoffice(f"{kind},after={after},count=1") as scene:
            _prepare(scene)
            before = _state(scene, change)
            outcome = await scene.connector.apply(change)
            if outcome.ok:
                assert _reached(scene, change)
                return
            if _state(scene, change) != before:
                assert outcome.result is Result.UNKNOWN, (after, outcome.problem)
            assert (await scene.connector.apply(change)).ok
            assert _reached(scene, change)
    pytest.fail("it never ends well")


@pytest.mark.parametrize("name", ["both", "contact persons"])
async def test_patience_that_ends_half_way_leaves_it_open_too(name: str) -> None:
    change = _changes()[name]
    open_ones = 0
    for after in range(2, 7):
        async with onoffice(f"403,after={after},count=1") as scene:
            _prepare(scene)
            before = _state(scene, change)
            patient = Retrying(scene.connector, Patience(), at_once, mappings=MAPPINGS)
            (outcome,) = await patient.apply_many([change])
            if _reached(scene, change):
                assert outcome.ok
            elif _state(scene, change) != before:
                assert outcome.result is Result.UNKNOWN, (after, outcome.problem)
                open_ones += 1
            else:
                assert outcome.result is Result.FAILED
    assert open_ones
