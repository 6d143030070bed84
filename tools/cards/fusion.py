"""What the fusion's card measures: the confidence of single predictions and pairs, fitted and checked on different people;
and that of states as a client receives them, while a daemon plays recordings of people whom nothing was fitted on. Host
only.

The recordings are played in real time, three minutes each; on a machine that is busy with other things fewer faces are read
a second, and the states are those of a slower device.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from ertedge.affect.confidence import Carrier
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from tools.cards.figures import shown
from tools.cards.plots import reliability, risk_coverage
from tools.cards.section import Case, Part, Picture, Section
from tools.data.recording_plan import draw_plan
from tools.evaluation import selective
from tools.evaluation.recording import play
from tools.evaluation.report import Grid
from tools.evaluation.streamed import LEAST_STATES, Streamed, ece_interval, streamed, together
from tools.evaluation.uncertainty import evaluate
from tools.fit_confidence import SECONDS
from tools.make_recording import People, make_recording

SEEDS = (30, 31)
"""Of the recordings reported on; those that were chosen on have other seeds, other faces and another voice."""
STATE_COLUMNS = ("states", "n", "coverage", "right", "confidence", "ECE", "equal mass", "AURC", "excess")


def measure(case: Case) -> Section:
    """The section. Raises ErtedgeError when data or models are missing."""
    if case.models.resolve() != default_models_dir().resolve():
        raise ConfigurationError(["--models: the daemon reads the shipped models; leave it out"])
    states = played(case.root, SEEDS)
    return Section(
        "python -m tools.card fusion --measure --root DATA", (predictions_part(case), states_part(states, case.seed))
    )


def predictions_part(case: Case) -> Part:
    """What the evaluation of uncertainty found."""
    found = evaluate(root=case.root, models=case.models, seed=case.seed)
    return Part(
        "Confidence of single predictions and pairs",
        (
            "`python -m tools.evaluate uncertainty --root DATA`. Face: FER+ Valid, calibrated on the part of FER+ Train "
            "that FaceNet's training held out. Voice: RAVDESS actor 2, calibrated on actor 1. Pairs: 100 an emotion. "
            "Temperature, least confidence and the limits of conformal sets come from the calibration side, every "
            "figure from the other. ECE has 15 bins of equal width, or of equal mass; debiased is the root mean square "
            "over bins of equal mass less what chance makes of it. AURC is the mean risk over all coverages, excess "
            "what an ideal order of the same answers would save of it.",
        ),
        found.grids,
        (),
        found.notes,
    )


def played(root: Path, seeds: Sequence[int]) -> Streamed:
    """The states of one recording a seed, of the people who are reported on."""
    found = []
    with tempfile.TemporaryDirectory(prefix="ertedge-fusion-card-") as folder:
        for seed in seeds:
            recording = Path(folder) / f"{seed}.mkv"
            labels = make_recording(root, recording, draw_plan(seed, SECONDS), seed, People.REPORT)
            states = play(recording)
            found.append(streamed(states.states, labels, states.begun_ns))
            recording.unlink()
    return together(found)


def states_part(states: Streamed, seed: int) -> Part:
    """Coverage, calibration and risk of the states, with the two plots."""
    told = {name: own for name, own in states.parts().items() if int(own.known.sum()) >= LEAST_STATES}
    drawn = {name: told[name] for name in ("all", *map(str, Carrier)) if name in told}
    claimed = {name: (own.confidence[own.known], own.right[own.known]) for name, own in drawn.items()}
    curves = {name: selective.risk_coverage(own.confidence, own.right) for name, own in drawn.items()}
    seeds = " and ".join(map(str, SEEDS))
    return Part(
        "Confidence of states as they are streamed",
        (
            f"Recordings of `python -m tools.make_recording --people report` with the seeds {seeds}, played in real time "
            "through the daemon; states as a client receives them. Faces of FER+ Valid, voice of RAVDESS actor 2. "
            "`confidence.toml` was fitted on other recordings of other people (`python -m tools.fit_confidence`). "
            "Coverage is the share of states that are shown among those that face or voice carried; right, confidence "
            "and ECE are of those shown. The interval of ECE is by drawing stretches of one feeling anew. A feeling lasts "
            "twelve seconds, and a window of speech looks three seconds back: before that a state may tell of the feeling "
            "before.",
        ),
        (Grid("", STATE_COLUMNS, tuple(state_row(name, own, seed) for name, own in told.items())),),
        (
            Picture(
                "fusion_reliability.png",
                "share of states that are right, over confidence",
                reliability(claimed, "right"),
            ),
            Picture(
                "fusion_risk.png",
                "share of states that are wrong, over coverage",
                risk_coverage({name: (curve.coverage, curve.risk) for name, curve in curves.items()}),
            ),
        ),
    )


def state_row(name: str, own: Streamed, seed: int) -> tuple[str, ...]:
    """A row of STATE_COLUMNS."""
    kept = own.take(own.known.nonzero()[0])
    curve = selective.risk_coverage(own.confidence, own.right)
    return (
        name,
        str(len(own.right)),
        shown(float(own.known.mean())),
        shown(float(kept.right.mean())),
        shown(float(kept.confidence.mean())),
        shown(selective.equal_width_error(kept.confidence, kept.right), ece_interval(kept, seed)),
        shown(selective.equal_mass_error(kept.confidence, kept.right)),
        shown(curve.area),
        shown(curve.excess),
    )
