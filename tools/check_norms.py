"""Whether real answers agree with the norms that reliable change rests on: coefficient alpha of the DASS's anxiety items.

    python -m tools.check_norms --root DATA [--json]

The data are 39,700 people's answers to 13 of the 14 anxiety items of the DASS-42 (``tools.data.dass``), six of the DASS-21's
seven among them. Cronbach's alpha of those six is measured with Feldt's (1965, doi 10.1007/BF02289499) 95% interval and
stepped up to seven items by Spearman and Brown, to be compared with what Henry and Crawford (2005) found in the population.
Alpha grows with how much people differ, and those who fill in a questionnaire on the internet of their own accord differ
more and are more burdened; so agreement is rough, and the least reliable change by this sample's own spread is larger. Host
side only.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from scipy import stats

from ertedge.errors import ErtedgeError
from ertedge.wellbeing.library import load_library
from ertedge.wellbeing.scoring_file import reliable_points
from tools.data.dass import load_anxiety_items

ITEMS = 7
MULTIPLIER = 2

app = typer.Typer(add_completion=False)


@dataclass(frozen=True, slots=True)
class NormCheck:
    """Measured and published figures, scores on the doubled range 0 to 42.

    ``alpha`` is of the ``items`` that are there, ``alpha_low`` and ``alpha_high`` its 95% interval, ``alpha_seven`` stepped
    up to seven. ``points`` is the least reliable change by this sample's own spread and ``alpha_seven``.
    """

    people: int
    items: int
    alpha: float
    alpha_low: float
    alpha_high: float
    alpha_seven: float
    mean: float
    sd: float
    points: float
    published_alpha: float
    published_mean: float
    published_sd: float
    published_points: float


def cronbach_alpha(answers: NDArray[np.float64]) -> float:
    """Cronbach's (1951) coefficient alpha of ``answers`` (people, items)."""
    items = answers.shape[1]
    of_sum = answers.sum(axis=1).var(ddof=1)
    return float(items / (items - 1) * (1.0 - answers.var(axis=0, ddof=1).sum() / of_sum))


def alpha_interval(alpha: float, people: int, items: int, confidence: float = 0.95) -> tuple[float, float]:
    """Feldt's interval: ``(1 - alpha) / (1 - alpha_hat)`` is distributed as F with ``people - 1`` and
    ``(people - 1) * (items - 1)`` degrees of freedom."""
    degrees = people - 1, (people - 1) * (items - 1)
    tail = (1.0 - confidence) / 2.0
    low = 1.0 - (1.0 - alpha) * float(stats.f.ppf(1.0 - tail, *degrees))
    high = 1.0 - (1.0 - alpha) * float(stats.f.ppf(tail, *degrees))
    return low, high


def stepped_up(alpha: float, items: int, wanted: int) -> float:
    """The alpha of a scale of ``wanted`` items like these, after Spearman and Brown (1910)."""
    times = wanted / items
    return times * alpha / (1.0 + (times - 1.0) * alpha)


def check(answers: NDArray[np.float64]) -> NormCheck:
    """Compare ``answers`` (people, items), each 0 to 3, with the shipped norms of the anxiety scale."""
    people, items = answers.shape
    alpha = cronbach_alpha(answers)
    low, high = alpha_interval(alpha, people, items)
    seven = stepped_up(alpha, items, ITEMS)
    scores = answers.mean(axis=1) * ITEMS * MULTIPLIER
    sd = float(scores.std(ddof=1))
    scales = load_library().get("dass21").scoring.scales
    rule = next(scale.change for scale in scales if scale.scale_id == "anxiety")
    if rule is None or rule.mean is None or rule.sd is None or rule.reliability is None:
        raise ValueError("the shipped anxiety scale has no norms")
    return NormCheck(
        people=people,
        items=items,
        alpha=alpha,
        alpha_low=low,
        alpha_high=high,
        alpha_seven=seven,
        mean=float(scores.mean()),
        sd=sd,
        points=reliable_points(sd, seven),
        published_alpha=rule.reliability,
        published_mean=rule.mean,
        published_sd=rule.sd,
        published_points=rule.points,
    )


@app.command()
def main(
    root: Annotated[Path, typer.Option(help="The folder of research data, or its dass folder.")],
    json_: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, nothing else.")] = False,
) -> None:
    """Measure the internal consistency of the DASS-21's anxiety items and compare it with the published one."""
    try:
        found = check(load_anxiety_items(root))
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    if json_:
        print(json.dumps({name: _rounded(value) for name, value in asdict(found).items()}))
        return
    interval = f"{found.alpha_low:.3f} to {found.alpha_high:.3f}"
    print(f"people {found.people}, items {found.items} of {ITEMS}")
    print(f"alpha {found.alpha:.3f} ({interval}), stepped up to {ITEMS} items {found.alpha_seven:.3f}")
    print(f"published alpha {found.published_alpha:.2f}, which stands in the reliable change")
    print(
        f"mean {found.mean:.2f}, sd {found.sd:.2f}; published {found.published_mean:.2f} and {found.published_sd:.2f}"
    )
    print(
        f"least reliable change {found.points:.1f} by this sample, {found.published_points:.1f} by the published norms"
    )


def _rounded(value: float) -> float | int:
    return value if isinstance(value, int) else round(value, 4) if math.isfinite(value) else 0.0


if __name__ == "__main__":
    app()
