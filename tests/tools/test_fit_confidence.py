"""The least confidence of a state is that of the promised share, the same for all who carry one; temperatures only
where asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.confidence import Carrier, Confidence, load
from ertedge.errors import ConfigurationError
from tools.fit_confidence import fit_states, write
from tools.recording_states import States, joined

pytestmark = pytest.mark.tools


def states_of(carrier: Carrier, overdone: float, n: int, seed: int) -> States:
    """States right as often as they say, and then made surer of themselves by ``overdone``."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(7, 0.4), size=n).astype(np.float32)
    labels = np.array([random.choice(7, p=row / row.sum()) for row in p.astype(np.float64)])
    said = Confidence(1 / overdone, 0.0).tempered(p)
    return States(said, said.argmax(axis=1), labels, (carrier,) * n, np.arange(n) // 20)


@pytest.fixture(scope="module")
def states() -> States:
    return joined(
        [
            states_of(Carrier.FACE, 1.0, 2000, 0),
            states_of(Carrier.VOICE, 2.0, 2000, 1),
            states_of(Carrier.FUSED, 0.8, 2000, 2),
        ]
    )


def test_one_least_for_all_that_the_promised_share_has(states: States) -> None:
    found = fit_states(states, 0.9)
    assert {one.temperature for one in found.values()} == {1.0}
    (least,) = {one.least for one in found.values()}
    shown = states.probabilities[np.arange(len(states)), states.shown]
    assert np.mean(shown >= least) == pytest.approx(0.9, abs=0.005)


def test_a_temperature_for_each_where_asked(states: States) -> None:
    found = fit_states(states, 0.9, temper=True)
    wanted = {Carrier.FACE: 1.0, Carrier.VOICE: 2.0, Carrier.FUSED: 0.8}
    for carrier, temperature in wanted.items():
        assert found[carrier].temperature == pytest.approx(temperature, rel=0.15)


def test_too_few_states_are_no_ground(states: States) -> None:
    with pytest.raises(ConfigurationError, match="states of voice"):
        fit_states(states.of(Carrier.FACE), 0.9)


def test_segments_of_several_recordings_stay_apart(states: States) -> None:
    assert len(np.unique(states.segments)) == 300


def test_the_device_reads_what_is_written(tmp_path: Path, states: States) -> None:
    found = fit_states(states, 0.9, temper=True)
    write(tmp_path / "confidence.toml", found, dict.fromkeys(Carrier, 2000), 0.9)
    back = load(tmp_path / "confidence.toml")
    assert {carrier: back.of(carrier) for carrier in Carrier} == found
