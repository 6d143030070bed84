"""The core process, composed: every part made and given what it needs, in the order in which they need each other.

Floor 4.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ertedge.affect import confidence, reliability
from ertedge.affect.fusion import Fusion
from ertedge.composition.household import make_household, open_recommender
from ertedge.config import Config
from ertedge.core.clock import SystemClock
from ertedge.core.data_directory import DATABASE_NAME
from ertedge.core.device import Device
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.export.export import Export
from ertedge.core.front.front import Front, FrontSettings
from ertedge.core.front.prompts import Prompts
from ertedge.core.household import Household
from ertedge.core.loop import CoreLoop
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.people.permissions import Permissions
from ertedge.core.recorder import Recorder
from ertedge.core.suggestions.guide import Guide
from ertedge.core.supervisor import SensorProcess, Supervisor
from ertedge.core.watch_sensor import SensorWatcher
from ertedge.errors import StoreError, StoreKeyError
from ertedge.inference.manifest import default_models_dir
from ertedge.recommend.catalogue import load_catalogue
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
from ertedge.store.store import Store

logger = logging.getLogger(__name__)


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
    drift = DriftWatch.of(models, config.drift, clock)
    device = Device(
        port=port,
        ledger=recorder,
        emotions=emotions,
        clock=clock,
        drift=drift,
        source=config.source,
        restart_count=lambda: supervisor.restart_count if supervisor else 0,
        own_models=(opened.info,) if opened.info else (),
    )
    parts = await make_household(
        config, recorder, people, clock, catalogue=catalogue, opened=opened, source=lambda: device.source
    )
    household, questionnaires, study = parts.household, parts.questionnaires, parts.study
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
    await parts.start()
    await front.start()
    loop = CoreLoop(
        sensor=watcher,
        people=people,
        front=front,
        fusion=Fusion(reliability.load(models / "fusion.toml"), config.fusion),
        confidence=confidence.load(models / "confidence.toml"),
        emotions=emotions,
        recorder=recorder,
        household=household,
        device=device,
        drift=drift,
        clock=clock,
        settings=config.tracker,
    )
    access = AccessLog(recorder)
    server = Server(
        config.server,
        emotions=EmotionService(emotions, recorder, access),
        device=DeviceService(device, recorder),
        suggestions=SuggestionService(household, parts.activities, Guide(clock), access),
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


def store_key(config: Config) -> StoreKey | None:
    """The key of the store. A disk that fails here is no reason not to start: the recorder tries it again, and tells."""
    try:
        return settled_key(config.data_path / DATABASE_NAME, config.store)
    except StoreKeyError:
        raise
    except StoreError as error:
        logger.error("%s", error)
        return read_key(config.store)
