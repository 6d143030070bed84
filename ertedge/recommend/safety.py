"""The rules that stand before every suggestion and that no model can override. Floor 1; imports only words.

A rule looks at one activity in the present circumstances and answers with a sentence that says why it must not be suggested
now, or with nothing. An activity may be suggested when no rule speaks. There is one function a rule, in the order of
``RULES``, and nothing else decides: the recommender ranks only what is left, and a person who asks for a suggestion gets no
other. What is not known excludes nothing here, since a notice (``safety_watch``) watches over what is seen for longer.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ertedge.types import Activity, ActivityFamily, AffectSummary, ArousalEffect, Emotion, HealthCondition

HIGH_AROUSAL = 0.30
"""Mean arousal from here on is high: half of where fear and anger stand on the circumplex (0.60, 0.59)."""
AROUSAL_SLACK = 0.30
"""How far arousal may lie outside an activity's range; the range is a clinician's estimate and so is the arousal."""
DISTRESS_VALENCE = -0.35
"""Mean valence up to here is strongly negative: a reading of sadness, fear or anger of about 0.55 (each is near -0.6)."""
DISTRESS_CONFIDENCE = 0.5
DISTRESS_MINUTES = 10.0
DISTRESS_EMOTIONS = frozenset({Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER})
KNOWN_SHARE_LEAST = 0.1
"""Under this share of known states a summary says nothing of arousal."""
WIND_DOWN_MINUTES = 60.0
"""Before quiet hours nothing that enlivens: the hour before bed, as sleep hygiene has it (Irish et al. 2015, doi
10.1016/j.smrv.2014.10.001)."""
EVENING_MINUTES = 180.0
"""What is for falling asleep is suggested from so long before quiet hours until their end."""
MINUTES_A_DAY = 1440

_EXPOSING = frozenset({HealthCondition.TRAUMA, HealthCondition.DISSOCIATION, HealthCondition.BEREAVEMENT})
_HEAVY_FAMILIES = frozenset({ActivityFamily.REFRAMING, ActivityFamily.PROBLEM_SOLVING})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules know. ``conditions`` are those of the person's safety plan and of the configuration together;
    ``minutes_until_quiet`` is 0 within quiet hours and None where they do not matter."""

    affect: AffectSummary
    conditions: frozenset[HealthCondition] = frozenset()
    reviewed_only: bool = False
    notice_open: bool = False
    minutes_until_quiet: float | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Why an activity must not be suggested now: the name of the rule, and its sentence."""

    activity_id: str
    rule: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The activities that may be suggested, in the order given, and why each of the others may not."""

    allowed: tuple[Activity, ...]
    excluded: tuple[Exclusion, ...]


def eligible(
    activities: Sequence[Activity],
    affect: AffectSummary,
    conditions: Collection[HealthCondition],
    *,
    reviewed_only: bool,
    notice_open: bool = False,
    minutes_until_quiet: float | None = None,
) -> tuple[Activity, ...]:
    """Those of ``activities`` that may be suggested now, in their order."""
    circumstances = Circumstances(affect, frozenset(conditions), reviewed_only, notice_open, minutes_until_quiet)
    return judge(activities, circumstances).allowed


def judge(activities: Sequence[Activity], circumstances: Circumstances) -> Judgement:
    """Put every activity before every rule."""
    excluded = tuple(
        Exclusion(activity.activity_id, rule.__name__, sentence)
        for activity in activities
        for rule in RULES
        if (sentence := rule(activity, circumstances))
    )
    shut_out = {exclusion.activity_id for exclusion in excluded}
    return Judgement(tuple(a for a in activities if a.activity_id not in shut_out), excluded)


def gives_way_to_a_notice(_activity: Activity, circumstances: Circumstances) -> str:
    """While a safety notice is open nothing is suggested: an exercise offered to a person in crisis says that nobody has
    heard, and stands between them and help."""
    return "a safety notice is open, and help comes first" if circumstances.notice_open else ""


def is_not_contraindicated(activity: Activity, circumstances: Circumstances) -> str:
    """What an activity may be unfit for is in its entry, and a person names their conditions in the safety plan or the
    configuration. One in common is enough: breath holds with a heart disease, tensing with an injury, and imagery or
    inward attention with trauma or psychosis can do harm."""
    common = sorted(circumstances.conditions.intersection(activity.contraindications))
    return f"it may be unfit for {', '.join(common).replace('_', ' ')}" if common else ""


def is_reviewed_where_that_is_asked(activity: Activity, circumstances: Circumstances) -> str:
    """A device set to reviewed activities only suggests none whose present content nobody has signed off."""
    unreviewed = circumstances.reviewed_only and not activity.reviews
    return "nobody has signed off its content, and only reviewed activities may be suggested" if unreviewed else ""


def raises_no_arousal_that_is_high(activity: Activity, circumstances: Circumstances) -> str:
    """What enlivens makes a person who is already tense more so; at high arousal what lowers it comes first."""
    affect = circumstances.affect
    if _arousal_known(affect) and affect.arousal >= HIGH_AROUSAL and activity.arousal_effect is ArousalEffect.RAISES:
        return "it enlivens, and arousal is high already"
    return ""


def suits_the_arousal(activity: Activity, circumstances: Circumstances) -> str:
    """An activity is made for a range of arousal. Far outside of it, it is at best useless: winding down to sleep in a
    panic, or calming breaths for somebody who is numb."""
    affect = circumstances.affect
    if not _arousal_known(affect):
        return ""
    if affect.arousal > activity.arousal_most + AROUSAL_SLACK:
        return "arousal is far above what it is made for"
    if affect.arousal < activity.arousal_least - AROUSAL_SLACK:
        return "arousal is far below what it is made for"
    return ""


def exposes_nobody_in_distress(activity: Activity, circumstances: Circumstances) -> str:
    """Writing or imagining what hurts raises distress before it helps (Pennebaker and Beall 1986, doi
    10.1037/0021-843X.95.3.274: more negative mood just after writing about trauma), so not while distress is high and
    lasts. Such activities name trauma, dissociation or bereavement among what they may be unfit for."""
    if is_distressed(circumstances.affect) and _EXPOSING.intersection(activity.contraindications):
        return "it can stir up what hurts, and distress has been high for a while"
    return ""


def asks_no_hard_thinking_in_aroused_distress(activity: Activity, circumstances: Circumstances) -> str:
    """Under strong, uncontrolled stress working memory and flexible thought fail first (Arnsten 2009, doi
    10.1038/nrn2648), and a thought record that cannot be done is one more failure. Calming comes before reframing."""
    affect = circumstances.affect
    if is_distressed(affect) and affect.arousal >= HIGH_AROUSAL and activity.family in _HEAVY_FAMILIES:
        return "it asks for clear thinking, which strong distress takes away; calming comes first"
    return ""


def enlivens_nobody_before_quiet_hours(activity: Activity, circumstances: Circumstances) -> str:
    """Quiet hours are for rest. What enlivens in the hour before them, or on request within them, costs sleep."""
    minutes = circumstances.minutes_until_quiet
    late = minutes is not None and minutes <= WIND_DOWN_MINUTES
    return "it enlivens, and it is late" if late and activity.arousal_effect is ArousalEffect.RAISES else ""


def keeps_sleep_for_the_evening(activity: Activity, circumstances: Circumstances) -> str:
    """What helps to fall asleep is out of place by day: dozing then takes from the sleep of the night, which is why stimulus
    control, a treatment that guidelines suggest, keeps sleep to it (Edinger et al. 2021, doi 10.5664/jcsm.8986)."""
    minutes = circumstances.minutes_until_quiet
    by_day = minutes is not None and EVENING_MINUTES < minutes < float("inf")
    return (
        "it is for falling asleep, and the evening is far" if by_day and activity.family is ActivityFamily.SLEEP else ""
    )


Rule = Callable[[Activity, Circumstances], str]

RULES: tuple[Rule, ...] = (
    gives_way_to_a_notice,
    is_not_contraindicated,
    is_reviewed_where_that_is_asked,
    raises_no_arousal_that_is_high,
    suits_the_arousal,
    exposes_nobody_in_distress,
    asks_no_hard_thinking_in_aroused_distress,
    enlivens_nobody_before_quiet_hours,
    keeps_sleep_for_the_evening,
)


def is_distressed(affect: AffectSummary) -> bool:
    """Whether sadness, fear or anger has led for ``DISTRESS_MINUTES``, confidently and with strongly negative valence."""
    return (
        affect.emotion in DISTRESS_EMOTIONS
        and affect.emotion_minutes >= DISTRESS_MINUTES
        and affect.valence <= DISTRESS_VALENCE
        and affect.confidence >= DISTRESS_CONFIDENCE
    )


def minutes_until_quiet(hour: float, quiet_from: str, quiet_until: str) -> float:
    """Minutes from the local time of day ``hour``, in [0, 24), until quiet hours ("HH:MM" to "HH:MM") begin; 0 within
    them. Where both ends are the same there are none, and the answer is infinite."""
    now, begin, end = hour * 60.0, _minutes(quiet_from), _minutes(quiet_until)
    if begin == end:
        return float("inf")
    if (now - begin) % MINUTES_A_DAY < (end - begin) % MINUTES_A_DAY:
        return 0.0
    return (begin - now) % MINUTES_A_DAY


def _minutes(clock_time: str) -> int:
    hours, minutes = clock_time.split(":")
    return int(hours) * 60 + int(minutes)


def _arousal_known(affect: AffectSummary) -> bool:
    return affect.minutes > 0 and affect.known_share >= KNOWN_SHARE_LEAST
