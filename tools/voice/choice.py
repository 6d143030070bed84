"""How the voice's recipe is chosen: variants of it, each trained without the validation speakers and asked about them.

Host side only; ``python -m tools.train_voice --protocol choose``. Neither the validation speakers nor actors 1 and 2 are
trained on. The network is asked in float32 about the windows of cached frames, as recorded and in three synthetic sessions
(rooms, microphones, noise), since a few hundred clips tell little.
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
from tools.evaluation.metrics import softmax, unweighted_average_recall
from tools.evaluation.report import Figure, Report
from tools.voice.batches import stream_windows
from tools.voice.training import Fitted, Recipe, fit, teachers_of
from tools.voice.work import HELD_OUT, VALIDATION, Work

DISTURBED_SESSIONS = (1, 2, 3)
LAID_OUT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Variant:
    """A recipe that is compared: on one collection or both, and taught by the networks of other variants or not."""

    recipe: Recipe
    collections: tuple[str, ...] = (ravdess.COLLECTION, nemo.COLLECTION)
    teachers: tuple[str, ...] = ()


def variants(recipe: Recipe) -> dict[str, Variant]:
    """The recipe that ships and what was tried instead of it, all but it untaught; teachers stand before their pupils."""
    laid_out = replace(recipe, disturbance=replace(recipe.disturbance, laid_out_share=LAID_OUT_SHARE))
    return {
        **{name: Variant(teacher) for name, teacher in teachers_of(recipe).items()},
        "shipped": Variant(recipe, teachers=tuple(teachers_of(recipe))),
        "half-as-long": Variant(replace(recipe, epochs=recipe.epochs // 2)),
        "twice-as-long": Variant(replace(recipe, epochs=recipe.epochs * 2)),
        "no-pitch": Variant(replace(recipe, features=COEFFICIENTS)),
        "small-batches": Variant(replace(recipe, batch=32, learning_rate=2e-3)),
        "laid-out": Variant(laid_out),
        "english": Variant(recipe, (ravdess.COLLECTION,)),
        "english-laid-out": Variant(laid_out, (ravdess.COLLECTION,)),
    }


def choose(work: Work, names: Sequence[str] = ()) -> Report:
    """Train the variants (or those named) and ask them about the validation speakers. Raises ConfigurationError for a name
    that no variant has."""
    table = variants(work.recipe)
    if unknown := [name for name in names if name not in table]:
        raise ConfigurationError([f"no variant {', '.join(unknown)}; there are {', '.join(table)}"])
    figures: list[Figure] = []
    fitted: dict[str, Fitted] = {}
    for name in names or table:
        fitted[name] = _fitted(work, table, name, work.seed)
        figures += validation_figures(work, fitted[name], name)
    note = "Float32, frames as cached, labels that the collection lacks left out; nobody asked about was trained on."
    return Report("voice, variants of the recipe on validation speakers", tuple(figures), (note,))


def _fitted(work: Work, table: dict[str, Variant], name: str, seed: int) -> Fitted:
    variant = table[name]
    speakers = work.speakers((*HELD_OUT, *VALIDATION))
    teachers = [_fitted(work, table, teacher, seed + n) for n, teacher in enumerate(variant.teachers, start=1)]
    return fit(
        work.frames,
        [speaker for speaker in speakers if speaker.split("/")[0] in variant.collections],
        variant.recipe,
        seed,
        work.out / f"choose-{name}-{seed}",
        teachers=teachers,
        machine=work.machine,
    )


def validation_figures(work: Work, fitted: Fitted, name: str) -> list[Figure]:
    """UAR over a collection's labels of validation speakers: known, strangers, and known in disturbed sessions."""
    figures = []
    for collection in (ravdess.COLLECTION, nemo.COLLECTION):
        speakers = [speaker for speaker in VALIDATION if speaker.startswith(collection)]
        asked = (("known", True, (0,)), ("stranger", False, (0,)), ("known, disturbed", True, DISTURBED_SESSIONS))
        for of, remember, sessions in asked:
            found = [_recall(work, fitted, speakers, session, remember_speaker=remember) for session in sessions]
            n = len(work.clips_of(speakers)) * len(sessions)
            figures.append(Figure("uar", float(np.mean(found)), "share", n, f"{name}: {collection}, {of}"))
    return figures


def _recall(work: Work, fitted: Fitted, speakers: Sequence[str], session: int, *, remember_speaker: bool) -> float:
    frames = [clip for clip in work.frames if clip.clip.speaker in speakers and clip.session == session]
    windows = stream_windows(frames, fitted.prior, work.seed, remember_speaker=remember_speaker)
    with torch.no_grad():
        logits = fitted.network(torch.from_numpy(np.stack([window.features for window in windows]))).numpy()
    labels = np.asarray([clip.clip.label_index for clip in frames])
    shared = np.isin(np.arange(len(NATIVE_LABELS)), labels)
    said = np.zeros((len(frames), len(NATIVE_LABELS)))
    for window, probabilities in zip(windows, softmax(logits), strict=True):
        said[window.clip] += (window.speech_share + 1e-3) * probabilities * shared
    return unweighted_average_recall(said.argmax(axis=1), labels, len(NATIVE_LABELS))
