"""The plots of the cards, as PNG in memory: small, alike, without a date, so that the same figures draw the same file. Host
only; needs matplotlib."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.cards.figures import wilson

BINS = 10
LEAST_IN_BIN = 10
COLOURS = ("#22577a", "#c8553d", "#588157", "#8d6a9f")
DPI = 90


@dataclass(frozen=True, slots=True)
class Bin:
    """A bin of confidence: its mean, and how many of its n samples are right."""

    confidence: float
    right: int
    n: int


def reliability_bins(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Bin, ...]:
    """Ten equal bins of confidence, those that hold anything."""
    bin_of = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    return tuple(
        Bin(float(confidence[bin_of == b].mean()), int(right[bin_of == b].sum()), int((bin_of == b).sum()))
        for b in range(BINS)
        if (bin_of == b).any()
    )


def reliability(curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.bool_]]], right_is: str) -> bytes:
    """The share that is right over confidence, a curve a name; bins with fewer than ten samples are left out."""
    figure = _figure(3.6, 3.2)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="#999999", linewidth=1, linestyle="--")
    for colour, (name, (confidence, right)) in zip(COLOURS, curves.items(), strict=False):
        bins = [one for one in reliability_bins(confidence, right) if one.n >= LEAST_IN_BIN]
        _line(axes, [one.confidence for one in bins], [(one.right, one.n) for one in bins], name, colour)
    axes.set(xlabel="confidence", ylabel=right_is, xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="upper left")
    return _png(figure)


def risk_coverage(curves: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]) -> bytes:
    """The share of wrong answers over coverage, a curve a name: each is coverage (n,) and risk (n,)."""
    figure = _figure(3.6, 3.2)
    axes = figure.subplots()
    for colour, (name, (coverage, risk)) in zip(COLOURS, curves.items(), strict=False):
        axes.plot(coverage, risk, color=colour, linewidth=1.5, label=name)
    axes.set(xlabel="coverage", ylabel="share wrong of what is answered", xlim=(0, 1), ylim=(0, 1))
    axes.grid(alpha=0.3)
    axes.legend(fontsize=7, loc="upper left")
    return _png(figure)


@dataclass(frozen=True, slots=True)
class Panel:
    """Shares over one condition: ``ticks`` as they are written, ``counts`` how many right of how many for each."""

    title: str
    ticks: tuple[str, ...]
    counts: tuple[tuple[int, int], ...]


def panels(shown: Sequence[Panel], share_is: str) -> bytes:
    """One small plot a condition, side by side, on the same scale of shares."""
    figure = _figure(2.0 * len(shown) + 0.6, 2.6)
    across = figure.subplots(1, len(shown), sharey=True, squeeze=False)[0]
    for axes, panel in zip(across, shown, strict=True):
        _line(axes, list(range(len(panel.ticks))), panel.counts, "", COLOURS[0])
        axes.set_xticks(range(len(panel.ticks)), panel.ticks, fontsize=6)
        axes.set_title(panel.title, fontsize=8)
        axes.set_ylim(0, 1)
        axes.grid(alpha=0.3)
    across[0].set_ylabel(share_is, fontsize=8)
    return _png(figure)


def _line(axes: Any, x: Sequence[float], counts: Sequence[tuple[int, int]], name: str, colour: str) -> None:
    """Shares with Wilson's intervals."""
    shares = [right / n for right, n in counts]
    around = [(wilson(right, n), right / n) for right, n in counts]
    # A share of none or all lies on the end of its interval, from which rounding may take it.
    reach = np.maximum([[middle - low, high - middle] for (low, high), middle in around], 0.0).reshape(-1, 2).T
    axes.errorbar(x, shares, yerr=reach, marker="o", markersize=4, capsize=2, color=colour, label=name)


def _figure(width: float, height: float) -> Any:
    """A figure of its own, without pyplot's list of open ones."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DPI, layout="tight")


def _png(figure: Any) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
