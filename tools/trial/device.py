"""A simulated person's device: the core process as the daemon composes it, on a clock that is moved by hand. Host side only.

Everything here is the product's own: store, people and consents, questionnaires, the study with its seal, household, safety,
learner, recommender, policy and decision maker, made by ``ertedge.composition``. What is not here is what needs a camera or
a client: the sensor process, the loop that fuses its predictions into states, and the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.composition.household import OpenedRecommender, make_household
from ertedge.config import Config
from ertedge.core.assessments.assessments import Assessments
from ertedge.core.clock import SystemClock
from ertedge.core.data_directory import DATABASE_NAME
from ertedge.core.household import Household
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.recorder import Recorder
from ertedge.core.study.followup import FollowUp
from ertedge.core.study.studies import Studies
from ertedge.recommend.catalogue import Catalogue
from ertedge.store.store import Store
from ertedge.types import Purpose

SOURCE = "simulate:trial"
AGREED = (Purpose.KEEP_HISTORY, Purpose.STUDY)


class HandClock(SystemClock):
    """Both clocks, moved by hand; they never step."""

    def __init__(self, wall_ns: int) -> None:
        super().__init__()
        self._first_wall_ns = wall_ns
        self._now_ns = 1

    def monotonic_ns(self) -> int:
        """Nanoseconds since it was made."""
        return self._now_ns

    def wall_ns(self) -> int:
        """UTC nanoseconds."""
        return self._first_wall_ns + self._now_ns

    def move_to(self, wall_ns: int) -> None:
        """Go on to a moment; an earlier one leaves the time as it is."""
        self._now_ns = max(self._now_ns, wall_ns - self._first_wall_ns)


@dataclass(frozen=True)
class TrialDevice:
    """The parts that a simulated person meets; ``profile_id`` is theirs."""

    clock: HandClock
    recorder: Recorder
    people: People
    assessments: Assessments
    household: Household
    studies: Studies
    followup: FollowUp
    profile_id: int

    async def stop(self) -> None:
        """Write what waits, and close."""
        self.household.stop()
        await self.recorder.stop()


async def open_device(
    folder: Path, wall_ns: int, catalogue: Catalogue, opened: OpenedRecommender, generator: np.random.Generator
) -> TrialDevice:
    """A new device in ``folder``, with one person who has agreed to a history and to the study. Suggestions go by UTC."""
    config = Config.model_validate({"data_dir": str(folder), "suggestions": {"timezone": "UTC"}})
    clock = HandClock(wall_ns)
    recorder = Recorder(lambda: Store.open(config.data_path / DATABASE_NAME, config.store), clock)
    await recorder.start()
    people = People(recorder, clock, load_consent_texts(), config.suggestions.language)
    await people.start()
    parts = await make_household(
        config,
        recorder,
        people,
        clock,
        catalogue=catalogue,
        opened=opened,
        source=lambda: SOURCE,
        generator=lambda _profile_id: generator,
    )
    await parts.start()
    profile = await people.create("simulated person")
    for purpose in AGREED:
        text = people.text(purpose, profile.profile_id)
        await people.give(profile.profile_id, purpose, version=text.version, language=text.language, digest=text.digest)
    return TrialDevice(
        clock,
        recorder,
        people,
        parts.questionnaires.assessments,
        parts.household,
        parts.study.studies,
        parts.study.followup,
        profile.profile_id,
    )
