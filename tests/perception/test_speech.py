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


TIMED = """
import time
import cv2
import ai_edge_litert.interpreter
import numpy as np
from ertedge.perception.speech import SileroSpeechDetector
detector = SileroSpeechDetector()
blocks = np.random.default_rng(2).standard_normal((200, 512)) * 0.1
wall, processor = time.perf_counter(), time.process_time()
for block in blocks:
    detector(block)
print(time.perf_counter() - wall, time.process_time() - processor)
"""


def test_it_does_not_spin_on_other_cores() -> None:
    """Unbridled, the library spends more processor time than passes on the clock. In a process of its own, with what the
    sensor loads beside it: another OpenMP library, such as torch brings, would answer in its place."""
    done = subprocess.run([sys.executable, "-c", TIMED], capture_output=True, text=True, timeout=60, check=True)
    wall, processor = (float(number) for number in done.stdout.split())
    assert processor < 1.1 * wall + 0.01


def test_the_environment_is_left_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_THREAD_LIMIT", raising=False)
    SileroSpeechDetector()
    assert "OMP_THREAD_LIMIT" not in os.environ
    monkeypatch.setenv("OMP_THREAD_LIMIT", "3")
    SileroSpeechDetector()
    assert os.environ["OMP_THREAD_LIMIT"] == "3"
