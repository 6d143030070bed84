"""Voices: what a linear machine on openSMILE's functionals reads, beside our network, by speaker.

The accuracy of ours is of where it was measured by the same protocol: what its networks said of speakers whom they never
heard, kept beside the models (``tools.voice.unseen``). On the speakers that the file that ships never heard, both are asked
here. Host side only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import load_manifest
from ertedge.perception.voice import VoiceModel
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, read_clip, speakers_of
from tools.evaluation.evidence import intervals
from tools.evaluation.metrics import unweighted_average_recall
from tools.evaluation.report import Figure, Grid
from tools.evaluation.voice import select, speakers_in
from tools.peers.comparison import MISSING, paired_difference, share, signed
from tools.peers.roster import OURS, Task
from tools.peers.rounds import ask_in_turn
from tools.peers.sounds import as_numbers
from tools.peers.svm import Described, Labels, Mask, trained_predictions
from tools.voice.scoring import hear, score
from tools.voice.unseen import unseen

FUNCTIONALS = 88
MACHINES = ("eGeMAPS + SVM", "eGeMAPS + SVM, known speaker")
COLUMNS = ("voice, UAR", OURS, *MACHINES, "clips")
NATIVE = len(NATIVE_LABELS)


def load_clips(root: Path, limit: int) -> tuple[VoiceClip, ...]:
    """RAVDESS and nEMO, at most ``limit`` clips of each speaker (all if 0)."""
    return (
        *select(ravdess.load(root), ravdess.COLLECTION, "", limit),
        *select(nemo.load(root), nemo.COLLECTION, "", limit),
    )


@dataclass(frozen=True, slots=True)
class Protocol:
    """A row: what is trained on and tested, in turns, each a fold or a speaker. ``among`` are the labels that compete, all
    if None. ``kept`` names what ours said by it."""

    name: str
    turns: tuple[tuple[Mask, Mask], ...]
    among: Labels | None
    kept: str


def protocols(data: Described) -> tuple[Protocol, ...]:
    """The published folds of RAVDESS with nEMO in every training, nEMO speaker by speaker with RAVDESS in training, and
    nEMO after RAVDESS alone. Only nEMO's six labels compete on nEMO."""
    english = np.char.startswith(data.speakers, f"{ravdess.COLLECTION}/")
    actors = [np.isin(data.speakers, [ravdess.speaker_of(actor) for actor in fold]) for fold in ravdess.FOLDS]
    polish = [data.speakers == speaker for speaker in np.unique(data.speakers[~english])]
    six = np.unique(data.labels[~english])
    return (
        Protocol(
            "RAVDESS, five folds by actor, 8 labels",
            tuple((~fold, fold) for fold in actors if fold.any()),
            None,
            "folds",
        ),
        Protocol(
            "nEMO, one speaker left out, 6 labels",
            tuple((~one, one) for one in polish),
            six,
            "loso",
        ),
        Protocol(
            "nEMO after RAVDESS alone, 6 labels",
            ((english, ~english),),
            six,
            "language",
        ),
    )


def measure(task: Task, clips: tuple[VoiceClip, ...]) -> tuple[list[Figure], Grid]:
    """UAR of the machine and of ours by each protocol, and on the speakers that the shipped file never heard. The one
    contestant of ``task`` gives the functionals. Raises ConfigurationError where what ours said is not kept."""
    data, fault = _described(task, clips)
    if data is None:
        return [], Grid("voice: UAR by speaker", ("voice, UAR", "remark"), ((MACHINES[0], fault),))
    both = dict(zip(MACHINES, (data, data.speaker_standardised()), strict=True))
    figures: list[Figure] = []
    rows: list[tuple[str, ...]] = []
    for protocol in protocols(data):
        machines = [_by_protocol(one, protocol, of, task.seed) for of, one in both.items()]
        ours = _ours(task, data, protocol)
        figures += [figure for some in (ours, *machines) for figure in some]
        tested = sum(int(test.sum()) for _, test in protocol.turns)
        rows.append((protocol.name, _cell(ours), *(_cell(one) for one in machines), str(tested)))
    more, row = _shipped(task, both)
    return figures + more, Grid("voice: UAR by speaker", COLUMNS, (*rows, row))


def _described(task: Task, clips: tuple[VoiceClip, ...]) -> tuple[Described | None, str]:
    """Every clip's functionals, or why there are none."""
    sounds = [read_clip(clip) for clip in clips]
    (outcome,) = ask_in_turn(task.commands(), sounds, as_numbers, task.folder, "eGeMAPS").values()
    if outcome.fault:
        return None, outcome.fault
    if {len(row) for row in outcome.rows} != {FUNCTIONALS}:
        return None, f"a clip has not {FUNCTIONALS} functionals"
    return Described.of(clips, np.stack(outcome.rows)), ""


def _by_protocol(data: Described, protocol: Protocol, of: str, seed: int) -> list[Figure]:
    """UAR of the machine: the mean over the turns, or of a single turn with its interval by drawing speakers anew."""
    said = [(test, trained_predictions(data, train, test, protocol.among)) for train, test in protocol.turns]
    name = f"{protocol.name}, {of}"
    if len(said) == 1:
        ((test, one),) = said
        return _with_interval(one, data.labels[test], tuple(data.speakers[test].tolist()), name, seed)
    found = [unweighted_average_recall(one, data.labels[test], NATIVE) for test, one in said]
    return [_over(found, sum(int(test.sum()) for test, _ in said), name)]


def _with_interval(said: Labels, labels: Labels, speakers: tuple[str, ...], of: str, seed: int) -> list[Figure]:
    """UAR and its interval, by drawing speakers anew where there are enough of them, else clips."""
    _, (low, high) = intervals(said, labels, NATIVE, speakers, seed)
    value = unweighted_average_recall(said, labels, NATIVE)
    found = {"uar": value, "uar_low": low, "uar_high": high}
    return [Figure(name, each, "share", len(labels), of) for name, each in found.items()]


def _over(found: list[float], n: int, of: str) -> Figure:
    spread = float(np.std(found, ddof=1)) if len(found) > 1 else None
    return Figure("uar", float(np.mean(found)), "share", n, of, spread)


def _cell(figures: list[Figure]) -> str:
    """A UAR as a row shows it, with its spread or its interval."""
    found = {figure.name: figure for figure in figures}
    if "uar" not in found:
        return MISSING
    if "uar_low" in found:
        return share(found["uar"].value, (found["uar_low"].value, found["uar_high"].value))
    spread = found["uar"].spread
    return share(found["uar"].value) + ("" if spread is None else f" ± {spread:.3f}")


def _ours(task: Task, data: Described, protocol: Protocol) -> list[Figure]:
    """Our figure by a protocol."""
    turns = [frozenset(data.speakers[test].tolist()) for _, test in protocol.turns]
    path = unseen(task.places.models, protocol.kept)
    return kept_figures(path, turns, protocol.among, f"{protocol.name}, {OURS}", task.seed)


def kept_figures(path: Path, turns: Sequence[frozenset[str]], among: Labels | None, of: str, seed: int) -> list[Figure]:
    """UAR of probabilities that networks of ours gave of speakers whom they never heard: the mean over turns of speakers,
    or of a single one with its interval. Raises ConfigurationError where the file holds no such thing."""
    try:
        with np.load(path) as kept:
            probabilities, labels = kept["probabilities"].astype(np.float64), kept["labels"].astype(np.int64)
            speakers = np.array([_speaker_of(str(name)) for name in kept["names"]])
        if probabilities.shape != (len(labels), NATIVE) or len(speakers) != len(labels):
            raise ValueError("arrays of different lengths")
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError(
            [f"holds no probabilities of clips ({error}); make it with python -m tools.train_voice"], str(path)
        ) from None
    if among is not None:
        probabilities = np.where(np.isin(np.arange(NATIVE), among), probabilities, -1.0)
    said = probabilities.argmax(axis=1).astype(np.int64)
    masks = [np.isin(speakers, list(turn)) for turn in turns]
    masks = [mask for mask in masks if mask.any()]
    if len(masks) == 1:
        (mask,) = masks
        return _with_interval(said[mask], labels[mask], tuple(speakers[mask].tolist()), of, seed)
    found = [unweighted_average_recall(said[mask], labels[mask], NATIVE) for mask in masks]
    return [_over(found, sum(int(mask.sum()) for mask in masks), of)] if found else []


def _speaker_of(name: str) -> str:
    """Whose a file is. Raises ValueError for a name that is neither RAVDESS's nor nEMO's."""
    fields = Path(name).stem.split("-")
    if len(fields) == 7:
        return ravdess.speaker_of(int(fields[6]))
    speaker, *rest = Path(name).stem.split("_")
    if len(rest) != 2:
        raise ValueError(f"{name} is no clip's name")
    return f"{nemo.COLLECTION}/{speaker}"


def _shipped(task: Task, both: dict[str, Described]) -> tuple[list[Figure], tuple[str, ...]]:
    """The file that ships and the machine, trained on the same speakers, on those that neither heard."""
    manifest = load_manifest(task.places.models)
    entry = manifest.entry("voice")
    heard = speakers_in(entry.provenance)
    data = both[MACHINES[0]]
    unseen = [speaker for speaker in speakers_of(data.clips) if speaker not in heard]
    if not unseen or not heard:
        return [], ("speakers that the shipped file never heard", *[MISSING] * 3, "0", "it heard all that are here")
    test = np.isin(data.speakers, unseen)
    labels = data.labels[test]
    model = VoiceModel.of(manifest.open_network("voice"), entry)
    clips = [clip for clip, tested in zip(data.clips, test, strict=True) if tested]
    ours = score(hear(clips, model, seed=task.seed), model).probabilities.argmax(axis=1).astype(np.int64)
    said: dict[str, Labels] = {OURS: ours}
    said |= {of: trained_predictions(one, ~test, test) for of, one in both.items()}
    row_name = f"{', '.join(unseen)}, never heard, 8 labels"
    figures: list[Figure] = []
    cells = []
    for of, one in said.items():
        made = _with_interval(one, labels, tuple(data.speakers[test].tolist()), f"{row_name}, {of}", task.seed)
        cell = _cell(made)
        if of != OURS:
            _, (less, (low, high)) = paired_difference(one, ours, labels, task.seed)
            found = {"uar_less_ours": less, "uar_less_ours_low": low, "uar_less_ours_high": high}
            made += [Figure(name, each, "share", len(labels), f"{row_name}, {of}") for name, each in found.items()]
            cell += f"; less ours {signed(less, (low, high))}"
        figures += made
        cells.append(cell)
    return figures, (row_name, *cells, str(len(labels)))
