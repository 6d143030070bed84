"""Features of sound: how long everybody takes over the same clips, the device's own way beside libraries. Host side only."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from tools.data.voice_clips import VoiceClip, read_clip
from tools.evaluation.report import Figure, Grid
from tools.peers.comparison import MISSING, grid, work_cells, work_figures
from tools.peers.process import Ready
from tools.peers.roster import Task
from tools.peers.rounds import ask_in_turn

TIMED_CLIPS = 200
COLUMNS = ("features of sound", "time", "memory, MB", "ms a second of sound", "remark")


def as_numbers(row: Any, _ready: Ready) -> NDArray[np.float64]:
    """A program's numbers of a clip. Raises ValueError where they are none, or not finite."""
    found = np.asarray(row, np.float64)
    if found.ndim != 1 or not found.size or not np.isfinite(found).all():
        raise ValueError(f"not finite numbers but {str(row)[:60]}")
    return found


def measure(task: Task, clips: tuple[VoiceClip, ...]) -> tuple[list[Figure], Grid]:
    """The figures, and a row each, over clips spread evenly."""
    some = [clips[i] for i in np.linspace(0, len(clips) - 1, min(TIMED_CLIPS, len(clips))).round().astype(int)]
    sounds = [read_clip(clip) for clip in some]
    seconds = np.array([sound.size for sound in sounds]) / SAMPLE_RATE_HZ
    outcomes = ask_in_turn(task.commands(), sounds, as_numbers, task.folder, "sounds")
    figures = work_figures(outcomes, task)
    rows: list[tuple[str, ...]] = []
    for name, outcome in outcomes.items():
        if outcome.fault:
            rows.append((name, *[MISSING] * 3, outcome.fault))
            continue
        a_second = float(np.median(np.array(outcome.ns) / seconds)) / 1e6
        figures.append(Figure("time_a_second_of_sound", a_second, "ms", len(sounds), name))
        time, memory, _ = work_cells(figures, name)
        rows.append((name, time, memory, f"{a_second:.2f}", ""))
    return figures, grid(f"features of sound, {len(sounds)} clips", COLUMNS, rows)
