"""A network of another format is trained on as it was, an expert learns from votes, and FaceNet takes it as a teacher."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from tools.facenet.data import FaceSet
from tools.facenet.expert import FaceExpert, load_expert
from tools.facenet.material import Material
from tools.facenet.network import FaceNetwork, standardise
from tools.facenet.options import parse
from tools.facenet.teaching import load_reader
from tools.teachers import IDENTITY_TEACHER
from tools.torch_machine import this_machine
from tools.train_face_expert import Run, main, optimizer_of, score, train
from tools.train_facenet import first_network
from tools.trainable_ir import TrainableIr

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

SIDE = 12
NOBODY = torch.zeros(0, 48, 48, dtype=torch.uint8)


def weights(random: np.random.Generator, *shape: int) -> Any:
    """A constant as the teachers' files hold theirs: float16, with a conversion behind it."""
    from openvino import opset13 as ov

    return ov.convert(ov.constant((random.normal(size=shape) * 0.5).astype(np.float16)), "f32")


def small_ir(path: Path, end: Callable[[Any], Any] | None = None) -> Path:
    """An IR with everything that the identity teacher has, in two convolutions; ``end`` comes last."""
    import openvino
    from openvino import opset13 as ov

    random = np.random.default_rng(0)
    pictures = ov.parameter([1, 3, SIDE, SIDE], np.float32, name="pictures")
    scaled = ov.add(ov.multiply(pictures, weights(random, 1, 3, 1, 1)), weights(random, 1, 3, 1, 1))
    edges = ov.convolution(scaled, weights(random, 4, 3, 3, 3), [2, 2], [1, 1], [1, 1], [1, 1])
    bent = ov.prelu(ov.add(edges, weights(random, 1, 4, 1, 1)), weights(random, 1))
    bent.set_friendly_name("lower")
    apart = ov.group_convolution(bent, weights(random, 4, 1, 1, 3, 3), [1, 1], [1, 1], [1, 1], [1, 1])
    biased = ov.add(apart, weights(random, 1, 4, 1, 1))
    mean = ov.avg_pool(biased, [1, 1], [0, 0], [0, 0], [SIDE // 2, SIDE // 2], True)
    gate = ov.sigmoid(ov.add(ov.convolution(mean, weights(random, 4, 4, 1, 1), [1, 1], [0, 0], [0, 0], [1, 1]), bent))
    given = ov.add(ov.multiply(biased, gate), bent)
    given.set_friendly_name("upper")
    last = given if end is None else end(given)
    openvino.save_model(openvino.Model([ov.result(last)], [pictures], "small"), path, compress_to_fp16=False)
    return path


@pytest.fixture(scope="module")
def ir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_ir(tmp_path_factory.mktemp("ir") / "small.xml")


def test_it_gives_what_the_network_gave(ir: Path) -> None:
    import openvino

    core = openvino.Core()
    theirs = core.compile_model(core.read_model(ir), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    pictures = torch.rand(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    ours = TrainableIr(ir, "upper")(pictures)
    np.testing.assert_allclose(ours.detach().numpy(), theirs(pictures.numpy())[0], atol=1e-5)
    assert ours.detach().std() > 0.1
    lower = TrainableIr(ir, "lower")(pictures)
    assert lower.shape == (1, 4, SIDE // 2, SIDE // 2)
    assert TrainableIr(ir, "upper")(torch.rand(2, 3, 2 * SIDE, 2 * SIDE)).shape == (2, 4, SIDE, SIDE)


def test_what_lies_above_the_frozen_part_learns(ir: Path) -> None:
    network = TrainableIr(ir, "upper", frozen="lower")
    network(torch.rand(2, 3, SIDE, SIDE)).square().mean().backward()
    moved = {name for name, weight in network.weights.items() if weight.grad is not None and weight.grad.any()}
    still = set(network.weights) - moved
    assert {tuple(network.weights[name].shape) for name in moved} == {(4, 1, 3, 3), (4,), (4, 4, 1, 1)}
    assert {tuple(network.weights[name].shape) for name in still} == {(1, 3, 1, 1), (4, 3, 3, 3), (4,)}


def test_another_network_is_told_apart(ir: Path, tmp_path: Path) -> None:
    from openvino import opset13 as ov

    with pytest.raises(ConfigurationError, match="absent"):
        TrainableIr(tmp_path / "absent.xml", "upper")
    with pytest.raises(ConfigurationError, match="no operation elsewhere"):
        TrainableIr(ir, "elsewhere")
    with pytest.raises(ConfigurationError, match="no operation elsewhere"):
        TrainableIr(ir, "upper", frozen="elsewhere")
    cosine = small_ir(tmp_path / "cosine.xml", ov.cos)
    with pytest.raises(ConfigurationError, match="is a Cos"):
        TrainableIr(cosine, "beyond")


def test_the_trunk_of_the_expert_is_the_identity_teachers(data_root: Path) -> None:
    """Up to the end: the embedding that the teacher gives for a picture is the one that the torch graph gives."""
    import openvino

    path = data_root / "teachers" / IDENTITY_TEACHER / f"{IDENTITY_TEACHER}.xml"
    core = openvino.Core()
    theirs = core.compile_model(core.read_model(path), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    coarse = torch.rand(1, 3, 6, 6, generator=torch.Generator().manual_seed(3)) * 255
    picture = torch.nn.functional.interpolate(coarse, size=(128, 128), mode="bicubic").clamp(0, 255)
    expected = theirs(picture.numpy())[0]
    np.testing.assert_allclose(TrainableIr(path, "658")(picture).detach().numpy(), expected, atol=2e-3, rtol=1e-3)


def faces_with_votes(n: int) -> Material:
    """Bright faces are happy, dark ones sad."""
    random = torch.Generator().manual_seed(0)
    slope = torch.linspace(-60, 60, 48).expand(48, 48)
    label = torch.arange(n) % 2
    images = (
        128 + torch.where(label == 1, 1.0, -1.0)[:, None, None] * slope + 4 * torch.randn(n, 48, 48, generator=random)
    )
    return Material(
        images=images.clamp(0, 255).to(torch.uint8),
        distribution=torch.eye(8)[label],
        weight=torch.ones(n),
        alignments=torch.eye(2, 3).expand(n, 2, 3).contiguous(),
        targets=torch.zeros(n, 128),
        neighbours=torch.arange(n),
        repeats=torch.ones(n, dtype=torch.int64),
        labelled=n,
    )


def held_out(material: Material) -> FaceSet:
    """The same faces, as the score asks for them."""
    labels = material.distribution.argmax(dim=1).numpy()
    nothing = np.zeros((len(labels), 5, 2), np.float32)
    return FaceSet(
        material.images.numpy(),
        material.distribution.numpy(),
        labels,
        nothing,
        np.zeros((len(labels), 256), np.float32),
    )


def test_an_expert_learns_from_votes_resumes_and_comes_back_as_a_teacher(
    data_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    teachers, machine, material = data_root / "teachers", this_machine("float32"), faces_with_votes(128)
    expert = FaceExpert(teachers, dropout=0.0)
    run = Run(material, machine, expert, copy.deepcopy(expert), optimizer_of(expert), 2, 5e-4, seed=0)
    train(run, held_out(material), tmp_path, as_json=True)
    other = FaceExpert(teachers, dropout=0.0)
    longer = replace(run, expert=other, average=copy.deepcopy(other), optimizer=optimizer_of(other), epochs=4)
    train(longer, held_out(material), tmp_path, as_json=True)
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["epoch"] for one in told] == [1, 2, 3, 4]
    assert told[-1]["loss"] < 0.9 * told[0]["loss"]
    assert all(0.0 <= one["held_out_accuracy"] <= 1.0 for one in told)

    shown = standardise(material.images[:8].unsqueeze(1).float())
    loaded = load_expert(tmp_path / "best.pt", teachers)
    read = load_reader(tmp_path, teachers, machine).read(shown)
    torch.testing.assert_close(read.logits, loaded(shown))
    torch.testing.assert_close(loaded.emotion(read.features), read.logits)
    best = min(told, key=lambda one: one["held_out_log_loss"] + 0.1 * one["log_loss_alike"])
    whole = score(loaded, held_out(material), machine)
    assert whole.accuracy == pytest.approx(best["held_out_accuracy"], abs=1e-3)
    assert whole.log_loss == pytest.approx(best["held_out_log_loss"], abs=1e-3)


def test_training_begins_with_the_weights_of_another_run_of_its_size(tmp_path: Path) -> None:
    given = ["--root", ".", "--out", str(tmp_path), "--begin-with", str(tmp_path / "best.pt")]
    with pytest.raises(ConfigurationError, match="is missing"):
        first_network(parse(given), NOBODY)
    network = FaceNetwork().eval()
    torch.save({"network": network.state_dict(), "size": "device"}, tmp_path / "best.pt")
    shown = standardise(torch.rand(4, 1, 48, 48) * 255)
    torch.testing.assert_close(first_network(parse(given), NOBODY).eval()(shown), network(shown))
    with pytest.raises(ConfigurationError, match="--size device"):
        first_network(parse([*given, "--size", "large"]), NOBODY)


def test_the_command_says_which_teacher_is_missing(tmp_path: Path) -> None:
    app = Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--root", str(tmp_path), "--out", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert "ferplus" in result.output
