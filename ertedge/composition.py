"""The core process, composed: every part made and given what it needs, in the order in which they need each other. Floor 4.

A recommender that cannot be used is no reason not to perceive, nor not to watch over safety: then nothing is suggested, and
the log and the health of SuggestionService say so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ertedge.affect import reliability
from ertedge.affect.fusion import Fusion
from ertedge.config import Config
from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.questionnaires import make_questionnaires
from ertedge.core.clock import Clock, SystemClock
from ertedge.core.data_directory import DATABASE_NAME
from ertedge.core.device import Device
from ertedge.core.emotions import Emotions
from ertedge.core.export.export import Export
from ertedge.core.front.front import Front, FrontSettings
from ertedge.core.front.prompts import Prompts
from ertedge.core.household import Household, PersonalParts
from ertedge.core.loop import CoreLoop
from ertedge.core.numbers import SharedNumbers
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.people.permissions import Permissions
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.core.study.book import StudyBook
from ertedge.core.study.followup import FollowUp
from ertedge.core.study.outcomes import StudyOutcomes
from ertedge.core.study.studies import Studies
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.guide import Guide
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.core.supervisor import SensorProcess, Supervisor
from ertedge.core.watch_sensor import SensorWatcher
from ertedge.errors import ErtedgeError, StoreError, StoreKeyError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.recommend.catalogue import Catalogue, load_catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.recommend.recommender import Recommender
from ertedge.rpc.access import AccessLog
from ertedge.rpc.assessment_service import AssessmentService
from ertedge.rpc.device_service import DeviceService
from ertedge.rpc.emotion_service import EmotionService
from ertedge.rpc.profile_service import ProfileService
from ertedge.rpc.safety_service import SafetyService
from ertedge.rpc.server import Server
from ertedge.rpc.study_service import StudyService
from ertedge.rpc.suggestion_service import SuggestionService
from ertedge.sensor import permits
from ertedge.sensor.client import SensorClient
from ertedge.store.keys import StoreKey, read_key
from ertedge.store.rotation import settled_key
from ertedge.store.seals import SealFolder
from ertedge.store.store import Store
from ertedge.types import HealthCondition, ModelInfo, Purpose, QuestionnaireScores, SafetyNotice, Suggestion
from ertedge.wellbeing.library import load_library

logger = logging.getLogger(__name__)

RECOMMENDER = "recommender"
"""The name of its entry in the manifest."""


@dataclass(frozen=True)
class Core:
    """The parts of the core process that are started and stopped; ``running`` runs in between."""

    server: Server
    emotions: Emotions
    device: Device
    household: Household
    recorder: Recorder
    running: tuple[Coroutine[Any, Any, None], ...]

    async def stop(self) -> None:
        """Write down what is to be kept and close the store; the server is stopped before."""
        self.device.stop()
        self.household.stop()
        await self.recorder.stop()


async def compose(config: Config, process: SensorProcess | None) -> Core:
    """Make every part. ``process`` is the sensor process if this one started it.

    Raises ConfigurationError with what is wrong in the files of the catalogue, the helplines or the questionnaires, and
    StoreKeyError where the key does not fit the store: without what people have agreed to, nothing is to run.
    """
    database, key = config.data_path / DATABASE_NAME, store_key(config)
    models = Path(config.models_dir) if config.models_dir else default_models_dir()
    catalogue = load_catalogue([Path(config.suggestions.catalogue_dir)] if config.suggestions.catalogue_dir else ())
    clock = SystemClock()
    port = SensorClient(config.sensor_socket)
    watcher = SensorWatcher(port, clock, config.sensor.watchdog_seconds)
    supervisor = process and Supervisor(process, lambda: watcher.last_report_ns, config.sensor.watchdog_seconds)
    recorder = Recorder(lambda: Store.open(database, config.store, key), clock)
    emotions = Emotions(clock, config.server, await recorder.start())
    people = People(recorder, clock, load_consent_texts(), config.suggestions.language)
    permissions = Permissions(port, people, lambda: permits.revoke(config.data_path))
    watcher.on_found(permissions.say_again)
    await people.start()
    opened = open_recommender(models, catalogue)
    device = Device(
        port=port,
        ledger=recorder,
        emotions=emotions,
        clock=clock,
        source=config.source,
        restart_count=lambda: supervisor.restart_count if supervisor else 0,
        own_models=(opened.info,) if opened.info else (),
    )
    activities = Activities(catalogue, recorder, clock, config.suggestions.language)
    study = await make_study(config, recorder, people, clock, catalogue)
    questionnaires = make_questionnaires(
        config.assessments,
        config.suggestions,
        library=load_library(questionnaire_folders(config)),
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
        source=lambda: device.source,
        study=study.studies,
        scores=questionnaires.assessments.scores,
    )
    household = Household(people=people, make=maker, clock=clock, server=config.server, off_detail=opened.detail)
    people.subscribe(lambda profile_id, _purpose, given: None if given else recorder.drop_states(profile_id))
    people.on_erased(recorder.drop)
    people.on_erased(lambda _profile_id: emotions.clear())
    prompts = Prompts(port)
    front = Front(
        FrontSettings.load(models),
        config,
        people=people,
        recorder=recorder,
        clock=clock,
        synthetic=lambda: device.synthetic,
        prompt=prompts.ask,
        is_busy=household.has_open_notice,
    )
    await activities.start()
    await questionnaires.start()
    await household.start()
    await front.start()
    loop = CoreLoop(
        sensor=watcher,
        people=people,
        front=front,
        fusion=Fusion(reliability.load(models / "fusion.toml"), config.fusion),
        emotions=emotions,
        recorder=recorder,
        household=household,
        device=device,
        clock=clock,
        settings=config.tracker,
    )
    access = AccessLog(recorder)
    server = Server(
        config.server,
        emotions=EmotionService(emotions, recorder, access),
        device=DeviceService(device, recorder),
        suggestions=SuggestionService(household, activities, Guide(clock), access),
        safety=SafetyService(household, access),
        profiles=ProfileService(people, access, front, Export(recorder, people, clock)),
        assessments=AssessmentService(questionnaires.assessments, questionnaires.reminders, household, access),
        study=StudyService(study.studies, study.followup, people, access),
    )
    running = (
        watcher.run(),
        loop.run(),
        recorder.run(),
        people.run(),
        prompts.run(),
        front.faces.run(),
        permissions.run(),
        household.run(),
        questionnaires.reminders.run(),
        study.studies.book.run(),
    )
    return Core(server, emotions, device, household, recorder, (*running, supervisor.run()) if supervisor else running)


def questionnaire_folders(config: Config) -> list[Path]:
    """The folders of more questionnaires."""
    return [Path(config.assessments.questionnaires_dir)] if config.assessments.questionnaires_dir else []


async def safety_of(household: Household, profile_id: int) -> Safety:
    """A person's safety. Raises NotFoundError for a profile that there is not."""
    return (await household.of(profile_id)).safety


@dataclass(frozen=True)
class OpenedRecommender:
    """The recommender's network and what the manifest says of it; without one, ``detail`` says why. ``make`` makes the
    recommender of one person: the network is everybody's, what is learnt is each one's own."""

    make: Callable[[], Recommender] | None
    info: ModelInfo | None
    detail: str = ""


def store_key(config: Config) -> StoreKey | None:
    """The key of the store. A disk that fails here is no reason not to start: the recorder tries it again, and tells."""
    try:
        return settled_key(config.data_path / DATABASE_NAME, config.store)
    except StoreKeyError:
        raise
    except StoreError as error:
        logger.error("%s", error)
        return read_key(config.store)


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
    config: Config, recorder: Recorder, people: People, clock: Clock, catalogue: Catalogue
) -> StudyParts:
    """The studies, started. They hear of every consent that is withdrawn; the seals lie beside the database.

    Raises ConfigurationError with what is wrong in the questionnaires' files.
    """
    log = AssessmentLog(recorder, clock, lambda profile_id: people.may(profile_id, Purpose.KEEP_HISTORY))
    outcomes = StudyOutcomes(load_library(questionnaire_folders(config)), log)
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
        generator: Callable[[int], np.random.Generator] = lambda _profile_id: np.random.default_rng(),
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
        safety = Safety(
            settings=self._config.safety,
            server=self._config.server,
            clock=self._clock,
            recorder=PersonalRecorder(self._recorder, profile_id, lambda: self._people.has(profile_id)),
            helplines=self._helplines,
            language=self._config.suggestions.language,
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
        )
        return PersonalParts(suggestions, safety)
