"""The logs that the recommender is trained on: simulated people under several policies, or files; encoded once. Host side.

Only the first generator and its training ranges are used: what the model is judged on stays unseen. Everything is kept in
the run folder and made only where it is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ertedge.recommend.activity_features import ActivityTable
from ertedge.recommend.encoding import ENCODING_VERSION
from ertedge.types import Activity
from tools.cohort.parameters import Draw, GeneratorName
from tools.cohort.records import Chooser, load_logs
from tools.cohort.simulation import simulate
from tools.recommender.data import Corpus, encode_logs, join
from tools.recommender.logging import logging_choosers

WEEKS = 8
_CHUNK = 50
"""People simulated before their part of the corpus is written; an interruption costs no more."""


def of_files(paths: Sequence[Path], activities: Sequence[Activity]) -> Corpus:
    """The corpus of logs that ``save_logs`` or devices wrote. Raises ``ConfigurationError`` when one cannot be read."""
    table = ActivityTable.of(activities, [activity.activity_id for activity in activities])
    return join([encode_logs(load_logs(path), table) for path in paths])


def of_logging(people: int, activities: Sequence[Activity], seed: int, folder: Path) -> Corpus:
    """About ``people`` simulated people, a part under each of the logging policies."""
    choosers = logging_choosers()
    share = -(-people // len(choosers))
    return join([of_chooser(each, share, activities, seed + i, folder) for i, each in enumerate(choosers)])


def of_chooser(chooser: Chooser, people: int, activities: Sequence[Activity], seed: int, folder: Path) -> Corpus:
    """``people`` simulated people whom ``chooser`` decides for, over eight weeks."""
    folder.mkdir(parents=True, exist_ok=True)
    table = ActivityTable.of(activities, [activity.activity_id for activity in activities])
    parts = []
    starts = range(0, people, _CHUNK)
    for number, start in enumerate(tqdm(starts, desc=f"people, {chooser.name}", file=sys.stderr, disable=None)):
        path = folder / f"{chooser.name}-{seed}-{number:03d}.npz"
        if not path.exists():
            chunk_seed = seed * 10_000 + number
            logs = simulate(
                GeneratorName.MOOD,
                min(_CHUNK, people - start),
                WEEKS,
                chunk_seed,
                chooser,
                activities,
                draw=Draw.TRAINING,
            )
            write(path, encode_logs(logs, table), table)
        parts.append(read(path, table))
    return join(parts)


def write(path: Path, corpus: Corpus, table: ActivityTable) -> None:
    """Keep an encoded corpus; the old file stays until the new one is whole."""
    new = path.with_suffix(".new.npz")
    arrays = {each.name: getattr(corpus, each.name) for each in fields(corpus)}
    np.savez_compressed(new, encoding=np.int64(ENCODING_VERSION), ids=np.array(table.ids), **arrays)
    new.replace(path)


def read(path: Path, table: ActivityTable) -> Corpus:
    """What ``write`` wrote. Raises ``ValueError`` when it is of another encoding or catalogue."""
    with np.load(path, allow_pickle=False) as written:
        if int(written["encoding"]) != ENCODING_VERSION or tuple(written["ids"].tolist()) != table.ids:
            raise ValueError(f"{path} is of another encoding or catalogue; delete it, or give another --out")
        return Corpus(**{each.name: written[each.name] for each in fields(Corpus)})
