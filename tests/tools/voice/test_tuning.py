"""Tuning the voice: every shape fits the device, and trainings differ by what is tuned alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer import Typer
from typer.testing import CliRunner

from ertedge.perception.speech_windows import WINDOW_FRAMES

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")

from tests.tools.voice.small_work import speaking, work_of  # noqa: E402
from tools.tune_voice import SPACE, WIDTHS, Trials, main, recipe_of, usual  # noqa: E402
from tools.voice.network import VoiceNetwork  # noqa: E402
from tools.voice.training import Recipe  # noqa: E402

MOST_MACS = 30_000_000


def multiply_accumulates(network: VoiceNetwork) -> int:
    """Of one window: every weight of a layer counts once for each place of the layer's output."""
    counted: list[int] = []

    def count(layer: Any, _: Any, output: Any) -> None:
        if isinstance(layer, torch.nn.Conv2d | torch.nn.Linear):
            counted.append(layer.weight.numel() * output.numel() // layer.weight.shape[0])

    for layer in network.modules():
        layer.register_forward_hook(count)
    network.eval()(torch.zeros(1, WINDOW_FRAMES, network.features))
    return sum(counted)


@pytest.mark.parametrize("blocks", WIDTHS)
def test_every_shape_is_the_widest_that_the_device_has_time_for(blocks: int) -> None:
    assert multiply_accumulates(VoiceNetwork(WIDTHS[blocks], blocks)) <= MOST_MACS
    assert multiply_accumulates(VoiceNetwork(WIDTHS[blocks] + 3, blocks)) > MOST_MACS


def test_the_recipe_in_use_lies_in_the_space() -> None:
    recipe = Recipe()
    start = usual(recipe)
    decoded = SPACE.decode(SPACE.encode(start))
    assert {name: pytest.approx(value) for name, value in decoded.items()} == start
    assert recipe_of(recipe, start, recipe.epochs) == recipe


def test_trainings_differ_by_what_is_tuned(tmp_path: Path) -> None:
    work = work_of(("ravdess/03", "ravdess/10", "nemo/EB0", "nemo/IC0"), tmp_path)
    work = replace(work, frames=speaking(work))
    trials, start = Trials(work), usual(work.recipe) | {"wide_blocks": 4}
    loss = trials.loss(start, 2)
    assert loss == trials.loss(start, 2)
    assert loss != trials.loss(start | {"heard_weight": 20.0}, 2)
    assert loss != trials.loss(start | {"wide_blocks": 3}, 2)


def test_missing_clips_are_told(tmp_path: Path) -> None:
    app = Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--root", str(tmp_path), "--out", str(tmp_path / "run")])
    assert result.exit_code == 1
    assert "ravdess" in result.output
