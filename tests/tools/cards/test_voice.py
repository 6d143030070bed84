"""The voice's card on a few clips of the actors whom the exported file never heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tools.data import ravdess

pytest.importorskip("matplotlib")
pytest.importorskip("soundfile")
from tools.cards.section import Case
from tools.cards.voice import SNR_DB, Voice, load_voice, shipped_parts

pytestmark = pytest.mark.tools


@pytest.fixture
def voice(data_root: Path) -> Voice:
    """Eight clips, four labels of either actor."""
    voice = load_voice(Case(data_root, Path("models")))
    assert {clip.speaker for clip in voice.clips} == {ravdess.speaker_of(1), ravdess.speaker_of(2)}
    kept = [clip for clip in voice.clips if clip.path.stem[6:17] in {f"{code:02d}-01-01-01" for code in (1, 3, 5, 8)}]
    return replace(voice, clips=tuple(kept))


def test_every_condition_has_a_row(voice: Voice) -> None:
    assert len(voice.clips) == 8
    shipped, noise = shipped_parts(voice, seed=0)
    rows = shipped.grids[0].rows
    assert [row[1] for row in rows] == ["8"] * 4
    assert all(row[6].endswith(" points") for row in rows)
    assert [row[:2] for row in shipped.grids[2].rows] == [("ravdess/01", "4"), ("ravdess/02", "4")]
    heard = noise.grids[0].rows
    assert [row[0] for row in heard] == ["clean", *(f"{snr_db:.0f} dB" for snr_db in SNR_DB)]
    qualities = [float(row[5]) for row in heard]
    assert qualities[0] > qualities[2] > qualities[4], "noise lowers the quality"
    assert heard[0][6].startswith("0.000") and heard[-1][6].startswith("1.000"), "in deep noise it says nothing"
    assert sum(int(row[1]) for row in noise.grids[1].rows) > 20
    assert noise.pictures[0].content.startswith(b"\x89PNG")
