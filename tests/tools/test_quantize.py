"""From torch to int8 through the device's runtime: what is kept, what is folded, what is refused."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

for package in ("torch", "litert_torch", "ai_edge_quantizer"):
    pytest.importorskip(package)

import torch  # noqa: E402
import typer  # noqa: E402
from torch import nn  # noqa: E402

from ertedge.errors import ModelError  # noqa: E402
from ertedge.inference.entry import ModelInput  # noqa: E402
from ertedge.inference.litert import LitertNetwork  # noqa: E402
from ertedge.inference.manifest import load_manifest  # noqa: E402
from tools import quantize  # noqa: E402
from tools.macs import count_macs  # noqa: E402
from tools.manifest import Description, write_entry  # noqa: E402

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]

SHAPE = (1, 1, 24, 24)
EXAMPLE = torch.zeros(SHAPE)


class Pool(nn.Module):
    """Attention over positions with mean and deviation, the kind of tail that int8 is bad at."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.score = nn.Conv2d(channels, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        share = torch.softmax(self.score(x).flatten(2), dim=2)
        flat = x.flatten(2)
        mean = (flat * share).sum(dim=2)
        variance = (share * (flat - mean[:, :, None]).square()).sum(dim=2)
        return torch.cat([mean, (variance + 1e-4).sqrt()], dim=1)


class TwoHeads(nn.Module):
    """Convolutions with batch normalisation whose statistics are not the initial ones, and two outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU6(),
            nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, 1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
        )
        self.pool = Pool(16)
        self.logits = nn.Linear(32, 7)
        self.embedding = nn.Linear(32, 5)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pooled = self.pool(self.trunk(x))
        return self.logits(pooled), self.embedding(pooled)


def samples(count: int = 80) -> Iterator[NDArray[np.float32]]:
    """Pictures of stripes of different width, direction and contrast: inputs that differ as real ones do."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:24, :24]
    for _ in range(count):
        angle, width, contrast = generator.uniform(0, np.pi), generator.uniform(2, 8), generator.uniform(0.2, 1)
        wave = np.sin((rows * np.sin(angle) + columns * np.cos(angle)) * 2 * np.pi / width)
        yield (contrast * wave + generator.normal(0, 0.1, wave.shape)).astype(np.float32).reshape(SHAPE)


@pytest.fixture(scope="module")
def trained() -> TwoHeads:
    """A network with batch statistics of the samples, in training mode as a forgetful trainer would leave it."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    network = TwoHeads()
    batch = torch.from_numpy(np.concatenate(list(samples())))
    with torch.no_grad():
        for _ in range(20):
            network(batch)
    return network


@pytest.fixture(scope="module")
def exported(trained: TwoHeads, tmp_path_factory: pytest.TempPathFactory) -> quantize.Export:
    folder = tmp_path_factory.mktemp("models")
    return quantize.export(
        trained,
        EXAMPLE,
        ("logits", "embedding"),
        samples(),
        folder / "two_heads.tflite",
        float_out=folder / "float" / "two_heads-float.tflite",
        keep_float=("pool",),
    )


def operations(path: Path) -> list[str]:
    from ai_edge_litert import schema_py_generated as schema

    model = schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    return [names[model.operatorCodes[op.opcodeIndex].builtinCode] for op in model.subgraphs[0].operators]


def test_both_files_answer_as_torch_does(trained: TwoHeads, exported: quantize.Export) -> None:
    as_int8 = LitertNetwork(exported.path)
    as_float = LitertNetwork(exported.path.parent / "float" / "two_heads-float.tflite")
    assert (as_int8.input_dtype, as_float.input_dtype) == ("int8", "float32")
    assert as_int8.output_names == as_float.output_names == ("logits", "embedding")
    unseen = list(samples(120))[80:]
    with torch.no_grad():
        wanted = [[y.numpy() for y in trained.eval()(torch.from_numpy(x))] for x in unseen]
    got_int8, got_float = [as_int8(x) for x in unseen], [as_float(x) for x in unseen]
    for output in (0, 1):
        reference = np.array([answer[output] for answer in wanted])
        np.testing.assert_allclose(np.array([answer[output] for answer in got_float]), reference, atol=1e-5)
        difference = np.array([answer[output] for answer in got_int8]) - reference
        assert np.sqrt(np.mean(difference**2)) < 0.05 * np.sqrt(np.mean(reference**2))


def test_the_report_is_true(exported: quantize.Export) -> None:
    assert exported.size_bytes == exported.path.stat().st_size
    assert [difference.output for difference in exported.differences] == ["logits", "embedding"]
    for difference in exported.differences:
        assert 0 < difference.relative_error < 0.05
        assert difference.float_relative_error < 1e-5
        assert difference.same_argmax > 0.8


def test_ranges_reach_the_samples_of_most_contrast(exported: quantize.Export) -> None:
    network = LitertNetwork(exported.path)
    widest = max(float(np.abs(sample).max()) for sample in samples())
    average = float(np.mean([np.abs(sample).max() for sample in samples()]))
    assert exported.range_share > 0.5
    # What the file's input can hold at most, read from its own scale.
    scale, zero_point = network._interpreter.get_input_details()[0]["quantization"]
    assert scale * (127 - zero_point) > (average + widest) / 2


def test_batch_normalisation_is_folded_and_convolutions_are_int8(exported: quantize.Export) -> None:
    before_the_pool = operations(exported.path)[: operations(exported.path).index("DEQUANTIZE")]
    assert {"MUL", "ADD", "SUB"}.isdisjoint(before_the_pool)
    macs = count_macs(exported.path)
    # Three convolutions on a quarter of the picture and two heads; the pool's score alone is in float.
    assert macs.int8 == 144 * (8 * 9 + 8 * 9 + 8 * 16) + 32 * 7 + 32 * 5
    assert macs.float32 == 144 * 16


def test_weights_have_one_scale_a_channel(exported: quantize.Export) -> None:
    from ai_edge_litert import schema_py_generated as schema

    graph = schema.ModelT.InitFromPackedBuf(exported.path.read_bytes(), 0).subgraphs[0]
    scales = [len(t.quantization.scale) for t in graph.tensors if list(t.shape) == [16, 1, 1, 8]]
    assert scales == [16]


def test_a_pool_kept_in_float_is_closer_than_one_in_int8(
    trained: TwoHeads, exported: quantize.Export, tmp_path: Path
) -> None:
    whole = quantize.export(trained, EXAMPLE, ("logits", "embedding"), samples(), tmp_path / "whole.tflite")
    assert "DEQUANTIZE" not in operations(whole.path)
    assert exported.differences[0].relative_error < whole.differences[0].relative_error


@pytest.mark.parametrize(
    ("names", "given", "keep_float", "message"),
    [
        (("logits", "embedding"), [], (), "no calibration samples"),
        (("logits", "embedding"), [np.zeros((1, 1, 24, 25), np.float32)], (), r"\(1, 1, 24, 25\); the network takes"),
        (("logits", "embedding"), [np.full(SHAPE, np.nan, np.float32)], (), "NaN"),
        (("logits",), list(samples(2)), (), "returns 2 tensors for the names logits"),
        (("logits", "logits"), list(samples(2)), (), "must be there and differ"),
        (("logits", "embedding"), list(samples(2)), ("attention",), "'attention', of which nothing is left"),
    ],
)
def test_what_is_refused_leaves_no_file(
    trained: TwoHeads,
    tmp_path: Path,
    names: tuple[str, ...],
    given: list[NDArray[np.float32]],
    keep_float: tuple[str, ...],
    message: str,
) -> None:
    with pytest.raises(ModelError, match=message):
        quantize.export(trained, EXAMPLE, names, given, tmp_path / "refused.tflite", keep_float=keep_float)
    assert list(tmp_path.iterdir()) == []


def test_the_command_exports_a_checkpoint_and_refreshes_the_manifest(
    trained: TwoHeads, exported: quantize.Export, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = ModuleType("tools.train_stripes")
    vars(trainer).update(
        OUTPUT_NAMES=("logits", "embedding"),
        KEEP_FLOAT=(),
        load_checkpoint=lambda _: trained,
        calibration_samples=lambda _, seed: samples(100 + seed),
    )
    monkeypatch.setitem(sys.modules, "tools.train_stripes", trainer)
    (tmp_path / "stripes.tflite").write_bytes(exported.path.read_bytes())
    picture = ModelInput("picture", SHAPE, "NCHW", "int8", colour="grey")
    outputs = ("logits", "embedding")
    before = write_entry(
        tmp_path, Description("stripes", "1", "a test", "stripes.tflite", picture, outputs, "stripes", "none", "make")
    )
    app = typer.Typer()
    app.command()(quantize.main)
    options = ["--checkpoint", str(tmp_path), "--root", str(tmp_path), "--out", str(tmp_path), "--samples", "40"]
    result = CliRunner().invoke(app, ["stripes", *options, "--json"])
    assert result.exit_code == 0, result.output
    assert '"output": "logits"' in result.stdout
    after = load_manifest(tmp_path).entry("stripes")
    assert after.sha256 != before.sha256
    assert load_manifest(tmp_path).open_network("stripes").output_names == outputs
    unknown = CliRunner().invoke(app, ["nobody", *options])
    assert unknown.exit_code == 2
    assert "train_nobody" in unknown.stderr
