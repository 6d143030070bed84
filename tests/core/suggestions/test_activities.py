"""The catalogue in the device's language, and sign-offs that hold for the content that was read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.core.recorder import Recorder
from ertedge.core.suggestions.activities import Activities
from ertedge.errors import ContentChangedError, NotFoundError, StoreError, StoreReadOnlyError
from ertedge.recommend.catalogue import Catalogue
from ertedge.store.store import Store
from ertedge.types import Activity, ActivityFamily
from tests.core.fakes import FakeClock, FakeStore
from tests.core.suggestion_fakes import ACTIVITIES, activity

GERMAN = activity("walk", ActivityFamily.ACTIVATION, "de")


def test_the_devices_language_unless_another_is_asked_for_and_english_where_it_lacks_one() -> None:
    async def scenario() -> None:
        shelf = Activities(Catalogue((*ACTIVITIES, GERMAN)), Recorder(FakeStore, FakeClock()), FakeClock(), "de")
        assert [each.title for each in shelf.all()] == ["breathing (en)", "gratitude (en)", "walk (de)"]
        assert [each.title for each in shelf.all("en", ActivityFamily.ACTIVATION)] == ["walk (en)"]
        assert (shelf.get("walk"), shelf.get("walk", "en")) == (GERMAN, ACTIVITIES[2])
        with pytest.raises(NotFoundError, match="did you mean walk"):
            shelf.get("walks")

    asyncio.run(scenario())


def test_a_sign_off_outlives_a_restart_and_not_a_change_of_the_content(tmp_path: Path) -> None:
    async def scenario(activities: tuple[Activity, ...]) -> tuple[Activity, ...]:
        recorder = Recorder(lambda: Store.open(tmp_path / "e.db", StoreSettings(free_bytes_least=0)), FakeClock())
        await recorder.start()
        shelf = Activities(Catalogue(activities), recorder, FakeClock(), "en")
        await shelf.start()
        if not any(each.reviews for each in shelf.all()) and activities is ACTIVITIES:
            signed = await shelf.review("walk", reviewer="A", role="B", language="", digest=ACTIVITIES[2].digest)
            assert [each.reviewer for each in signed.reviews] == ["A"]
            with pytest.raises(ContentChangedError):
                await shelf.review("walk", reviewer="A", role="B", language="", digest="f" * 64)
        await recorder.stop()
        return shelf.all()

    asyncio.run(scenario(ACTIVITIES))
    again = asyncio.run(scenario(ACTIVITIES))
    assert [len(each.reviews) for each in again] == [0, 0, 1]
    changed = (*ACTIVITIES[:2], replace(ACTIVITIES[2], digest="f" * 64))
    assert [len(each.reviews) for each in asyncio.run(scenario(changed))] == [0, 0, 0]


def test_a_sign_off_that_cannot_be_kept_does_not_hold() -> None:
    async def scenario() -> None:
        store = FakeStore(trouble=StoreReadOnlyError("cannot be written; chown it"))
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        shelf = Activities(Catalogue(ACTIVITIES), recorder, FakeClock(), "en")
        await shelf.start()
        with pytest.raises(StoreError):
            await shelf.review("walk", reviewer="A", role="B", language="", digest="")
        assert shelf.get("walk").reviews == ()
        await recorder.stop()

    asyncio.run(scenario())
