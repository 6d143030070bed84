"""Training FaceNet: the augmentation moves what it says, the losses have their minima where they should, a run resumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ertedge.perception.alignment import similarity_transform, warp_face
from ertedge.perception.face import standardise as device_standardise
from ertedge.types import Float32Array
from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.data import FaceSet
from tools.facenet.losses import blended, emotion_loss, identity_loss, mixed
from tools.facenet.material import REPEATS, UNLABELLED_SHARE, epoch_order, gather, principal_directions, project
from tools.facenet.network import SIZES, DeployedFaceNetwork, FaceNetwork, load_trained, standardise
from tools.facenet.schedule import follow, learning_rate_at
from tools.release_facenet import fit_quality
from tools.torch_machine import this_machine

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

TEMPLATE = np.array([[14.7, 18.1], [33.1, 17.8], [23.9, 28.0], [16.7, 36.8], [31.8, 36.6]], np.float32)
STILL = AugmentationSettings(
    align_share=0,
    turn_deg=0,
    scale_log=0,
    stretch_log=0,
    shift_px=0,
    light_share=0,
    shadow_share=0,
    small_share=0,
    noise_share=0,
    cutout_share=0,
)


def faces(n: int, labels: list[int], seed: int = 0) -> FaceSet:
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(n, 256)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    distribution = np.zeros((n, 8), np.float32)
    for index, label in enumerate(labels):
        if label >= 0:
            distribution[index, label] = 1
    landmarks = np.repeat(TEMPLATE[None], n, axis=0) + rng.normal(0, 1.5, (n, 5, 2)).astype(np.float32)
    images = rng.integers(0, 255, (n, 48, 48)).astype(np.uint8)
    return FaceSet(images, distribution, np.array(labels), landmarks, embeddings)


def inverse(transform: Float32Array) -> Float32Array:
    linear = np.linalg.inv(transform[:, :2])
    return np.column_stack([linear, -linear @ transform[:, 2]]).astype(np.float32)


def identity_maps(n: int) -> torch.Tensor:
    return torch.eye(2, 3).expand(n, 2, 3)


def test_without_strength_nothing_changes_but_the_side() -> None:
    images = torch.from_numpy(faces(20, [0] * 20).images)
    out = Augmentation(STILL, torch.Generator().manual_seed(0))(images, identity_maps(20))[:, 0]
    same = (out == images).flatten(1).all(dim=1)
    mirrored = (out == images.flip(2)).flatten(1).all(dim=1)
    assert bool((same ^ mirrored).all())
    assert bool(same.any())
    assert bool(mirrored.any())


def test_aligned_faces_are_framed_as_the_device_frames_them() -> None:
    smooth = torch.nn.functional.interpolate(torch.rand(16, 1, 6, 6) * 255, size=(48, 48), mode="bicubic")
    images = smooth.clamp(0, 255).to(torch.uint8)[:, 0]
    points = faces(16, [0] * 16).landmarks
    maps = torch.from_numpy(np.stack([inverse(similarity_transform(each, TEMPLATE)) for each in points]))
    settings = AugmentationSettings(**{**{name: getattr(STILL, name) for name in STILL.__slots__}, "align_share": 1.0})
    out = Augmentation(settings, torch.Generator().manual_seed(1))(images, maps)[:, 0].numpy()
    for index, face in enumerate(images.numpy()):
        device = warp_face(face, similarity_transform(points[index], TEMPLATE), 48).astype(float)
        errors = [np.abs(out[index] - side)[4:-4, 4:-4].mean() for side in (device, device[:, ::-1])]
        assert min(errors) < 2.0


def test_augmentation_repeats_with_its_seed_and_stays_in_range() -> None:
    images = torch.from_numpy(faces(64, [0] * 64).images)
    twice = [
        Augmentation(AugmentationSettings(), torch.Generator().manual_seed(5))(images, identity_maps(64))
        for _ in range(2)
    ]
    assert torch.equal(twice[0], twice[1])
    assert float(twice[0].min()) >= 0
    assert float(twice[0].max()) <= 255
    assert twice[0].shape == (64, 1, 48, 48)


def test_training_and_device_standardise_alike() -> None:
    image = faces(1, [0]).images[0]
    for crop in (image, image // 20, np.full((48, 48), 7, np.uint8)):
        ours = standardise(torch.from_numpy(crop)[None, None].float())[0, 0].numpy()
        np.testing.assert_allclose(ours, device_standardise(crop), atol=1e-4)


def test_the_emotion_loss_is_least_at_the_votes_and_unlabelled_faces_weigh_nothing() -> None:
    votes = torch.tensor([[0.5, 0, 0, 0.5, 0, 0, 0, 0], [0.0] * 8])
    weight = torch.tensor([1.0, 0.0])
    right = torch.log(torch.tensor([[0.5, 1e-9, 1e-9, 0.5, 1e-9, 1e-9, 1e-9, 1e-9], [1.0] * 8]))
    assert float(emotion_loss(right, votes, weight)) == pytest.approx(np.log(2), abs=1e-4)
    assert float(emotion_loss(torch.zeros(2, 8), votes, weight)) == pytest.approx(np.log(8), abs=1e-4)


def test_votes_and_what_other_networks_read_share_a_face_and_unlabelled_faces_have_only_the_latter() -> None:
    votes = torch.tensor([[1.0, 0, 0, 0, 0, 0, 0, 0], [0.0] * 8])
    taught = torch.tensor([[0.0, 1.0, 0, 0, 0, 0, 0, 0]] * 2)
    targets, weight = blended(votes, torch.tensor([0.6, 0.0]), taught, 0.7)
    torch.testing.assert_close(targets[0, :2], torch.tensor([0.3, 0.7]))
    torch.testing.assert_close(targets[1], taught[1])
    torch.testing.assert_close(weight, torch.tensor([0.6, 1.0]))


def test_mixing_takes_pictures_and_votes_at_the_same_share() -> None:
    pictures = torch.stack([torch.full((1, 2, 2), value) for value in (0.0, 10.0, 20.0, 40.0)])
    votes = torch.eye(8)[[0, 1, 2, 3]]
    weight = torch.tensor([1.0, 1.0, 1.0, 0.0])
    inputs, targets, weights = mixed(pictures, votes * weight[:, None], weight, torch.tensor([0.75, 0.5, 1.0, 0.8]))
    torch.testing.assert_close(inputs[:, 0, 0, 0], torch.tensor([10.0, 15.0, 20.0, 32.0]))
    torch.testing.assert_close(targets[1, :4], torch.tensor([0.0, 0.5, 0.5, 0.0]))
    torch.testing.assert_close(targets.sum(dim=1), torch.ones(4))  # a partner without votes changes the weight alone
    torch.testing.assert_close(weights, torch.tensor([0.75, 1.0, 1.0, 0.2]))


def test_a_large_network_comes_back_as_large(tmp_path: Path) -> None:
    network = FaceNetwork(*SIZES["large"])
    torch.save({"network": network.state_dict(), "size": "large"}, tmp_path / "best.pt")
    loaded = load_trained(tmp_path / "best.pt")
    assert sum(w.numel() for w in loaded.parameters()) > 3 * sum(w.numel() for w in FaceNetwork().parameters())


def test_a_machine_computes_in_the_precision_that_was_asked_for() -> None:
    layer = torch.nn.Linear(4, 4)
    for precision, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        machine = this_machine(precision)  # type: ignore[arg-type]
        with machine.autocast():
            assert layer.to(machine.device)(torch.ones(2, 4, device=machine.device)).dtype == dtype


def test_the_identity_loss_is_least_at_the_teachers_own_embedding() -> None:
    targets = torch.nn.functional.normalize(torch.randn(32, 128, generator=torch.Generator().manual_seed(0)), dim=1)
    nearby = targets + 0.05 * torch.randn(32, 128, generator=torch.Generator().manual_seed(1))
    for ranking in (0.0, 0.3):
        exact = float(identity_loss(targets * 7, targets, ranking))
        assert exact == pytest.approx(0, abs=1e-5)
        assert float(identity_loss(nearby, targets, ranking)) > exact
    assert float(identity_loss(nearby, targets, 0.3)) > float(identity_loss(nearby, targets))


def test_triplets_pull_one_person_together() -> None:
    targets = torch.nn.functional.normalize(torch.randn(2, 128, generator=torch.Generator().manual_seed(1)), dim=1)
    targets = torch.cat([targets, targets])  # faces 0 and 2, and 1 and 3, are one person for the teacher
    raw = torch.randn(4, 128, generator=torch.Generator().manual_seed(2), requires_grad=True)
    optimizer = torch.optim.SGD([raw], lr=1.0)
    before = torch.nn.functional.cosine_similarity(raw[0], raw[2], dim=0).item()
    for _ in range(30):
        optimizer.zero_grad()
        identity_loss(raw, targets).backward()
        optimizer.step()
    assert torch.nn.functional.cosine_similarity(raw[0], raw[2], dim=0).item() > before + 0.2


def test_an_epoch_repeats_rare_classes_and_takes_some_of_the_unlabelled() -> None:
    labelled, unlabelled = faces(40, [0] * 30 + [5] * 10), faces(20, [-1] * 20, seed=1)
    directions = principal_directions(np.concatenate([labelled.embeddings] * 8))
    material = gather(labelled, unlabelled, TEMPLATE, directions)
    order = epoch_order(material, torch.Generator().manual_seed(0))
    counts = torch.bincount(order, minlength=60)
    assert counts[:30].tolist() == [1] * 30
    assert counts[30:40].tolist() == [REPEATS[5]] * 10
    assert int(counts[40:].sum()) == round(UNLABELLED_SHARE * 20)
    assert material.weight[40:].sum() == 0


def test_projection_keeps_cosines_of_what_lies_in_its_directions() -> None:
    rng = np.random.default_rng(0)
    low = rng.normal(size=(200, 40)) @ rng.normal(size=(40, 256))
    low = (low / np.linalg.norm(low, axis=1, keepdims=True)).astype(np.float32)
    projected = project(low, principal_directions(low))
    assert projected.shape == (200, 128)
    np.testing.assert_allclose(projected @ projected.T, low @ low.T, atol=1e-4)


def test_the_learning_rate_warms_up_and_falls() -> None:
    rates = [learning_rate_at(share, 0.1) for share in np.linspace(0, 1, 101)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(1, abs=1e-3)
    assert rates.index(max(rates)) == 10
    assert rates[-1] == pytest.approx(0.01)


def test_the_average_follows_the_weights_and_a_checkpoint_comes_back(tmp_path: Path) -> None:
    network, average = FaceNetwork(), FaceNetwork()
    for step in range(40):
        follow(average, network, min(step, 6))
    torch.save({"network": average.state_dict(), "template": TEMPLATE.tolist()}, tmp_path / "best.pt")
    loaded = load_trained(tmp_path / "best.pt")
    x = torch.randn(2, 1, 48, 48)
    logits, embedding = loaded(x)
    expected = network.eval()(x)
    assert logits.shape == (2, 8)
    assert embedding.shape == (2, 128)
    torch.testing.assert_close(logits, expected[0], atol=0.05, rtol=0.05)


def test_the_network_fits_the_device() -> None:
    assert sum(weight.numel() for weight in DeployedFaceNetwork(FaceNetwork()).parameters()) < 1_250_000


def test_quality_is_fitted_with_the_right_signs_whatever_the_data_say() -> None:
    rng = np.random.default_rng(0)
    conditions = rng.uniform(0, 2, (4000, 3))
    score = 2.0 - 1.5 * conditions[:, 0] + 0.8 * conditions[:, 2]
    right = rng.random(4000) < 1 / (1 + np.exp(-score))
    weights = fit_quality(conditions, right)
    assert weights[1] == pytest.approx(-1.5, abs=0.3)
    assert abs(weights[2]) < 0.15
    assert weights[3] == 0
