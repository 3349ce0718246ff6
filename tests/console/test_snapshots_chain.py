"""How the panel of chains and its windows look, in both languages, on both sizes, masked and not."""

from __future__ import annotations

from pathlib import Path

import pytest

from console import formats
from console.i18n import setup
from console.screens.answer_dialog import AnswerDialog
from console.screens.chain_windows import LettersScreen, LinksScreen
from tests.console.chain_kit import LETTING, only_chain_lists
from tests.console.screen_kit import main
from tests.console.snapshot_kit import Album, frozen_date
from tests.console.test_screen_chain import stage
from tests.console.test_snapshots import Tour

pytestmark = pytest.mark.usefixtures("toy_installed")


@pytest.mark.parametrize("language", ["de", "en"])
async def test_the_chains_look_as_reviewed(
    language: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup(language)
    monkeypatch.setattr(formats, "date", frozen_date)
    only_chain_lists(monkeypatch)
    album = Album()
    async with stage(tmp_path) as here:
        here.here.confirm("own.provider", LETTING)
        await here.press("r")
        await here.read()
        tour = Tour(here.app, here.pilot, album)
        await here.press("home", "down")
        await tour.take("chain")
        await tour.press("enter", until_=tour.opens(LinksScreen))
        await tour.take("chain-links")
        await tour.close()
        await tour.press("l", until_=tour.opens(LettersScreen))
        await tour.take("chain-letters")
        await tour.close()
        await here.press("g", "home")
        await tour.take("chain-causes")
        main(here.app).cockpit.masked = True
        await here.press("down")
        await tour.take("chain-masked")
        await here.press("down")
        await tour.press("c", until_=tour.opens(AnswerDialog))
        await tour.take("chain-confirm")
        await tour.close()
    album.finish()
