"""A whole simulated trial: who is asked, who gets which slot, everybody on a device of their own. Host side only.

Each person has their own device, as in life, so the trial is one over many devices with one sealed sequence: the seal is
made once, and the centre gives the slots of each stratum out in the order of enrolment. Everything follows from the seed,
person by person, so a run that was broken off goes on with those who are missing, and two at a time give the same as one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import joblib
import numpy as np

from ertedge import __version__
from ertedge.composition.household import OpenedRecommender, open_recommender
from ertedge.errors import ConfigurationError, ModelError
from ertedge.inference.manifest import default_models_dir
from ertedge.recommend.catalogue import Catalogue, load_catalogue
from ertedge.types.study import ArmKind, StudyProtocol
from ertedge.wellbeing.study.allocation import SEAL_BYTES
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from tools.cohort.figures import load_figures
from tools.cohort.schedule import FIRST_DAY
from tools.trial.assumptions import load_assumptions
from tools.trial.device import open_device
from tools.trial.people import draw_person, draw_severity
from tools.trial.simulation import DAY_NS, Place, Screening, live

DEVICES, SETTINGS = "devices", "simulation.json"
GENDERS, GENDER_SHARES = ("woman", "man", "other", "not_said"), (0.6, 0.36, 0.03, 0.01)
"""Assumed: more women than men enrol in trials of digital help."""
ASKED_MOST = 20
"""So many times as many people are asked as are to be enrolled, before something must be wrong."""
FIRST_WALL_NS = (FIRST_DAY - 719_163) * DAY_NS
"""Midnight UTC of the simulator's first day; 719163 is the ordinal of 1 January 1970."""


@dataclass(frozen=True, slots=True)
class TrialSettings:
    """``effect`` scales what activities are assumed to do for severity; 0 is the null scenario."""

    people: int = 125
    weeks: int = 8
    seed: int = 1
    effect: float = 1.0
    control: str = ArmKind.FIXED_ORDER.value


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who is asked, by their number, and the slot that the centre gives them (None: they are not enrolled)."""

    number: int
    screening: Screening
    slot: int | None


def simulate_trial(
    settings: TrialSettings, out: Path, *, workers: int = 1, tell: Callable[[str], None] = lambda _text: None
) -> list[Path]:
    """The folder of each device's export, in the order in which people were asked. Those that are there already stay.

    Raises ``ConfigurationError`` where ``out`` has another trial, and ``ModelError`` where there is no recommender.
    """
    _claim(out, settings)
    candidates = recruit(settings)
    enrolled = sum(each.slot is not None for each in candidates)
    tell(f"{len(candidates)} people are asked, {enrolled} of them enrolled")
    missing = [each for each in candidates if not _folder(out, each).is_dir()]
    jobs = (joblib.delayed(run_candidate)(settings, each, out) for each in missing)
    done = len(candidates) - len(missing)
    for _ in joblib.Parallel(n_jobs=workers, return_as="generator_unordered")(jobs):
        done += 1
        if done % 10 == 0 or done == len(candidates):
            tell(f"{done} of {len(candidates)} people")
    return [_folder(out, each) for each in candidates]


def recruit(settings: TrialSettings) -> list[Candidate]:
    """Ask people until enough of them are enrolled, and give the slots of each stratum out in that order."""
    protocol = read_protocol(protocol_text(settings))
    used: Counter[str] = Counter()
    candidates: list[Candidate] = []
    while used.total() < settings.people:
        if len(candidates) >= ASKED_MOST * settings.people:
            raise ConfigurationError([f"of {len(candidates)} people only {used.total()} can be enrolled"])
        number = len(candidates)
        screening = _screening(settings, number)
        # DASS-21 doubles its sums; the strata of the protocol are of depression.
        stratum = protocol.stratum_of(2 * screening.raw[0])
        slot = None
        if not screening.declines and not screening.excluded and stratum is not None:
            slot = used[stratum.name]
            used[stratum.name] += 1
        candidates.append(Candidate(number, screening, slot))
    return candidates


def protocol_text(settings: TrialSettings) -> str:
    """The shipped example's protocol, for so many weeks and that control."""
    days = 7 * settings.weeks
    text = example_protocol()
    changes = {
        'id = "example-pilot"': 'id = "simulated-trial"',
        "duration_days = 56": f"duration_days = {days}",
        "day = 28": f"day = {days // 2}",
        "day = 56": f"day = {days}",
    }
    if settings.control == ArmKind.WAITING_LIST.value:
        changes |= {
            'kind = "fixed_order"': 'kind = "waiting_list"',
            'title = "activities in a fixed order"': 'title = "waiting list"',
            'name = "fixed"': 'name = "waiting"',
            'disclosure = "at_end"': 'disclosure = "at_enrolment"',
        }
    for before, after in changes.items():
        text = text.replace(before, after, 1)
    return text


def run_candidate(settings: TrialSettings, candidate: Candidate, out: Path) -> int:
    """One person on a device of their own; the export is in its folder when all of it is. Returns their number."""
    logging.getLogger("ertedge").setLevel(logging.ERROR)
    catalogue, opened = _materials()
    assumed = load_assumptions()[0].with_effect(settings.effect)
    text = protocol_text(settings)
    protocol: StudyProtocol = read_protocol(text)
    activities = catalogue.activities()
    severity = draw_severity(assumed, _rng(settings, candidate.number, 0))
    person = draw_person(severity, protocol.duration_days, activities, _rng(settings, candidate.number, 2))
    place = Place(protocol, text, seal_of_trial(settings), candidate.slot)

    async def whole(folder: Path) -> None:
        generator = _rng(settings, candidate.number, 3)
        device = await open_device(folder, FIRST_WALL_NS, catalogue, opened, generator)
        try:
            files = await live(device, person, candidate.screening, place, activities)
        finally:
            await device.stop()
        new = _folder(out, candidate).with_suffix(".new")
        new.mkdir(parents=True, exist_ok=True)
        for file in files:
            (new / file.name).write_bytes(file.content)
        new.rename(_folder(out, candidate))

    with tempfile.TemporaryDirectory(prefix="ertedge-trial-") as folder:
        asyncio.run(whole(Path(folder)))
    return candidate.number


def seal_of_trial(settings: TrialSettings) -> bytes:
    """The seal of a simulated trial, which follows from its seed and so is no secret."""
    return np.random.default_rng([settings.seed, 4]).bytes(SEAL_BYTES)


def notes_of(settings: TrialSettings) -> Sequence[str]:
    """What a report of a simulated trial must say of it."""
    _, listed = load_assumptions()
    effect = f"The effect of activities on severity was put in as {settings.effect:g} times the assumed one."
    if not settings.effect:
        effect = "No effect of activities on severity was put in: this is the null scenario."
    return (
        f"Simulated with seed {settings.seed}: {settings.people} people over {settings.weeks} weeks, each on a device of"
        f" their own that ran the daemon's code. {effect}",
        *(f"{each.name} = {each.value:g}: {each.meaning} ({each.source})." for each in listed),
    )


def settings_of(out: Path) -> TrialSettings | None:
    """What a folder's trial was simulated with; None where it was not."""
    path = out / SETTINGS
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return TrialSettings(**{name: found[name] for name in asdict(TrialSettings())})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigurationError([f"cannot be read: {error!r}"], str(path)) from None


def _claim(out: Path, settings: TrialSettings) -> None:
    """Make ``out`` the folder of this trial."""
    if (before := settings_of(out)) not in (None, settings):
        raise ConfigurationError([f"{out} has another simulated trial ({before}); choose another folder"])
    try:
        (out / DEVICES).mkdir(parents=True, exist_ok=True)
        text = json.dumps({**asdict(settings), "ertedge": __version__}, indent=1)
        (out / SETTINGS).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(out)) from None


def _screening(settings: TrialSettings, number: int) -> Screening:
    assumed = load_assumptions()[0]
    severity = draw_severity(assumed, _rng(settings, number, 0))
    rng = _rng(settings, number, 1)
    raw = severity.raw_scores(0.0, rng, load_figures())
    return Screening(
        age=int(np.clip(rng.normal(38, 13), 18, 90)),
        gender=str(rng.choice(GENDERS, p=GENDER_SHARES)),
        excluded=bool(rng.random() < assumed.excluded),
        declines=bool(rng.random() < assumed.declines),
        raw=(int(raw[0]), int(raw[1]), int(raw[2])),
    )


def _rng(settings: TrialSettings, number: int, use: int) -> np.random.Generator:
    """Chance of its own for each person and use, whatever the others do."""
    return np.random.default_rng([settings.seed, 100 + number, use])


def _folder(out: Path, candidate: Candidate) -> Path:
    return out / DEVICES / f"{candidate.number:04d}"


@cache
def _materials() -> tuple[Catalogue, OpenedRecommender]:
    """Read once a process."""
    catalogue = load_catalogue()
    opened = open_recommender(default_models_dir(), catalogue)
    if opened.make is None:
        raise ModelError(f"nothing can be suggested: {opened.detail}")
    return catalogue, opened
