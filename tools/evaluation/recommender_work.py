"""What a comparison of recommenders is made of: its rows by name, its people, and the finished parts on disk. Host side
only.

A part is one row's run or reading of one cohort and seed. Its file's name changes with whatever it rests on, so that a
part that no longer holds is made again and one that holds is not.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from ertedge import recommend
from ertedge.inference.manifest import load_manifest
from ertedge.recommend.catalogue import load_catalogue
from ertedge.types import Activity
from tools.baselines.rows import GRIDS, Material, build, load_tuned
from tools.cohort.records import Chooser, load_logs, save_logs
from tools.cohort.training import training_logs
from tools.evaluation.recommender_cohorts import (
    Cohort,
    Oracle,
    Reading,
    Run,
    Script,
    load_reading,
    load_run,
    read,
    run,
    save,
    write_script,
)

OURS = "ertedge"
NO_ATTENTION, NO_TUNING, NO_POSTERIOR = "ertedge, no attention", "ertedge, no ED tuning", "ertedge, no posterior"
TUNED = "ertedge, ED-tuned"
"""The recipe that Efficient DO found, where the one that it started from ships; else there is ``NO_TUNING``."""
FOLDERS = {NO_ATTENTION: "no_attention", NO_TUNING: "untuned", TUNED: "tuned"}
"""Where in ``RUN/variants`` the ablations' files are."""
ABLATIONS = (NO_ATTENTION, NO_TUNING, TUNED, NO_POSTERIOR)
ROWS = (*GRIDS, *ABLATIONS, OURS)
ORACLE = "oracle"
READING_SHARE = 0.4
"""A reading needs fewer people than a run, since everybody reads the same."""
TRAIN_SEED = 1

Part = TypeVar("Part", Run, Reading)


@dataclass(frozen=True)
class Work:
    """What is to be compared, and where finished parts are; ``out`` None keeps none. ``variants`` has the ablations'
    files.
    """

    models: Path
    variants: Path | None
    out: Path | None
    rows: tuple[str, ...]
    cohorts: tuple[Cohort, ...]
    people: int
    weeks: int
    seeds: int
    train_people: int

    def runs(self, row: str, cohort: Cohort) -> list[Run]:
        """What ``row`` decides for the cohort, of each seed."""
        return [self._run(row, cohort, seed) for seed in range(self.seeds)]

    def readings(self, row: str, cohort: Cohort) -> list[Reading]:
        """What ``row`` says to the script of the cohort, of each seed."""
        return [self._reading(row, cohort, seed) for seed in range(self.seeds)]

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """The catalogue that ships."""
        return load_catalogue().activities()

    @cached_property
    def _material(self) -> Material:
        """The training log, simulated once."""
        path = None if self.out is None else self.out / f"train-{self.train_people}-{self.weeks}.npz"
        if path is not None and path.is_file():
            return Material(load_logs(path), self.activities)
        _tell(f"simulating {self.train_people} people for the training log")
        logs = training_logs(self.train_people, self.weeks, TRAIN_SEED, self.activities)
        if path is not None:
            save_logs(path, logs)
        return Material(logs, self.activities)

    @cached_property
    def _tuned(self) -> dict[str, dict[str, float]]:
        return load_tuned()

    @cached_property
    def _scripts(self) -> dict[tuple[str, int], Script]:
        return {}

    @cached_property
    def _choosers(self) -> dict[str, Chooser]:
        return {}

    def _script(self, cohort: Cohort, seed: int) -> Script:
        key = (cohort.name, seed)
        if key not in self._scripts:
            people = max(2, round(self.people * READING_SHARE))
            self._scripts[key] = write_script(cohort, people, self.weeks, seed, self.activities)
        return self._scripts[key]

    def _chooser(self, row: str) -> Chooser:
        if row not in self._choosers:
            self._choosers[row] = self._make(row)
        return self._choosers[row]

    def _make(self, row: str) -> Chooser:
        if row == ORACLE:
            return Oracle()
        if row in GRIDS:
            return build(row, self._material, self._tuned[row])
        from tools.recommender.chooser import RecommenderChooser

        return RecommenderChooser(row, self._folder(row), self.activities, posterior=row != NO_POSTERIOR)

    def _folder(self, row: str) -> Path:
        """Where the exported file of one of our rows is."""
        if self.variants is None or row not in FOLDERS:
            return self.models
        return self.variants / FOLDERS[row]

    def _run(self, row: str, cohort: Cohort, seed: int) -> Run:
        def make() -> Run:
            _tell(f"{row} decides for {cohort.name}, seed {seed}")
            chooser = self._chooser(row)
            return run(chooser, cohort, people=self.people, weeks=self.weeks, seed=seed, activities=self.activities)

        return _kept(self._part("runs", row, cohort, seed), load_run, make)

    def _reading(self, row: str, cohort: Cohort, seed: int) -> Reading:
        def make() -> Reading:
            _tell(f"{row} reads {cohort.name}, seed {seed}")
            return read(self._chooser(row), self._script(cohort, seed), self.activities, seed)

        return _kept(self._part("readings", row, cohort, seed), load_reading, make)

    def _part(self, kind: str, row: str, cohort: Cohort, seed: int) -> Path | None:
        if self.out is None:
            return None
        mark = hashlib.sha256((self._rests_on(row) + self._catalogue).encode()).hexdigest()[:8]
        name = f"{row}-{cohort.name}-{self.people}-{self.weeks}-{seed}-{mark}".replace(" ", "_").replace(",", "")
        return self.out / kind / f"{name}.npz"

    @cached_property
    def _catalogue(self) -> str:
        return "".join(activity.digest for activity in self.activities)

    def _rests_on(self, row: str) -> str:
        """The choices of a baseline and the size of its log; a model's file and the device's code around it."""
        if row == ORACLE:
            return ""
        if row in GRIDS:
            return f"{sorted(self._tuned[row].items())} {self.train_people}"
        return load_manifest(self._folder(row)).entry("recommender").sha256 + self._code

    @cached_property
    def _code(self) -> str:
        sources = sorted(Path(recommend.__file__).parent.glob("*.py"))
        return "".join(code_of(source.read_text(encoding="utf-8")) for source in sources)


def code_of(source: str) -> str:
    """What Python makes of a source, without its comments and docstrings: words may change without a new run."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            node.value.value = ""
    return ast.dump(tree)


def _kept(path: Path | None, load: Callable[[Path], Part], make: Callable[[], Part]) -> Part:
    """A finished part from its file, or made and kept."""
    if path is not None and path.is_file():
        return load(path)
    part = make()
    if path is not None:
        save(path, part)
    return part


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
