"""The loader of CREMA-D's votes, on its official layout."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Emotion, Modality
from tools.data.crema_d import load_votes

HEADER = '"","A","D","F","H","N","S","fileName","numResponses"\n'


def test_votes_go_to_their_modality_row_and_column(tmp_path: Path) -> None:
    rows = (
        '"100001",0,0,0,1,10,0,"1001_IEO_NEU_XX",11',
        '"200001",7,0,0,0,2,0,"1001_IEO_ANG_XX",9',
        '"300001",1,1,1,1,1,1,"1001_IEO_ANG_XX",6',
    )
    (tmp_path / "tabulatedVotes.csv").write_text(HEADER + "\n".join(rows), encoding="utf-8")
    votes = load_votes(tmp_path)
    neutral, anger, happiness = (EMOTIONS.index(e) for e in (Emotion.NEUTRAL, Emotion.ANGER, Emotion.HAPPINESS))
    assert votes[Modality.VOICE][neutral, neutral] == 10
    assert votes[Modality.VOICE][neutral, happiness] == 1
    assert votes[Modality.FACE][anger, anger] == 7
    assert sum(v.sum() for v in votes.values()) == 11 + 9


def test_a_row_of_another_layout_is_named(tmp_path: Path) -> None:
    (tmp_path / "tabulatedVotes.csv").write_text(
        HEADER + '"100001",0,0,0,1,ten,0,"1001_IEO_NEU_XX",11\n', encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="ten"):
        load_votes(tmp_path)


def test_a_missing_file_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"tabulatedVotes\.csv"):
        load_votes(tmp_path)


def test_the_real_votes_say_that_faces_tell_happiness_better_than_voices(data_root: Path) -> None:
    votes = load_votes(data_root)
    happiness = EMOTIONS.index(Emotion.HAPPINESS)
    recall = {m: v[happiness, happiness] / v[happiness].sum() for m, v in votes.items()}
    assert recall[Modality.FACE] > 0.8
    assert recall[Modality.VOICE] < 0.4
    assert all(np.all(v[EMOTIONS.index(Emotion.SURPRISE)] == 0) for v in votes.values())
