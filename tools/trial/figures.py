"""The plots of a trial's report, each as SVG to stand in a page. Host side only.

Text stays text, so that it can be read out and searched for; nothing is loaded from anywhere. Of a simulated trial every
plot says SIMULATED across its middle, so that no picture of it can go round alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tools.trial.benchmarks import benchmark_of
from tools.trial.results import Comparison, TrialResult

Array = NDArray[np.float64]
COLOURS = ("#1b5e8c", "#c26a1a", "#4d7d3a", "#7a4a8c")
"""One an arm; told apart also without colour, by ``MARKERS`` and ``LINES``."""
MARKERS, LINES = ("o", "s", "^", "D"), ("-", "--", ":", "-.")
STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "ertedge",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}
WATERMARK = "SIMULATED"


def course(result: TrialResult) -> str:
    """The mean of the primary outcome over time, by group, with 95% intervals and the bands of severity."""

    def plot(axes: Axes) -> None:
        top = max(float(points[:, 3].max()) for points in result.courses.values() if len(points))
        for title, low, _ in result.scale.bands:
            if 0 < low <= top * 1.1:
                axes.axhline(low, color="#bbbbbb", linewidth=0.8)
                axes.text(
                    1.0, low, f" {title}", transform=axes.get_yaxis_transform(), va="bottom", color="#666666", size=8
                )
        for number, arm in enumerate(result.data.protocol.arms):
            points = result.courses[arm.name]
            if not len(points):
                continue
            days = points[:, 0] + 0.6 * (number - (len(result.courses) - 1) / 2)
            axes.errorbar(
                days,
                points[:, 1],
                yerr=np.stack([points[:, 1] - points[:, 2], points[:, 3] - points[:, 1]]),
                color=COLOURS[number % 4],
                marker=MARKERS[number % 4],
                linestyle=LINES[number % 4],
                capsize=3,
                label=arm.title,
            )
        axes.set_xlabel("days since enrolment")
        axes.set_ylabel(f"{result.scale.title}, mean with 95% interval")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False)

    return _svg("course", plot, simulated=result.data.simulated, size=(7.0, 4.0))


def before_after(result: TrialResult) -> str:
    """Each person's score at baseline and at the primary time point; on the line nothing has changed."""

    def plot(axes: Axes) -> None:
        data, protocol = result.data, result.data.protocol
        before = data.scores(protocol.primary, protocol.baseline.name)
        after = data.scores(protocol.primary, protocol.primary_time_point)
        axes.plot([0, result.scale.most], [0, result.scale.most], color="#999999", linewidth=0.8)
        points = result.scale.change_points
        if points is not None:
            for shift in (-points, points):
                axes.plot([0, result.scale.most], [shift, result.scale.most + shift], color="#cccccc", linewidth=0.8)
        for number, arm in enumerate(protocol.arms):
            rows = data.arms == arm.name
            axes.scatter(
                before[rows],
                after[rows] + 0.25 * number,  # scores are even numbers, and would hide each other
                s=18,
                color=COLOURS[number % 4],
                marker=MARKERS[number % 4],
                alpha=0.7,
                label=arm.title,
            )
        axes.set_xlim(-0.5, result.scale.most + 0.5)  # so that no mark at an end is cut
        axes.set_ylim(-0.5, result.scale.most + 0.5)
        axes.set_xlabel(f"{result.scale.title} at baseline")
        axes.set_ylabel(f"at {protocol.primary_time_point.replace('_', ' ')}")
        axes.legend(frameon=False)

    return _svg("scatter", plot, simulated=result.data.simulated, size=(5.0, 4.6))


def effect(result: TrialResult, comparison: Comparison) -> str:
    """g with its interval, beside what is known of digital help."""
    known = benchmark_of(result.data.protocol.primary.scale_id)

    def plot(axes: Axes) -> None:
        rows = [("this trial, adjusted", comparison.g), ("this trial, plain means", comparison.raw_g)]
        for number, (_, estimate) in enumerate(rows):
            axes.errorbar(
                [estimate.value],
                [-number],
                xerr=[[estimate.value - estimate.low], [estimate.high - estimate.value]],
                color=COLOURS[0],
                marker=MARKERS[number],
                capsize=4,
            )
        names = [name for name, _ in rows]
        if known is not None:
            axes.plot([known.g], [-len(rows)], color=COLOURS[1], marker="D", linestyle="none")
            axes.axvline(known.g, color=COLOURS[1], linewidth=0.8, linestyle="--")
            names.append(f"{known.trials} trials of apps, pooled")
        axes.axvline(0, color="#333333", linewidth=0.8)
        axes.set_yticks([-number for number in range(len(names))], names)
        axes.set_ylim(-len(names) + 0.4, 0.6)
        axes.set_xlabel("Hedges' g; right of 0 the experimental group is better off")

    return _svg(f"effect-{comparison.control}", plot, simulated=result.data.simulated, size=(7.0, 2.3))


def sensitivity(result: TrialResult, comparison: Comparison) -> str:
    """The adjusted difference under each way of taking what is missing."""

    def plot(axes: Axes) -> None:
        for number, variant in enumerate(comparison.variants):
            one = variant.difference
            axes.errorbar(
                [one.value],
                [-number],
                xerr=[[one.value - one.low], [one.high - one.value]],
                color=COLOURS[0] if number == 0 else "#555555",
                marker="D" if number == 0 else "o",
                capsize=3,
            )
        axes.axvline(0, color="#333333", linewidth=0.8)
        axes.set_yticks(
            [-number for number in range(len(comparison.variants))], [each.name for each in comparison.variants]
        )
        side = "left" if result.scale.sign < 0 else "right"
        axes.set_xlabel(f"difference in points; {side} of 0 the experimental group is better off")

    return _svg(f"sensitivity-{comparison.control}", plot, simulated=result.data.simulated, size=(7.0, 3.2))


def tipping(result: TrialResult, comparison: Comparison) -> str:
    """How much worse off the missing of the experimental group would have to be for another conclusion. Empty where nobody
    is missing."""
    found = comparison.tipping
    if found is None:
        return ""

    def plot(axes: Axes) -> None:
        axes.fill_between(found.delta, found.low, found.high, color=COLOURS[0], alpha=0.2, linewidth=0)
        axes.plot(found.delta, found.difference, color=COLOURS[0])
        axes.axhline(0, color="#333333", linewidth=0.8)
        if found.point is not None:
            axes.axvline(found.point, color=COLOURS[1], linestyle="--")
            axes.text(found.point, axes.get_ylim()[1], f" tips at {found.point:.1f}", color=COLOURS[1], va="top")
        axes.set_xlabel("points by which the missing of the experimental group are taken to be worse off")
        axes.set_ylabel("difference, 95% interval")

    return _svg(f"tipping-{comparison.control}", plot, simulated=result.data.simulated, size=(7.0, 3.0))


def activity(result: TrialResult) -> str:
    """How many activities people completed, by group."""

    def plot(axes: Axes) -> None:
        completed = result.data.adherence("completed")
        most = int(completed.max())
        width = 1 + most // 24
        edges = np.arange(0, most + 2 * width, width) - 0.5
        for number, arm in enumerate(result.data.protocol.arms):
            axes.hist(
                completed[result.data.arms == arm.name],
                bins=edges.tolist(),
                histtype="step",
                linewidth=1.6,
                color=COLOURS[number % 4],
                linestyle=LINES[number % 4],
                label=arm.title,
            )
        axes.axvline(result.data.protocol.adherence_least - 0.5, color="#999999", linewidth=0.8)
        axes.set_xlabel("activities completed; the line is what the protocol asks for")
        axes.set_ylabel("people")
        axes.legend(frameon=False)

    return _svg("activity", plot, simulated=result.data.simulated, size=(7.0, 2.8))


def _svg(name: str, plot: Callable[[Axes], None], *, simulated: bool, size: tuple[float, float]) -> str:
    """A plot as an element of a page; ``name`` keeps its ids from those of other plots."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=size)
        plot(figure.add_subplot())
        if simulated:
            look: dict[str, Any] = {"rotation": 20, "size": 34, "color": "#c0392b", "alpha": 0.16, "weight": "bold"}
            figure.text(0.5, 0.5, WATERMARK, ha="center", va="center", **look)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    # The prologue names a document type by an address, and the metadata licences; neither belongs into a page.
    text = re.sub(r"^.*?(?=<svg)", "", target.getvalue(), flags=re.DOTALL)
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    return re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
