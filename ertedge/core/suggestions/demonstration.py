"""How suggestions are paced when they are shown to somebody rather than lived with. Floor 2.

The demo has minutes, not days: there is no day to spread a budget over, and nobody to be left in peace at night. What is
offered, why, and how it learns are the same as ever, and so is everything about safety.
"""

from __future__ import annotations

from ertedge.config import SuggestionSettings

DEMO_SOURCE = "demo"
"""What the sensor process calls its source when it plays the demo, also where ``auto`` found nothing else."""
SYNTHETIC_SOURCES = (DEMO_SOURCE, "simulate")

SUSTAINED_SECONDS_MOST = 30.0
GAP_MINUTES_MOST = 1.0
EXPIRE_MINUTES_MOST = 5.0
UNLIMITED = 1_000_000
PURSUED_MINUTES = 2.0
"""An activity that should be over by so much was left, and the demonstration goes on."""
SPAN_SECONDS = 40.0
"""What a summary of the states looks back over: the demo's person feels something else every minute or so."""


def is_demonstration(source: str) -> bool:
    """Whether ``source`` is the demo."""
    return source == DEMO_SOURCE


def is_synthetic(source: str) -> bool:
    """Whether nobody is seen by ``source``; of ``auto`` that is not known before the sensor process says more."""
    return source.partition(":")[0] in SYNTHETIC_SOURCES


def for_demonstration(settings: SuggestionSettings) -> SuggestionSettings:
    """``settings`` for a demonstration: a state of half a minute is a reason, a minute is gap enough, an offer stands for
    five, and there are neither quiet hours nor check-ins nor budgets. Shorter spans that were configured stay."""
    return settings.model_copy(
        update={
            "sustained_seconds": min(settings.sustained_seconds, SUSTAINED_SECONDS_MOST),
            "gap_minutes": min(settings.gap_minutes, GAP_MINUTES_MOST),
            "expire_minutes": min(settings.expire_minutes, EXPIRE_MINUTES_MOST),
            "quiet_from": "00:00",
            "quiet_until": "00:00",
            "check_in_times": (),
            "daily_most": UNLIMITED,
            "daily_mean_most": float(UNLIMITED),
            "micro_randomised": False,
        }
    )
