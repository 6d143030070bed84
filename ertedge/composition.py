"""The core process, composed: every part made and given what it needs, in the order in which they need each other. Floor 4.

A recommender that cannot be used is no reason not to perceive, nor not to watch over safety: then nothing is suggested, and
the log and the health of SuggestionService say so.
"""

from __future__ import annotations

import logging
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ertedge.affect import reliability
from ertedge.affect.fusion import Fusion
from ertedge.config import Config
from ertedge.core.activities import Activities
from ertedge.core.clock import SystemClock
from ertedge.core.consent_texts import load_consent_texts
from ertedge.core.device import Device
from ertedge.core.emotions import Emotions
from ertedge.core.guide import Guide
from ertedge.core.learner import Learner
from ertedge.core.loop import CoreLoop
from ertedge.core.people import People
from ertedge.core.permissions import Permissions
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety import Safety
from ertedge.core.suggestion_log import SuggestionLog
from ertedge.core.suggestions import Suggestions
from ertedge.core.supervisor import SensorProcess, Supervisor
from ertedge.core.watch_sensor import SensorWatcher
from ertedge.errors import ErtedgeError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.recommend.catalogue import Catalogue, load_catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.recommend.recommender import Recommender
from ertedge.rpc.access import AccessLog
from ertedge.rpc.device_service import DeviceService
from ertedge.rpc.emotion_service import EmotionService
from ertedge.rpc.profile_service import ProfileService
from ertedge.rpc.safety_service import SafetyService
from ertedge.rpc.server import Server
from ertedge.rpc.suggestion_service import SuggestionService
from ertedge.sensor import permits
from ertedge.sensor.client import SensorClient
from ertedge.store.store import Store
from ertedge.types import HealthCondition, ModelInfo

logger = logging.getLogger(__name__)

DATABASE_NAME = "ertedge.db"
RECOMMENDER = "recommender"
"""The name of its entry in the manifest."""


@dataclass(frozen=True)
class Core:
    """The parts of the core process that are started and stopped; ``running`` runs in between."""

    server: Server
    emotions: Emotions
    device: Device
    safety: Safety
    recorder: Recorder
    running: tuple[Coroutine[Any, Any, None], ...]

    async def stop(self) -> None:
        """Write down what is to be kept and close the store; the server is stopped before."""
        self.device.stop()
        self.safety.stop()
        await self.recorder.stop()


async def compose(config: Config, process: SensorProcess | None) -> Core:
    """Make every part. ``process`` is the sensor process if this one started it.

    Raises ConfigurationError with what is wrong in the catalogue's or the helplines' files.
    """
    models = Path(config.models_dir) if config.models_dir else default_models_dir()
    catalogue = load_catalogue([Path(config.suggestions.catalogue_dir)] if config.suggestions.catalogue_dir else ())
    clock = SystemClock()
    port = SensorClient(config.sensor_socket)
    watcher = SensorWatcher(port, clock, config.sensor.watchdog_seconds)
    supervisor = process and Supervisor(process, lambda: watcher.last_report_ns, config.sensor.watchdog_seconds)
    recorder = Recorder(lambda: Store.open(config.data_path / DATABASE_NAME, config.store), clock)
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
    nobodys = PersonalRecorder(recorder, 0)
    safety = _safety(config, nobodys, clock)
    activities = Activities(catalogue, recorder, clock, config.suggestions.language)
    log = SuggestionLog(nobodys, clock)
    suggestions = Suggestions(
        settings=config.suggestions,
        server=config.server,
        clock=clock,
        log=log,
        activities=activities,
        safety=safety,
        learner=Learner(opened.recommender, log, nobodys, clock) if opened.recommender else None,
        source=lambda: device.source,
        generator=np.random.default_rng(),
        off_detail=opened.detail,
    )
    await safety.start()
    await activities.start()
    await suggestions.start()
    loop = CoreLoop(
        sensor=watcher,
        fusion=Fusion(reliability.load(models / "fusion.toml"), config.fusion),
        emotions=emotions,
        recorder=recorder,
        suggestions=suggestions,
        device=device,
        clock=clock,
        settings=config.tracker,
    )
    access = AccessLog(recorder)
    server = Server(
        config.server,
        emotions=EmotionService(emotions, recorder, access),
        device=DeviceService(device, recorder),
        suggestions=SuggestionService(suggestions, activities, Guide(clock), access),
        safety=SafetyService(safety, access),
        profiles=ProfileService(people, access),
    )
    running = (
        watcher.run(),
        loop.run(),
        recorder.run(),
        people.run(),
        permissions.run(),
        suggestions.run(),
        safety.run(),
    )
    return Core(server, emotions, device, safety, recorder, (*running, supervisor.run()) if supervisor else running)


@dataclass(frozen=True)
class OpenedRecommender:
    """The recommender and what the manifest says of its model; without one, ``detail`` says why."""

    recommender: Recommender | None
    info: ModelInfo | None
    detail: str = ""


def open_recommender(models: Path, catalogue: Catalogue) -> OpenedRecommender:
    """The recommender of ``models`` over the whole of ``catalogue``. Never raises: perception goes on without it."""
    try:
        manifest = load_manifest(models)
        graph, entry = manifest.open_graph(RECOMMENDER), manifest.entry(RECOMMENDER)
        return OpenedRecommender(Recommender(graph, entry, catalogue.activities()), entry.info())
    except (ErtedgeError, ValueError, OSError) as error:
        logger.error("nothing will be suggested, since the recommender cannot be used: %s", error)
        return OpenedRecommender(None, None, f"the recommender cannot be used: {error}")


def _safety(config: Config, recorder: PersonalRecorder, clock: SystemClock) -> Safety:
    helplines = Path(config.safety.helplines_file) if config.safety.helplines_file else None
    return Safety(
        settings=config.safety,
        server=config.server,
        clock=clock,
        recorder=recorder,
        helplines=load_helplines(helplines),
        language=config.suggestions.language,
        conditions=[HealthCondition(word) for word in config.suggestions.conditions],
    )
