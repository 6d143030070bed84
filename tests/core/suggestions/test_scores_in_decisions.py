"""The newest DASS-21 stands in every decision about the person who filled it in, and in none about a simulated one."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.types import Emotion, QuestionnaireScores
from tests.core.fakes import FakeStore
from tests.core.suggestion_fakes import SuggestionHouse

SCORES = QuestionnaireScores(20, 8, 30, 77)


@pytest.mark.parametrize("synthetic", [False, True])
def test_a_decision_knows_the_newest_scores_of_a_real_person(synthetic: bool) -> None:
    told: list[QuestionnaireScores | None] = [None]

    async def run() -> None:
        store = FakeStore()
        house = SuggestionHouse(lambda: store, scores=lambda: told[0])
        await house.start()
        house.feel(Emotion.SADNESS, 10, synthetic=synthetic)
        await house.suggestions.request()
        told[0] = SCORES
        await house.suggestions.request()
        await house.recorder.stop()
        first, second = (each.context.scores for _, each in sorted(store.decisions.items()))
        assert first is None
        assert second == (None if synthetic else SCORES)

    asyncio.run(run())
