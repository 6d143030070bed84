"""What is known of digital help for depression and anxiety, to lay a trial beside, with its source. Host side only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published pooled effect: Hedges' g, positive where it helps; ``needed`` the number needed to treat, as published."""

    scale_id: str
    what: str
    g: float
    needed: float
    people: int
    trials: int
    citation: str
    doi: str


_LINARDON = (
    "Linardon J, Torous J, Firth J, Cuijpers P, Messer M, Fuller-Tyszkiewicz M. Current evidence on the efficacy of mental"
    " health smartphone apps for symptoms of depression and anxiety. A meta-analysis of 176 randomized controlled trials."
    " World Psychiatry 2024;23(1):139-149"
)
BENCHMARKS = (
    Benchmark(
        "depression",
        "mental health apps, symptoms of depression",
        0.28,
        11.5,
        33_567,
        176,
        _LINARDON,
        "10.1002/wps.21183",
    ),
    Benchmark(
        "anxiety",
        "mental health apps, symptoms of generalized anxiety",
        0.26,
        12.4,
        22_394,
        176,
        _LINARDON,
        "10.1002/wps.21183",
    ),
)
"""``trials`` is how many the meta-analysis included in all; each outcome was measured in a part of them."""


def benchmark_of(scale_id: str) -> Benchmark | None:
    """What is known of a scale's symptoms, if anything here is."""
    return next((each for each in BENCHMARKS if each.scale_id == scale_id), None)
