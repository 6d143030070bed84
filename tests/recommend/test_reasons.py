"""Every reason is taken apart again, and each thing it says is looked up in the records it was made from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ertedge.recommend.reasons import reason_for
from ertedge.types import (
    Activity,
    ActivityFamily,
    Decision,
    DecisionContext,
    Emotion,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tests.recommend.worlds import activities, activity, affect, context_at, suggestion

FEELINGS = {
    "en": {Emotion.SADNESS: "sad", Emotion.ANGER: "irritated", Emotion.FEAR: "tense", Emotion.DISGUST: "put off"},
    "de": {
        Emotion.SADNESS: "traurig",
        Emotion.ANGER: "gereizt",
        Emotion.FEAR: "angespannt",
        Emotion.DISGUST: "angewidert",
    },
}
SEEN = {
    "en": {
        "looked": r"You have looked (?P<feeling>sad|irritated|tense|put off) (?P<duration>for [\w ]+)\.",
        "sounded": r"You have sounded (?P<feeling>sad|irritated|tense|put off) (?P<duration>for [\w ]+)\.",
        "both": r"You have looked and sounded (?P<feeling>sad|irritated|tense|put off) (?P<duration>for [\w ]+)\.",
        "seemed": r"You have seemed (?P<feeling>sad|irritated|tense|put off) (?P<duration>for [\w ]+)\.",
    },
    "de": {
        "looked": r"Du siehst (?P<duration>seit [\w ]+) (?P<feeling>\w+) aus\.",
        "sounded": r"Du klingst (?P<duration>seit [\w ]+) (?P<feeling>\w+)\.",
        "both": r"Du siehst (?P<duration>seit [\w ]+) (?P<feeling>\w+) aus und klingst auch so\.",
        "seemed": r"Du wirkst (?P<duration>seit [\w ]+) (?P<feeling>\w+)\.",
    },
}
MINUTES_CLAIMED = {
    "en": [
        (r"for a little while", 0, 1),
        (r"for about a minute", 1, 2),
        (r"for about (\d+) minutes", None, None),
        (r"for more than an hour", 60, 120),
        (r"for more than (\d+) hours", None, None),
    ],
    "de": [
        (r"seit einer kleinen Weile", 0, 1),
        (r"seit etwa einer Minute", 1, 2),
        (r"seit etwa (\d+) Minuten", None, None),
        (r"seit mehr als einer Stunde", 60, 120),
        (r"seit mehr als (\d+) Stunden", None, None),
    ],
}
TRIGGERS = {
    "en": {
        Trigger.REQUEST: "You asked for something.",
        Trigger.CHECK_IN: "It is time for a check-in.",
        Trigger.MICRO_RANDOMISED: "This moment was drawn by chance.",
    },
    "de": {
        Trigger.REQUEST: "Du wolltest einen Vorschlag.",
        Trigger.CHECK_IN: "Es ist Zeit, kurz nach dir zu sehen.",
        Trigger.MICRO_RANDOMISED: "Dieser Moment wurde ausgelost.",
    },
}
TITLE = "[“„](?P<title>[^”“]+)[”“]"
OWN = {
    "en": {
        "helped": TITLE + r" helped you (?P<helped>\d+) of the last (?P<rated>\d+) times that you rated it\.",
        "once": TITLE + r" helped you when you last rated it\.",
        "never": TITLE + r" has not helped you lately; this would be one more try\.",
        "done": r"You have done " + TITLE + r" before\.",
        "new": r"As far as I know, " + TITLE + r" would be new to you\.",
    },
    "de": {
        "helped": TITLE
        + r" hat dir die letzten (?P<rated>\d+) Male, die du es bewertet hast, (?P<helped>\d+) Mal geholfen\.",
        "once": TITLE + r" hat dir geholfen, als du es zuletzt bewertet hast\.",
        "never": TITLE + r" hat dir zuletzt nicht geholfen; das wäre noch ein Versuch\.",
        "done": TITLE + r" hast du schon einmal gemacht\.",
        "new": r"Soweit ich weiß, wäre " + TITLE + r" neu für dich\.",
    },
}
FAMILY = {
    "en": r"Other [\w ]+ helped you (?P<helped>\d+) of the last (?P<rated>\d+) times that you rated them\.",
    "de": (
        r"Andere [\w ]+ haben dir die letzten (?P<rated>\d+) Male, die du sie bewertet hast, (?P<helped>\d+) Mal"
        r" geholfen\."
    ),
}
CATALOGUE = activities(16)  # two of each family


class Checker:
    """Takes sentences off a reason one by one; what is left at the end was claimed without proof."""

    def __init__(
        self, reason: str, language: str, decision: Decision, offered: Activity, history: Sequence[Suggestion]
    ):
        self.rest, self.language, self.decision = reason, language, decision
        self.offered, self.history = offered, history

    def take(self, pattern: str) -> re.Match[str] | None:
        found = re.match(pattern + r"(?: |$)", self.rest)
        if found is not None:
            self.rest = self.rest[found.end() :]
        return found

    def check(self) -> None:
        self._trigger()
        self._feeling()
        assert self._own() or self.rest == "", self.rest
        if (family := self.take(FAMILY[self.language])) is not None:
            kin = {each.activity_id for each in CATALOGUE if each.family is self.offered.family}
            ratings = self._ratings(kin - {self.offered.activity_id})
            assert (int(family["helped"]), int(family["rated"])) == (sum(r > 3 for r in ratings), len(ratings))
        elif self.rest:
            assert self.rest == self.offered.purpose
        else:
            assert self._ratings({self.offered.activity_id}), "neither a record nor what it is for"

    def _trigger(self) -> None:
        for trigger, sentence in TRIGGERS[self.language].items():
            said = self.take(re.escape(sentence)) is not None
            assert said == (self.decision.trigger is trigger)

    def _feeling(self) -> None:
        summary = self.decision.context.affect
        for seen_by, pattern in SEEN[self.language].items():
            if (found := self.take(pattern)) is None:
                continue
            assert found["feeling"] == FEELINGS[self.language][summary.emotion]
            least, most = self._minutes(found["duration"])
            assert least <= summary.emotion_minutes < most
            if seen_by in ("looked", "both"):
                assert summary.face_share >= (0.5 if seen_by == "looked" else 0.25)
            if seen_by in ("sounded", "both"):
                assert summary.voice_share >= (0.5 if seen_by == "sounded" else 0.25)
            assert summary.emotion_confidence >= 0.5 or self.decision.trigger is Trigger.SUSTAINED_STATE

    def _minutes(self, duration: str) -> tuple[float, float]:
        for pattern, least, most in MINUTES_CLAIMED[self.language]:
            if (found := re.fullmatch(pattern, duration)) is None:
                continue
            if least is not None and most is not None:
                return least, most
            count = int(found[1])
            if "hour" in pattern or "Stunde" in pattern:
                return count * 60, (count + 1) * 60
            return count, count + (1 if count < 20 else 5)
        raise AssertionError(f"no duration: {duration}")

    def _own(self) -> bool:
        done = [s for s in self.history if s.activity_id == self.offered.activity_id]
        done = [s for s in done if s.status is SuggestionStatus.COMPLETED]
        ratings = self._ratings({self.offered.activity_id})
        for kind, pattern in OWN[self.language].items():
            if (found := self.take(pattern)) is None:
                continue
            assert found["title"] == self.offered.title
            if kind == "helped":
                assert (int(found["helped"]), int(found["rated"])) == (sum(r > 3 for r in ratings), len(ratings))
            expected = {
                "helped": len(ratings) > 1,
                "once": len(ratings) == 1 and ratings[0] > 3,
                "never": bool(ratings) and max(ratings) <= 3,
                "done": bool(done) and not ratings,
                "new": not done,
            }
            assert expected[kind]
            return True
        return False

    def _ratings(self, ids: set[str]) -> list[int]:
        return [
            s.helpfulness
            for s in self.history
            if s.activity_id in ids and s.status is SuggestionStatus.COMPLETED and s.helpfulness
        ]


def decision_at(context: DecisionContext, trigger: Trigger, chosen: str) -> Decision:
    return Decision(1, context, trigger, 0.5, (), chosen, None, "", "")


def random_case(rng: np.random.Generator) -> tuple[Decision, Activity, list[Suggestion]]:
    share = float(rng.uniform())
    summary = affect(
        Emotion(rng.choice([e.value for e in Emotion])),
        float(rng.exponential(30.0)),
        confidence=float(rng.uniform(0.3, 1.0)),
        face_share=share * float(rng.uniform()),
        voice_share=(1 - share) * float(rng.uniform(0.5, 1.0)),
    )
    offered = CATALOGUE[int(rng.integers(len(CATALOGUE)))]
    pool = [each.activity_id for each in CATALOGUE if each.family is offered.family or rng.random() < 0.1]
    if rng.random() < 0.5:
        pool.remove(offered.activity_id)
    history = [
        suggestion(
            i,
            float(i),
            str(rng.choice(pool)),
            status=SuggestionStatus(rng.choice([s.value for s in SuggestionStatus], p=[0.05] * 4 + [0.6, 0.1, 0.1])),
        )
        for i in range(int(rng.integers(0, 15)))
    ]
    history = [
        replace(s, helpfulness=int(rng.integers(0, 6))) if s.status is SuggestionStatus.COMPLETED else s
        for s in history
    ]
    trigger = Trigger(rng.choice([t.value for t in Trigger]))
    return decision_at(context_at(1000.0, summary), trigger, offered.activity_id), offered, history


@pytest.mark.parametrize("language", ["en", "de"])
def test_whatever_a_reason_says_the_records_hold(language: str) -> None:
    rng = np.random.default_rng(11)
    said = set()
    for _ in range(400):
        decision, offered, history = random_case(rng)
        reason = reason_for(decision, offered, history, CATALOGUE, language)
        Checker(reason, language, decision, offered, history).check()
        said |= {kind for kind, pattern in OWN[language].items() if re.search(pattern, reason)}
        said |= {kind for kind, pattern in SEEN[language].items() if re.search(pattern, reason)}
        said |= {"family"} if re.search(FAMILY[language], reason) else set()
    assert said == {*OWN[language], *SEEN[language], "family"}


def test_the_checker_finds_a_lie() -> None:
    decision, offered = decision_at(context_at(1000.0), Trigger.REQUEST, "activity-00"), CATALOGUE[0]
    new = f"As far as I know, “{offered.title}” would be new to you."
    for lie in (
        f"“{offered.title}” helped you 3 of the last 4 times that you rated it.",
        f"You have looked sad for about 12 minutes. {new} {offered.purpose}",
        f"{new} It works for everybody.",
    ):
        with pytest.raises((AssertionError, KeyError)):
            Checker(f"You asked for something. {lie}", "en", decision, offered, []).check()
    Checker(f"You asked for something. {new} {offered.purpose}", "en", decision, offered, []).check()


def test_what_is_forgotten_makes_no_reason_untrue() -> None:
    """Said from the newest suggestions only, every sentence holds for all of them as well."""
    rng = np.random.default_rng(17)
    for _ in range(200):
        decision, offered, history = random_case(rng)
        known = history[int(rng.integers(len(history) + 1)) :]
        reason = reason_for(decision, offered, known, CATALOGUE)
        ratings = [s.helpfulness for s in history if s.activity_id == offered.activity_id and s.helpfulness]
        if (found := re.search(OWN["en"]["helped"], reason)) is not None:
            last = ratings[-int(found["rated"]) :]
            assert (len(last), sum(r > 3 for r in last)) == (int(found["rated"]), int(found["helped"]))
        if re.search(OWN["en"]["once"], reason):
            assert ratings[-1] > 3
        if re.search(OWN["en"]["never"], reason):
            assert ratings[-1] <= 3


def test_a_reason_as_a_person_reads_it() -> None:
    breathing = replace(activity("breathing"), title="Slow breathing")
    tense = affect(Emotion.FEAR, 12.4, voice_share=0.8)
    decision = decision_at(context_at(1000.0, tense), Trigger.SUSTAINED_STATE, "breathing")
    history = [suggestion(i, float(i), "breathing", helpfulness=rating) for i, rating in enumerate((4, 5, 2, 5, 0))]
    reason = reason_for(decision, breathing, history, [breathing])
    assert reason == (
        "You have sounded tense for about 12 minutes. “Slow breathing” helped you 3 of the last 4 times that you rated it."
    )
    assert reason_for(decision, breathing, [], [breathing], "de") == (
        "Du klingst seit etwa 12 Minuten angespannt. Soweit ich weiß, wäre „Slow breathing“ neu für dich. To be calmer."
    )


def test_a_language_without_phrases_is_answered_in_english() -> None:
    decision = decision_at(context_at(1000.0), Trigger.REQUEST, "activity-00")
    reasons = [reason_for(decision, CATALOGUE[0], [], CATALOGUE, language) for language in ("en", "xx")]
    assert reasons[0] == reasons[1]


def test_no_reason_names_an_illness_or_says_what_somebody_is() -> None:
    rng = np.random.default_rng(5)
    for _ in range(200):
        decision, offered, history = random_case(rng)
        for language in ("en", "de"):
            reason = reason_for(decision, offered, history, CATALOGUE, language).lower()
            assert not re.search(r"depress|anxiet|angststör|disorder|störung|symptom|diagnos|you are |du bist ", reason)


def test_every_family_has_a_name_in_every_language() -> None:
    for family in ActivityFamily:
        own, other = activity("own", family), activity("other", family)
        history = [suggestion(i, float(i), "other", helpfulness=5) for i in range(2)]
        decision = decision_at(context_at(1000.0), Trigger.REQUEST, "own")
        for language in ("en", "de"):
            assert re.search(FAMILY[language], reason_for(decision, own, history, [own, other], language))
