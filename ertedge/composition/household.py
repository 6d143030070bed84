"""What people share and what is each one's own, composed: questionnaires, studies, and a household of suggestions and
safety.

Floor 4. Nothing in it needs a device or a client, so that a simulated trial runs this very composition.

A recommender that cannot be used is no reason not to perceive, nor not to watch over safety: then nothing is suggested, and
the log and the health of SuggestionService say so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.config import Config
from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.questionnaires import Questionnaires, make_questionnaires
from ertedge.core.clock import Clock, SystemClock
from ertedge.core.household import Household, PersonalParts
from ertedge.core.numbers import SharedNumbers
from ertedge.core.people.people import People
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.core.study.book import StudyBook
from ertedge.core.study.followup import FollowUp
from ertedge.core.study.outcomes import StudyOutcomes
from ertedge.core.study.studies import Studies
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import ErtedgeError
from ertedge.inference.manifest import load_manifest
from ertedge.recommend.catalogue import Catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.recommend.recommender import Recommender
from ertedge.store.seals import SealFolder
from ertedge.types import HealthCondition, ModelInfo, Purpose, QuestionnaireScores, SafetyNotice, Suggestion
from ertedge.wellbeing.library import Library, load_library

logger = logging.getLogger(__name__)

RECOMMENDER = "recommender"
"""The name of its entry in the manifest."""


@dataclass(frozen=True)
class OpenedRecommender:
    """The recommender's network and what the manifest says of it; without one, ``detail`` says why. ``make`` makes the
    recommender of one person: the network is everybody's, what is learnt is each one's own."""

    make: Callable[[], Recommender] | None
    info: ModelInfo | None
    detail: str = ""


def open_recommender(models: Path, catalogue: Catalogue) -> OpenedRecommender:
    """The recommender of ``models`` over the whole of ``catalogue``. Never raises: perception goes on without it."""
    try:
        manifest = load_manifest(models)
        graph, entry = manifest.open_graph(RECOMMENDER), manifest.entry(RECOMMENDER)
        known = catalogue.activities()
        first = [Recommender(graph, entry, known)]  # made here, so that what is wrong with it shows now
        return OpenedRecommender(lambda: first.pop() if first else Recommender(graph, entry, known), entry.info())
    except (ErtedgeError, ValueError, OSError) as error:
        logger.error("nothing will be suggested, since the recommender cannot be used: %s", error)
        return OpenedRecommender(None, None, f"the recommender cannot be used: {error}")


@dataclass(frozen=True)
class StudyParts:
    """The studies of the device, and what happens to those who take part."""

    studies: Studies
    followup: FollowUp


async def make_study(
    config: Config, recorder: Recorder, people: People, clock: Clock, *, catalogue: Catalogue, library: Library
) -> StudyParts:
    """The studies, started. They hear of every consent that is withdrawn; the seals lie beside the database."""
    log = AssessmentLog(recorder, clock, lambda profile_id: people.may(profile_id, Purpose.KEEP_HISTORY))
    outcomes = StudyOutcomes(library, log)
    studies = Studies(
        StudyBook(recorder, clock),
        recorder,
        clock,
        people=people,
        outcomes=outcomes,
        seals=SealFolder(config.data_path / "studies"),
        activity_ids=lambda: [activity.activity_id for activity in catalogue.activities()],
    )
    followup = FollowUp(studies, recorder, clock, outcomes)
    people.subscribe(studies.consent_changed)
    people.subscribe(followup.consent_changed)
    await studies.book.start()
    await followup.start()
    return StudyParts(studies, followup)


class PersonalPartsMaker:
    """Makes what is one person's own. Of what is learnt and suggested nothing is written without their consent to a history;
    safety is, as long as there is the profile."""

    def __init__(
        self,
        *,
        config: Config,
        recorder: Recorder,
        people: People,
        clock: SystemClock,
        activities: Activities,
        opened: OpenedRecommender,
        source: Callable[[], str],
        study: Studies,
        scores: Callable[[int], QuestionnaireScores | None],
        generator: Callable[[int], np.random.Generator],
    ) -> None:
        """``generator`` is the chance in a profile's suggestions. Raises ConfigurationError with what is wrong in the
        helplines' file."""
        self._generator = generator
        self._study = study
        self._scores = scores
        self._config = config
        self._recorder = recorder
        self._people = people
        self._clock = clock
        self._activities = activities
        self._opened = opened
        self._source = source
        self._numbers = SharedNumbers()
        helplines = config.safety.helplines_file
        self._helplines = load_helplines(Path(helplines) if helplines else None)

    def __call__(
        self,
        profile_id: int,
        *,
        suggested: Callable[[Suggestion], None],
        noticed: Callable[[SafetyNotice], None],
    ) -> PersonalParts:
        """The parts of that profile, not started yet."""

        def language() -> str:
            return self._people.language_of(profile_id)

        safety = Safety(
            settings=self._config.safety,
            server=self._config.server,
            clock=self._clock,
            recorder=PersonalRecorder(self._recorder, profile_id, lambda: self._people.has(profile_id)),
            helplines=self._helplines,
            language=language,
            conditions=[HealthCondition(word) for word in self._config.suggestions.conditions],
            numbers=self._numbers.notices,
            told=noticed,
        )
        history = PersonalRecorder(
            self._recorder, profile_id, lambda: self._people.may(profile_id, Purpose.KEEP_HISTORY)
        )
        log = SuggestionLog(history, self._clock, self._numbers)
        recommender = self._opened.make() if self._opened.make else None
        suggestions = Suggestions(
            settings=self._config.suggestions,
            server=self._config.server,
            clock=self._clock,
            log=log,
            activities=self._activities,
            safety=safety,
            learner=Learner(recommender, log, history, self._clock) if recommender else None,
            source=self._source,
            generator=self._generator(profile_id),
            off_detail=self._opened.detail,
            told=suggested,
            arm=lambda: self._study.arm_of(profile_id),
            scores=lambda: self._scores(profile_id),
            language=language,
        )
        return PersonalParts(suggestions, safety)


@dataclass(frozen=True)
class HouseholdParts:
    """What people share, and the household of what is each one's own."""

    activities: Activities
    study: StudyParts
    questionnaires: Questionnaires
    household: Household

    async def start(self) -> None:
        """Read what was kept, in the order in which they need each other."""
        await self.activities.start()
        await self.questionnaires.start()
        await self.household.start()


async def make_household(
    config: Config,
    recorder: Recorder,
    people: People,
    clock: SystemClock,
    *,
    catalogue: Catalogue,
    opened: OpenedRecommender,
    source: Callable[[], str],
    generator: Callable[[int], np.random.Generator] = lambda _profile_id: np.random.default_rng(),
) -> HouseholdParts:
    """All of it, not started yet but for the studies. ``source`` tells what states come from, ``generator`` is the chance in
    a profile's suggestions.

    Raises ConfigurationError with what is wrong in the files of the questionnaires or the helplines.
    """
    library = load_library(questionnaire_folders(config))
    activities = Activities(catalogue, recorder, clock, config.suggestions.language)
    study = await make_study(config, recorder, people, clock, catalogue=catalogue, library=library)
    questionnaires = make_questionnaires(
        config.assessments,
        config.suggestions,
        library=library,
        recorder=recorder,
        clock=clock,
        people=people,
        safety_of=lambda profile_id: safety_of(household, profile_id),
    )
    maker = PersonalPartsMaker(
        config=config,
        recorder=recorder,
        people=people,
        clock=clock,
        activities=activities,
        opened=opened,
        source=source,
        study=study.studies,
        scores=questionnaires.assessments.scores,
        generator=generator,
    )
    household = Household(people=people, make=maker, clock=clock, server=config.server, off_detail=opened.detail)
    return HouseholdParts(activities, study, questionnaires, household)


def questionnaire_folders(config: Config) -> list[Path]:
    """The folders of more questionnaires."""
    return [Path(config.assessments.questionnaires_dir)] if config.assessments.questionnaires_dir else []


async def safety_of(household: Household, profile_id: int) -> Safety:
    """A person's safety. Raises NotFoundError for a profile that there is not."""
    return (await household.of(profile_id)).safety
