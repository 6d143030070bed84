"""The voice measured on people whom its networks never heard: folds, speaker by speaker, another language; a leaky split.

Host side only; the protocols of ``tools.train_voice`` other than the one that ships. Everything is scored through the
exported files and the device's runtime and streaming path.

The network of fold k knows neither the actors of RAVDESS's fold k nor the k-th of ``LEFT_OUT`` nEMO speakers, so that five
trainings, and a sixth for the last nEMO speaker, serve both collections. Each tested clip is heard once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import tomlkit

from ertedge.inference.manifest import load_manifest
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, speakers_of
from tools.evaluation.metrics import confusion
from tools.evaluation.report import Figure, Report
from tools.evaluation.voice import figures_of, window_calibration
from tools.voice.calibration import Said, fit_clip_temperature
from tools.voice.expert import Expert, expert_recall
from tools.voice.features import ClipFrames
from tools.voice.scoring import ClipScores, hear, score
from tools.voice.unseen import keep_unseen
from tools.voice.work import Twins, Work, exported, exported_as, head_of, over_folds

VALIDATION_FOLD, VALIDATION_NEMO = 3, "nemo/IC0"
"""The fold and the nEMO speaker that the recipe was chosen on: one network knows neither."""
RANDOM_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Fold:
    """One network of the cross-validation and the speakers whom it does not know."""

    name: str
    actors: tuple[str, ...]
    nemo: tuple[str, ...]


def cross_validation(work: Work) -> tuple[Fold, ...]:
    """The published folds of RAVDESS, each with one nEMO speaker left out as well, and one more for the last of these."""
    polish = [one for one in work.speakers() if one.startswith(nemo.COLLECTION) and one != VALIDATION_NEMO]
    if VALIDATION_NEMO in work.speakers():
        polish.insert(VALIDATION_FOLD - 1, VALIDATION_NEMO)
    folds = []
    for number in range(max(len(ravdess.FOLDS), len(polish))):
        actors = ravdess.FOLDS[number] if number < len(ravdess.FOLDS) else ()
        left_out = (tuple(ravdess.speaker_of(actor) for actor in actors), tuple(polish[number : number + 1]))
        folds.append(Fold(f"fold-{number + 1}", *left_out))
    return tuple(folds)


def network_of(work: Work, fold: Fold) -> Twins:
    """The fold's network, trained on everybody else."""
    return exported(work, fold.name, work.speakers((*fold.actors, *fold.nemo)))


def out_of_fold(work: Work) -> dict[str, Said]:
    """What each fold's int8 network said of all clips of the speakers whom it does not know, by the fold's name."""
    said: dict[str, Said] = {}
    for fold in cross_validation(work):
        path = work.out / fold.name / "said.npz"
        if not path.exists():
            int8 = network_of(work, fold).int8
            heard = hear(work.clips_of((*fold.actors, *fold.nemo)), int8, memory=work.hops)
            Said.of(heard, score(heard, int8)).write(path)
        said[fold.name] = Said.read(path)
    return said


def folds(work: Work) -> Report:
    """Cross-validate over the actors of RAVDESS, int8 and float32. Each fold's temperature is fitted on the other folds."""
    return _cross_validated(work, ravdess.COLLECTION)


def loso(work: Work) -> Report:
    """The same of nEMO, one speaker after the other; the labels that it lacks do not compete."""
    return _cross_validated(work, nemo.COLLECTION)


def _cross_validated(work: Work, collection: str) -> Report:
    english = collection == ravdess.COLLECTION
    said = out_of_fold(work)
    results: dict[str, list[ClipScores]] = {"int8": [], "float32": [], "int8, stranger": []}
    tested: list[VoiceClip] = []
    figures: list[Figure] = []
    used = [fold for fold in cross_validation(work) if (fold.actors if english else fold.nemo)]
    for fold in used:
        clips = work.clips_of(fold.actors if english else fold.nemo)
        temperature = fit_clip_temperature([one for name, one in said.items() if name != fold.name])
        made = network_of(work, fold)
        int8, float32 = (replace(model, head=head_of(temperature)) for model in (made.int8, made.float32))
        known = hear(clips, int8, memory=work.hops)
        results["int8"].append(_competing(score(known, int8), english))
        results["float32"].append(_competing(score(known, float32), english))
        alone = hear(clips, int8, remember_speaker=False, memory=work.hops)
        results["int8, stranger"].append(_competing(score(alone, int8), english))
        figures += figures_of(results["int8"][-1], f"int8, {fold.name}", NATIVE_LABELS)[:3]
        if english:
            figures.append(window_calibration(results["int8"][-1], int8, f"int8, {fold.name}"))
        figures.append(_of_expert(work, made.fitted.speakers, clips, fold.name))
        tested += clips
    keep_unseen(work.models, "folds" if english else "loso", tested, results["int8"])
    means = [over_folds(name, scores) for name, scores in results.items()]
    blind = [one for fold, one in zip(used, results["int8"], strict=True) if fold.name != f"fold-{VALIDATION_FOLD}"]
    means.append(over_folds("int8, without the validation speakers", blind))
    if english:
        _write_confusion(work.models / "voice_confusion.toml", results["int8"])
        of = "RAVDESS, mean of five folds by speaker, 8 classes, networks of the same recipe"
    else:
        of = "nEMO, each of its speakers left out once, its 6 classes, networks of the same recipe"
    work.note(means[0], of)
    title = "RAVDESS, five folds by speaker, 8 classes" if english else "nEMO, speaker by speaker, 6 classes"
    return Report(f"voice on {title}", (*(figure for part in means for figure in part), *figures))


def language(work: Work) -> Report:
    """Train on English speech only and score on Polish, among nEMO's six labels and among all eight."""
    trained = tuple(speaker for speaker in work.speakers() if speaker.startswith(ravdess.COLLECTION))
    made = exported(work, "language", trained)
    clips = tuple(clip for clip in work.clips if clip.collection == nemo.COLLECTION)
    model = replace(made.int8, head=head_of(fit_clip_temperature(list(out_of_fold(work).values()))))
    figures: list[Figure] = []
    for of, remember in (("int8", True), ("int8, stranger", False)):
        scores = score(hear(clips, model, remember_speaker=remember, memory=work.hops), model)
        if remember:
            keep_unseen(work.models, "language", clips, [scores])
        figures += figures_of(scores, f"{of}, all eight labels", NATIVE_LABELS)
        six = _competing(scores, english=False)
        figures += figures_of(six, f"{of}, nEMO's six labels", NATIVE_LABELS)
        if remember:
            work.note(figures[-4:-1], "nEMO, by a network trained on RAVDESS alone, nEMO's 6 classes")
            figures += [_of_speaker(clips, six, speaker) for speaker in speakers_of(clips)]
    figures.append(_of_expert(work, trained, clips, "nEMO's six labels"))
    return Report("voice trained on RAVDESS alone, on nEMO", tuple(figures))


def leaky(work: Work) -> Report:
    """A random fifth of RAVDESS's clips as the test: the same speakers are in training, so the figure says nothing of new
    people. Only to be set beside figures that others published this way.

    The temperature is that of the model that ships, so that no other network need be trained for this one."""
    tested, frames = random_split(work)
    fitted = work.fit("random", work.speakers(), frames)
    model = exported_as(work, "random", fitted).int8
    model = replace(model, head=head_of(load_manifest(work.models).entry("voice").temperature))
    scores = score(hear(tested, model, memory=work.hops), model)
    keep_unseen(work.models, "random", tested, [scores])
    return Report("voice on RAVDESS, random split", tuple(figures_of(scores, "int8, leaks speakers", NATIVE_LABELS)))


def random_split(work: Work) -> tuple[tuple[VoiceClip, ...], list[ClipFrames]]:
    """The clips of RAVDESS to be tested, and the frames of all the others, in every session, to be trained on."""
    random = np.random.default_rng(work.seed)
    english = [clip for clip in work.clips if clip.collection == ravdess.COLLECTION]
    tested = tuple(clip for clip in english if random.random() < RANDOM_SHARE)
    paths = {clip.path for clip in tested}
    return tested, [one for one in work.frames if one.clip.path not in paths]


def _competing(scores: ClipScores, english: bool) -> ClipScores:
    """Among all eight labels, or among those that nEMO has, their probabilities adding up to 1."""
    if english:
        return scores
    six = np.isin(NATIVE_LABELS, list(nemo.LABEL_OF.values()))
    left = np.where(six, scores.probabilities, np.float32(0.0))
    return replace(scores, probabilities=left / left.sum(axis=1, keepdims=True))


def _of_speaker(clips: Sequence[VoiceClip], scores: ClipScores, speaker: str) -> Figure:
    of = np.asarray([clip.speaker == speaker for clip in clips])
    part = replace(
        scores, probabilities=scores.probabilities[of], labels=scores.labels[of], abstained=scores.abstained[of]
    )
    return figures_of(part, f"int8, nEMO's six labels, {speaker}", NATIVE_LABELS)[0]


def _of_expert(work: Work, trained: Sequence[str], clips: Sequence[VoiceClip], of: str) -> Figure:
    """What the expert of a network reads in these clips as recorded: how much there was to learn from it."""
    expert = Expert([clip for clip in work.frames if clip.clip.speaker in trained])
    tested = [clip for clip in work.frames if clip.session == 0 and clip.clip in clips]
    value = expert_recall(expert, tested)
    return Figure("uar", value, "share", len(tested), f"the expert, which does not ship, {of}")


def _write_confusion(path: Path, scores: Sequence[ClipScores]) -> None:
    """8 x 8 counts of clips."""
    said = np.concatenate([one.probabilities for one in scores]).argmax(axis=1)
    counts = confusion(said, np.concatenate([one.labels for one in scores]), len(NATIVE_LABELS))
    document = tomlkit.document()
    document.add(tomlkit.comment("RAVDESS, five folds by speaker, int8 through the device's runtime; each clip once."))
    document.add(tomlkit.comment("Rows: the true label. Columns: the label with the highest probability. Clips."))
    document.add(tomlkit.comment("Made by: python -m tools.train_voice --protocol folds"))
    document["labels"] = list(NATIVE_LABELS)
    rows = tomlkit.array().multiline(True)
    for row in counts.tolist():
        rows.append(row)
    document["counts"] = rows
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
