"""What a right entry of the catalogue keeps to, beside its types: time, breath, words, cautions, evidence. Floor 1.

Each rule is a function from an entry to what is wrong with it, in sentences that say what to do; all of them are asked, so
that a writer sees everything at once. The bounds are on the careful side of what is taught in the trials that the entries
cite: no breath faster than ten a minute, never longer in than out, holds short and few.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ertedge.recommend.catalogue_file import ActivitySection, StepSection
from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityStep,
    ArousalEffect,
    Emotion,
    HealthCondition,
    StepKind,
)

SHOW_MOST = 60
"""Characters of a line of a screen."""
SPOKEN_CHARACTERS_PER_SECOND = 15.0
"""How fast a voice says a sentence at most, its pauses included."""
MINUTES_TOLERANCE_SECONDS = 20.0
"""By how much the steps may miss the minutes stated."""
STEPS_LEAST = 3
TEXT_MOST = {"title": 50, "purpose": 170, "journaling_prompt": 420}
EVIDENCE_MOST = {"note": 700, "citation": 420}

INHALE_SECONDS_MOST = 6.0
EXHALE_SECONDS_MOST = 10.0
HOLD_SECONDS_MOST = 7.0
HOLD_TOTAL_SECONDS_MOST = 120.0
BREATH_SECONDS_LEAST = 6.0
"""Ten breaths a minute; faster paces are no relaxation."""
BREATHING_TO_ANYBODY_SECONDS = 60.0
"""So long may anybody be paced; for longer, a disease of the lungs is a contra-indication."""
TENSE_SECONDS_MOST = 10.0

RAISING_AROUSAL_MOST = 0.3
"""The most arousal that an enlivening activity may be meant for."""

NEEDED_CONTRAINDICATIONS = {
    StepKind.HOLD: (HealthCondition.RESPIRATORY, HealthCondition.CARDIOVASCULAR, HealthCondition.PREGNANCY),
    StepKind.TENSE: (HealthCondition.MUSCULOSKELETAL,),
}

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SOURCE = re.compile(r"10\.\d{4,9}/\S+|https://\S+")
_YEAR = re.compile(r"\b(19|20)\d\d\b")
_UNTIDY = re.compile(r"^\s|\s$|\s\s|[^\S ]")
_BREATH = (StepKind.INHALE, StepKind.HOLD, StepKind.EXHALE)


def entry_faults(entry: ActivitySection, family: ActivityFamily) -> list[str]:
    """Everything that is wrong with ``entry``; empty where it is right."""
    return [fault for rule in _RULES for fault in rule(entry)] + list(_of_family(entry, family))


def translation_faults(original: Activity, translation: Activity) -> list[str]:
    """Where ``translation`` says something else than ``original`` in anything but words."""
    compared = {
        "version": (translation.version, original.version),
        "family": (translation.family, original.family),
        "emotions": (_listed(translation.emotions), _listed(original.emotions)),
        "arousal_least": (translation.arousal_least, original.arousal_least),
        "arousal_most": (translation.arousal_most, original.arousal_most),
        "arousal_effect": (translation.arousal_effect, original.arousal_effect),
        "minutes": (translation.minutes, original.minutes),
        "contraindications": (_listed(translation.contraindications), _listed(original.contraindications)),
        "evidence.effect_size": (translation.evidence.effect_size, original.evidence.effect_size),
        "evidence.citation": (translation.evidence.citation, original.evidence.citation),
        "evidence.source": (translation.evidence.source, original.evidence.source),
        "journaling_prompt": (_presence(translation.journaling_prompt), _presence(original.journaling_prompt)),
        "steps": (f"{len(translation.steps)} steps", f"{len(original.steps)} steps"),
    }
    faults = [
        f"{name}: is {given} here and {wanted} in {original.language}; a translation changes words only"
        for name, (given, wanted) in compared.items()
        if given != wanted
    ]
    if len(translation.steps) == len(original.steps):
        faults += _step_differences(original, translation)
    return faults


def _step_differences(original: Activity, translation: Activity) -> Iterator[str]:
    for number, (step, wanted) in enumerate(zip(translation.steps, original.steps, strict=True), start=1):
        if (step.kind, step.seconds) != (wanted.kind, wanted.seconds):
            yield (
                f"steps: number {number} is {step.kind} for {step.seconds:g} s here and {wanted.kind} for"
                f" {wanted.seconds:g} s in {original.language}; a translation changes words only"
            )


def _name(entry: ActivitySection) -> Iterator[str]:
    if not _ID.fullmatch(entry.id) or len(entry.id) > 40:
        yield f"id: {entry.id!r} is no id; use at most 40 lower-case letters and digits, words joined by hyphens"


def _texts(entry: ActivitySection) -> Iterator[str]:
    for name in ("title", "purpose"):
        if not getattr(entry, name):
            yield f"{name}: is missing"
    for name, most in TEXT_MOST.items():
        yield from _text(name, getattr(entry, name), most)


def _evidence(entry: ActivitySection) -> Iterator[str]:
    evidence = entry.evidence
    if not evidence.note:
        yield "evidence.note: is missing; say what was found, against which control"
    if not evidence.citation:
        yield "evidence.citation: is missing; give authors, year, title, journal"
    elif not _YEAR.search(evidence.citation):
        yield "evidence.citation: names no year"
    if not evidence.source:
        yield "evidence.source: is missing; give the DOI (10.…) or an https address"
    elif not _SOURCE.fullmatch(evidence.source):
        yield f"evidence.source: {evidence.source!r} is neither a DOI (10.…) nor an https address"
    for name, most in EVIDENCE_MOST.items():
        yield from _text(f"evidence.{name}", getattr(evidence, name), most)


def _steps(entry: ActivitySection) -> Iterator[str]:
    for where, step in _written_steps(entry):
        if not step.show:
            yield f"{where}.show: is missing; a screen always shows what to do"
        yield from _text(f"{where}.show", step.show, SHOW_MOST)
        yield from _text(f"{where}.say", step.say, most=None)
        fits = int(step.seconds * SPOKEN_CHARACTERS_PER_SECOND)
        if len(step.say) > fits:
            yield f"{where}.say: has {len(step.say)} characters; {step.seconds:g} s are enough to say {fits}"


def _time(entry: ActivitySection) -> Iterator[str]:
    steps = entry.flat_steps()
    if len(steps) < STEPS_LEAST:
        yield f"steps: there are {len(steps)}; an activity has at least {STEPS_LEAST}"
    seconds = sum(step.seconds for step in steps)
    if abs(seconds - entry.minutes * 60) > MINUTES_TOLERANCE_SECONDS:
        yield f"minutes: is {entry.minutes:g}, but the steps last {seconds:g} s, which is {seconds / 60:.1f} minutes"


def _feelings(entry: ActivitySection) -> Iterator[str]:
    if not entry.emotions:
        yield "emotions: there is none; name those it is for"
    if Emotion.UNKNOWN in entry.emotions:
        yield "emotions: unknown is what the device says when it abstains; name what is felt"
    for name in ("emotions", "contraindications"):
        given = getattr(entry, name)
        yield from (f"{name}: {item} stands twice" for item in sorted({i for i in given if given.count(i) > 1}))
    if entry.arousal_least > entry.arousal_most:
        yield f"arousal_least: {entry.arousal_least:g} is more than arousal_most, {entry.arousal_most:g}"
    if entry.arousal_effect is ArousalEffect.RAISES and entry.arousal_most > RAISING_AROUSAL_MOST:
        yield f"arousal_most: {entry.arousal_most:g}; what raises arousal is meant for {RAISING_AROUSAL_MOST:g} at most"


def _cautions(entry: ActivitySection) -> Iterator[str]:
    kinds = {step.kind for step in entry.flat_steps()}
    for kind, needed in NEEDED_CONTRAINDICATIONS.items():
        missing = [condition for condition in needed if condition not in entry.contraindications]
        if kind in kinds and missing:
            yield f"contraindications: a step of kind {kind} needs {_listed(missing)}"
    paced = sum(step.seconds for step in entry.flat_steps() if step.kind in _BREATH)
    if paced > BREATHING_TO_ANYBODY_SECONDS and HealthCondition.RESPIRATORY not in entry.contraindications:
        yield f"contraindications: {paced:g} s of paced breath need respiratory"


def _breath(entry: ActivitySection) -> Iterator[str]:
    steps = entry.flat_steps()
    bounds = {
        StepKind.INHALE: INHALE_SECONDS_MOST,
        StepKind.EXHALE: EXHALE_SECONDS_MOST,
        StepKind.HOLD: HOLD_SECONDS_MOST,
        StepKind.TENSE: TENSE_SECONDS_MOST,
    }
    for where, step in _written_steps(entry):
        if step.seconds > bounds.get(step.kind, step.seconds):
            yield f"{where}.seconds: {step.seconds:g} s of {step.kind}; at most {bounds[step.kind]:g} s are safe"
    held = sum(step.seconds for step in steps if step.kind is StepKind.HOLD)
    if held > HOLD_TOTAL_SECONDS_MOST:
        yield f"steps: the breath is held for {held:g} s in all; at most {HOLD_TOTAL_SECONDS_MOST:g} s are safe"
    yield from dict.fromkeys(fault for breath in _breaths(steps) for fault in _breath_faults(breath))


def _breath_faults(breath: list[ActivityStep]) -> Iterator[str]:
    inhaled, exhaled = (
        sum(step.seconds for step in breath if step.kind is kind) for kind in (StepKind.INHALE, StepKind.EXHALE)
    )
    if not inhaled:  # A first breath out, before the pace begins.
        return
    if not exhaled:
        yield "steps: a breath in is never breathed out; write an exhale after it"
        return
    if inhaled > exhaled:
        yield f"steps: a breath of {inhaled:g} s in and {exhaled:g} s out; never breathe in for longer than out"
    whole = sum(step.seconds for step in breath)
    if whole < BREATH_SECONDS_LEAST:
        yield f"steps: a breath of {whole:g} s is too fast; give it at least {BREATH_SECONDS_LEAST:g} s"


def _breaths(steps: Iterable[ActivityStep]) -> Iterator[list[ActivityStep]]:
    """The breaths that ``steps`` pace: from one inhale to the next, or to a step that paces no breath."""
    breath: list[ActivityStep] = []
    for step in steps:
        exhaled = any(earlier.kind is StepKind.EXHALE for earlier in breath)
        if breath and (step.kind not in _BREATH or (step.kind is StepKind.INHALE and exhaled)):
            yield breath
            breath = []
        if step.kind in _BREATH:
            breath.append(step)
    if breath:
        yield breath


def _writing(entry: ActivitySection) -> Iterator[str]:
    writes = any(step.kind is StepKind.WRITE for step in entry.flat_steps())
    if writes and not entry.journaling_prompt:
        yield "journaling_prompt: is missing; a step of kind write needs something to write to"
    if entry.journaling_prompt and not writes:
        yield "journaling_prompt: there is one, but no step of kind write"


def _of_family(entry: ActivitySection, family: ActivityFamily) -> Iterator[str]:
    if family is ActivityFamily.JOURNALING and not any(s.kind is StepKind.WRITE for s in entry.flat_steps()):
        yield "steps: none is of kind write, and the family is journaling"


_RULES: tuple[Callable[[ActivitySection], Iterator[str]], ...] = (
    _name,
    _texts,
    _evidence,
    _steps,
    _time,
    _feelings,
    _cautions,
    _breath,
    _writing,
)


def _written_steps(entry: ActivitySection) -> Iterator[tuple[str, StepSection]]:
    """The steps as they stand in the file, each with its place as pydantic names it."""
    for index, part in enumerate(entry.steps):
        if isinstance(part, StepSection):
            yield f"steps.{index}", part
        else:
            yield from ((f"steps.{index}.steps.{inner}", step) for inner, step in enumerate(part.steps))


def _text(where: str, text: str, most: int | None) -> Iterator[str]:
    if _UNTIDY.search(text):
        yield f"{where}: has line breaks or spaces to spare; write it as one line"
    if most is not None and len(text) > most:
        yield f"{where}: has {len(text)} characters; at most {most} fit"


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items) or "none"


def _presence(text: str) -> str:
    return "given" if text else "missing"
