"""How the voice's recipe is chosen: variants of it, each trained without the validation speakers and asked about them.

Host side only; ``python -m tools.train_voice --protocol choose``. Neither the validation speakers nor actors 1 and 2 are
trained on. The network is asked in float32 about the windows of cached frames, as recorded and in three synthetic sessions
(rooms, microphones, noise), since a few hundred clips tell little; of these the log-loss tells more than the recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from ertedge.errors import ConfigurationError
from ertedge.perception.mfcc import COEFFICIENTS
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.metrics import fit_temperature, negative_log_likelihood, softmax, unweighted_average_recall
from tools.evaluation.report import Figure, Report
from tools.voice.batches import stream_windows
from tools.voice.expert import Expert, expert_recall
from tools.voice.training import Fitted, Recipe, fit
from tools.voice.work import HELD_OUT, VALIDATION, Work

DISTURBED_SESSIONS = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Variant:
    """A recipe that is compared: on one collection or both, with clips as recorded alone or in synthetic sessions too, and
    taught by the networks of other variants or not."""

    recipe: Recipe
    collections: tuple[str, ...] = (ravdess.COLLECTION, nemo.COLLECTION)
    teachers: tuple[str, ...] = ()
    as_recorded: bool = False


def variants(recipe: Recipe) -> dict[str, Variant]:
    """The recipe that ships and what was tried instead of it; teachers stand before their pupils."""
    disturbance = recipe.disturbance
    bare = replace(disturbance, noise=0.0, warp_most=0.0)
    return {
        "shipped": Variant(recipe),
        "untaught": Variant(replace(recipe, heard_weight=0.0, taught_share=0.0)),
        "expert-only": Variant(replace(recipe, heard_weight=0.0)),
        "hearing-only": Variant(replace(recipe, taught_share=0.0)),
        "shallow": Variant(replace(recipe, wide_blocks=1)),
        "taught-by-twins": Variant(recipe, teachers=("shipped", "shallow")),
        "half-as-long": Variant(replace(recipe, epochs=recipe.epochs // 2)),
        "twice-as-long": Variant(replace(recipe, epochs=recipe.epochs * 2)),
        "no-pitch": Variant(replace(recipe, features=COEFFICIENTS)),
        "large-batches": Variant(replace(recipe, batch=64, learning_rate=3e-3)),
        "english": Variant(recipe, (ravdess.COLLECTION,)),
        "as-recorded": Variant(recipe, as_recorded=True),
        "no-mixup": Variant(replace(recipe, mixup=0.0)),
        "no-smoothing": Variant(replace(recipe, smoothing=0.0)),
        "no-dropout": Variant(replace(recipe, dropout=0.0)),
        "no-averaging": Variant(replace(recipe, average_decay=0.0)),
        "no-masks": Variant(replace(recipe, disturbance=replace(disturbance, time_masks=0, coefficient_masks=0))),
        "no-noise": Variant(replace(recipe, disturbance=replace(disturbance, noise=0.0))),
        "no-stretching": Variant(replace(recipe, disturbance=replace(disturbance, warp_most=0.0))),
        "less-guarded": Variant(replace(recipe, dropout=0.0, smoothing=0.0, disturbance=bare)),
        "never-a-stranger": Variant(replace(recipe, disturbance=replace(disturbance, stranger_share=0.0))),
    }


def check_names(names: Sequence[str]) -> None:
    """Raises ConfigurationError for a name that no variant has."""
    table = variants(Recipe())
    if unknown := [name for name in names if name not in table]:
        raise ConfigurationError([f"no variant {', '.join(unknown)}; there are {', '.join(table)}"])


def choose(work: Work, names: Sequence[str] = ()) -> Report:
    """Train the variants (or those named) and ask them about the validation speakers."""
    table = variants(work.recipe)
    figures: list[Figure] = []
    fitted: dict[str, Fitted] = {}
    for name in names or table:
        fitted[name] = _fitted(work, table, name, work.seed)
        figures += validation_figures(work, fitted[name], name)
    figures += expert_figures(work)
    note = "Float32, frames as cached, labels that the collection lacks left out; nobody asked about was trained on."
    return Report("voice, variants of the recipe on validation speakers", tuple(figures), (note,))


def _fitted(work: Work, table: dict[str, Variant], name: str, seed: int) -> Fitted:
    variant = table[name]
    speakers = work.speakers((*HELD_OUT, *VALIDATION))
    teachers = [_fitted(work, table, teacher, seed + n) for n, teacher in enumerate(variant.teachers, start=1)]
    frames = [clip for clip in work.frames if clip.session == 0] if variant.as_recorded else work.frames
    return fit(
        frames,
        [speaker for speaker in speakers if speaker.split("/")[0] in variant.collections],
        variant.recipe,
        seed,
        work.out / f"choose-{name}-{seed}",
        teachers=teachers,
        machine=work.machine,
    )


def validation_figures(work: Work, fitted: Fitted, name: str) -> list[Figure]:
    """UAR and log-loss over a collection's labels of validation speakers: known, strangers, and known in disturbed
    sessions."""
    figures = []
    for collection in (ravdess.COLLECTION, nemo.COLLECTION):
        speakers = [speaker for speaker in VALIDATION if speaker.startswith(collection)]
        asked = (("known", True, (0,)), ("stranger", False, (0,)), ("known, disturbed", True, DISTURBED_SESSIONS))
        for of, remember, sessions in asked:
            found = [_judge(work, fitted, speakers, session, remember_speaker=remember) for session in sessions]
            n, title = len(work.clips_of(speakers)) * len(sessions), f"{name}: {collection}, {of}"
            figures.append(Figure("uar", float(np.mean([one.recall for one in found])), "share", n, title))
            figures.append(Figure("log_loss", float(np.mean([one.log_loss for one in found])), "nats", n, title))
    return figures


def expert_figures(work: Work) -> list[Figure]:
    """The same of the expert, who hears whole clips and always knows the speaker."""
    trained = work.speakers((*HELD_OUT, *VALIDATION))
    expert = Expert([clip for clip in work.frames if clip.clip.speaker in trained])
    figures = []
    for collection in (ravdess.COLLECTION, nemo.COLLECTION):
        asked = [c for c in work.frames if c.clip.speaker in VALIDATION and c.clip.collection == collection]
        for of, sessions in (("known", (0,)), ("known, disturbed", DISTURBED_SESSIONS)):
            heard = [[clip for clip in asked if clip.session == session] for session in sessions]
            found = float(np.mean([expert_recall(expert, part) for part in heard]))
            figures.append(Figure("uar", found, "share", sum(map(len, heard)), f"the expert: {collection}, {of}"))
    return figures


@dataclass(frozen=True, slots=True)
class _Judged:
    """UAR of clips, and their log-loss in nats at the temperature at which it is least."""

    recall: float
    log_loss: float


def _judge(work: Work, fitted: Fitted, speakers: Sequence[str], session: int, *, remember_speaker: bool) -> _Judged:
    frames = [clip for clip in work.frames if clip.clip.speaker in speakers and clip.session == session]
    windows = stream_windows(frames, fitted.prior, work.seed, remember_speaker=remember_speaker)
    with torch.no_grad():
        logits = fitted.network(torch.from_numpy(np.stack([window.features for window in windows]))).numpy()
    labels = np.asarray([clip.clip.label_index for clip in frames])
    shared = np.isin(np.arange(len(NATIVE_LABELS)), labels)
    said = np.full((len(frames), len(NATIVE_LABELS)), 1e-12)
    for window, probabilities in zip(windows, softmax(logits), strict=True):
        said[window.clip] += (window.speech_share + 1e-3) * probabilities * shared
    said = np.log(said / said.sum(axis=1, keepdims=True))
    return _Judged(
        unweighted_average_recall(said.argmax(axis=1), labels, len(NATIVE_LABELS)),
        negative_log_likelihood(said, labels, fit_temperature(said, labels)),
    )
