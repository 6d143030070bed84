"""The identity that is read off the middle of the trunk: near to the teacher, in its share, no matter to the emotions."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from ertedge.errors import ConfigurationError
from tests.tools.facenet.blobs import smooth_faces
from tools.facenet.material import Material
from tools.facenet.network import SIZES, DeployedFaceNetwork, FaceNetwork, standardise
from tools.facenet.options import parse
from tools.facenet.readout import READOUT_SHARE, fit_readout
from tools.release_facenet import finished
from tools.train_facenet import deploy, load_checkpoint

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

FACES = 60


def material(seed: int = 0) -> Material:
    targets = torch.randn(FACES, 128, generator=torch.Generator().manual_seed(seed))
    return Material(
        images=smooth_faces(FACES, seed),
        distribution=torch.zeros(FACES, 8),
        weight=torch.zeros(FACES),
        alignments=torch.eye(2, 3).expand(FACES, 2, 3).contiguous(),
        targets=functional.normalize(targets, dim=1),
        neighbours=torch.arange(FACES),
        repeats=torch.ones(0, dtype=torch.int64),
        labelled=0,
    )


def trained(seed: int = 1, size: str = "device") -> FaceNetwork:
    """Random weights, with the running statistics of the blobs."""
    torch.manual_seed(seed)
    network = FaceNetwork(*SIZES[size], dropout=0.0).train()
    network(standardise(smooth_faces(FACES, 9).unsqueeze(1).float()))
    return network.eval()


@pytest.fixture(scope="module")
def fitted() -> tuple[FaceNetwork, DeployedFaceNetwork, Material]:
    network, faces = trained(), material()
    deployed = DeployedFaceNetwork(copy.deepcopy(network))
    fit_readout(deployed, faces, seed=0)
    return network, deployed, faces


def test_the_readout_comes_near_to_the_teacher(fitted: tuple[FaceNetwork, DeployedFaceNetwork, Material]) -> None:
    _, deployed, faces = fitted
    with torch.no_grad():
        _, read, _ = deployed.parts(standardise(faces.images.unsqueeze(1).float()))
    near = functional.cosine_similarity(read, faces.targets)
    others = functional.cosine_similarity(read, faces.targets.roll(1, dims=0))
    assert float(near.mean()) > 0.7
    assert float(near.min()) > float(others.max())


def test_both_parts_have_their_share(fitted: tuple[FaceNetwork, DeployedFaceNetwork, Material]) -> None:
    network, deployed, faces = fitted
    inputs = standardise(faces.images.unsqueeze(1).float())
    with torch.no_grad():
        _, read, head = deployed.parts(inputs)
        _, embedding = deployed(inputs)
        _, before = network(inputs)
    lengths = read.square().mean().sqrt(), head.square().mean().sqrt()
    assert float(lengths[0] / (lengths[0] + lengths[1])) == pytest.approx(READOUT_SHARE, abs=1e-3)
    torch.testing.assert_close(embedding, read + head)
    torch.testing.assert_close(functional.cosine_similarity(head, before), torch.ones(FACES))


def test_the_emotions_stay_as_they_were_trained(fitted: tuple[FaceNetwork, DeployedFaceNetwork, Material]) -> None:
    network, deployed, _ = fitted
    unseen = standardise(smooth_faces(8, 4).unsqueeze(1).float())
    with torch.no_grad():
        torch.testing.assert_close(deployed(unseen)[0], network(unseen)[0])


@pytest.mark.parametrize("size", sorted(SIZES))
def test_a_finished_run_comes_back_as_it_is_deployed(size: str, tmp_path: Path) -> None:
    network = trained(size=size)
    template = np.zeros((5, 2)).tolist()
    torch.save({"network": network.state_dict(), "size": size, "template": template}, tmp_path / "best.pt")
    options = parse(["--root", ".", "--out", str(tmp_path), "--size", size])
    deploy(options, material())
    loaded = load_checkpoint(finished(tmp_path))
    unseen = standardise(smooth_faces(4, 5).unsqueeze(1).float())
    with torch.no_grad():
        emotion, embedding = loaded(unseen)
        torch.testing.assert_close(emotion, network(unseen)[0])
    assert embedding.shape == (4, 128)


def test_a_finished_network_leans_towards_what_is_rare(tmp_path: Path) -> None:
    network = trained()
    torch.save({"network": network.state_dict(), "size": "device", "template": []}, tmp_path / "best.pt")
    votes = torch.eye(8)[torch.arange(FACES) % 3 % 2]  # twice as many of the first emotion as of the second
    faces = replace(material(), distribution=votes, weight=torch.ones(FACES))
    deploy(parse(["--root", ".", "--out", str(tmp_path), "--lean", "0.5"]), faces)
    unseen = standardise(smooth_faces(4, 5).unsqueeze(1).float())
    with torch.no_grad():
        moved = load_checkpoint(finished(tmp_path))(unseen)[0] - network(unseen)[0]
    torch.testing.assert_close(moved[:, 1] - moved[:, 0], torch.full((4,), 0.5 * np.log(2)))


def test_a_run_that_did_not_end_is_not_released(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="end the run first"):
        finished(tmp_path)
