"""A network that comes back from its float32 file: it says what the file says, and training goes on from there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ertedge.errors import ConfigurationError
from ertedge.inference.litert import LitertNetwork
from tests.tools.facenet.blobs import smooth_faces
from tools.facenet.network import FaceNetwork, standardise
from tools.facenet.options import parse
from tools.facenet.twin import network_of_twin
from tools.train_facenet import OUTPUT_NAMES, as_they_are_shown, first_network

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[3]
TWIN = ROOT / "tools" / "bench" / "float32" / "facenet.tflite"


@pytest.fixture(scope="module")
def network() -> FaceNetwork:
    given = parse(["--root", ".", "--out", ".", "--begin-with", str(TWIN)])
    return first_network(given, smooth_faces(512, 0))


def test_it_says_of_emotions_what_the_file_says(network: FaceNetwork) -> None:
    twin = LitertNetwork(TWIN, outputs=OUTPUT_NAMES)
    shown = standardise(smooth_faces(5, 1).unsqueeze(1).float())
    with torch.no_grad():
        ours = network(shown)[0].numpy()
    theirs = np.concatenate([twin(face[None].numpy())[0] for face in shown])
    np.testing.assert_allclose(ours, theirs, atol=2e-4)
    assert np.ptp(theirs, axis=1).min() > 1.0


def test_training_goes_on_from_where_it_was(network: FaceNetwork) -> None:
    """With the statistics of a batch, as training sees it, a network says nearly what it says with those that it keeps."""
    shown = next(as_they_are_shown(smooth_faces(256, 2), 1))
    with torch.no_grad():
        kept = network.eval()(shown)[0]
        network.train()
        network.dropout.eval()
        of_batch = network(shown)[0]
        network.eval()
    assert (kept - of_batch).abs().mean() < 0.1 * kept.std()


def test_a_large_network_cannot_begin_with_it() -> None:
    with pytest.raises(ConfigurationError, match="--size device"):
        first_network(
            parse(["--root", ".", "--out", ".", "--size", "large", "--begin-with", str(TWIN)]), torch.zeros(0)
        )


def test_another_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not FaceNet"):
        network_of_twin(ROOT / "models" / "detector.tflite", [])
    broken = tmp_path / "broken.tflite"
    broken.write_bytes(b"nothing")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        network_of_twin(broken, [])
