"""Scores, bands, missing answers and red flags of the shipped questionnaires, against what was published."""

from __future__ import annotations

import pytest

from ertedge.types import RedFlag
from ertedge.wellbeing.library import Instrument
from ertedge.wellbeing.scoring import dass21_scores, red_flags_of, scores_of, values_of
from tests.wellbeing.samples import CHECK_IN, DASS, GAD, PHQ, all_at, done, filled, scores

DASS_ITEMS = {
    "depression": (3, 5, 10, 13, 16, 17, 21),
    "anxiety": (2, 4, 7, 9, 15, 19, 20),
    "stress": (1, 6, 8, 11, 12, 14, 18),
}
DASS_BANDS = {
    "depression": (0, 10, 14, 21, 28),
    "anxiety": (0, 8, 10, 15, 20),
    "stress": (0, 15, 19, 26, 34),
}
BAND_IDS = ("normal", "mild", "moderate", "severe", "extremely_severe")


def bands(instrument: Instrument, scale_id: str) -> list[tuple[str, int, int]]:
    scale = next(each for each in instrument.scoring.scales if each.scale_id == scale_id)
    return [(band.band_id, band.low, band.high) for band in scale.bands]


def flags(instrument: Instrument, values: dict[str, int]) -> tuple[RedFlag, ...]:
    """The red flags while somebody is still answering."""
    return red_flags_of(instrument.scoring, values, complete=False)


@pytest.mark.parametrize("scale_id", DASS_ITEMS)
def test_a_dass21_scale_is_twice_the_sum_of_its_own_items_and_of_no_other(scale_id: str) -> None:
    for link_id in all_at(DASS, 0):
        expected = 6 if int(link_id) in DASS_ITEMS[scale_id] else 0
        assert scores(DASS, all_at(DASS, 0) | {link_id: 3})[scale_id] == expected
    assert scores(DASS, all_at(DASS, 3))[scale_id] == 42


@pytest.mark.parametrize("scale_id", DASS_BANDS)
def test_the_bands_of_the_dass21_begin_where_the_manual_says(scale_id: str) -> None:
    lows = DASS_BANDS[scale_id]
    highs = (*(low - 1 for low in lows[1:]), 42)
    assert bands(DASS, scale_id) == list(zip(BAND_IDS, lows, highs, strict=True))


def test_every_dass21_score_is_in_the_band_that_holds_it() -> None:
    for scale_id, items in DASS_ITEMS.items():
        for total in range(22):
            values = all_at(DASS, 0) | {str(item): min(3, max(0, total - 3 * n)) for n, item in enumerate(items)}
            score = next(each for each in scores_of(DASS.scoring, values) if each.scale_id == scale_id)
            assert score.score == 2 * total
            reached = max(n for n, low in enumerate(DASS_BANDS[scale_id]) if low <= 2 * total)
            assert score.band is not None
            assert score.band.band_id == BAND_IDS[reached]


def test_the_bands_of_the_phq9_and_the_gad7_are_the_published_ones() -> None:
    assert [band[1:] for band in bands(PHQ, "depression")] == [(0, 4), (5, 9), (10, 14), (15, 19), (20, 27)]
    assert [band[0] for band in bands(PHQ, "depression")] == [
        "minimal", "mild", "moderate", "moderately_severe", "severe",
    ]  # fmt: skip
    assert bands(GAD, "anxiety") == [
        ("minimal", 0, 4), ("mild", 5, 9), ("moderate", 10, 14), ("severe", 15, 21),
    ]  # fmt: skip


def test_the_phq9_sums_nine_items_and_not_the_tenth() -> None:
    assert scores(PHQ, all_at(PHQ, 1)) == {"depression": 9}
    assert scores(PHQ, all_at(PHQ, 0) | {"10": 3}) == {"depression": 0}
    assert scores(GAD, all_at(GAD, 3)) == {"anxiety": 21}


def test_the_check_in_has_its_two_answers_and_no_bands() -> None:
    found = scores_of(CHECK_IN.scoring, {"mood": 3, "load": 1})
    assert [(each.scale_id, each.score, each.most, each.band) for each in found] == [
        ("mood", 3, 4, None), ("load", 1, 4, None),
    ]  # fmt: skip


def test_one_missing_answer_of_a_dass21_scale_stands_at_the_mean_of_the_others() -> None:
    values = {str(item): value for item, value in zip(DASS_ITEMS["depression"], (1, 1, 1, 1, 1, 0), strict=False)}
    found = {each.scale_id: each for each in scores_of(DASS.scoring, values)}
    # 5 * 2 * 7 / 6 = 11.67
    assert (found["depression"].score, found["depression"].answered, found["depression"].missing) == (12, 6, 1)
    # 15 * 2 * 7 / 6 = 35
    assert scores(DASS, {"2": 3, "4": 3, "7": 3, "9": 3, "15": 3, "19": 0})["anxiety"] == 35
    # A half goes upwards: 9 * 2 * 7 / 6 = 21
    assert scores(DASS, {"1": 3, "6": 3, "8": 3, "11": 0, "12": 0, "14": 0})["stress"] == 21


def test_with_more_missing_there_is_no_score_and_the_other_scales_have_theirs() -> None:
    values = all_at(DASS, 1)
    del values["3"], values["5"]
    found = {each.scale_id: each for each in scores_of(DASS.scoring, values)}
    assert (found["depression"].score, found["depression"].missing, found["depression"].band) == (None, 2, None)
    assert found["anxiety"].score == found["stress"].score == 14
    assert scores(DASS, {}) == {"depression": None, "anxiety": None, "stress": None}


def test_the_phq9_may_lack_two_answers_and_the_gad7_one() -> None:
    assert scores(PHQ, {str(n): 2 for n in range(1, 8)})["depression"] == 18
    assert scores(PHQ, {str(n): 2 for n in range(1, 7)})["depression"] is None
    assert scores(GAD, {str(n): 1 for n in range(1, 7)})["anxiety"] == 7
    assert scores(GAD, {str(n): 1 for n in range(1, 6)})["anxiety"] is None


@pytest.mark.parametrize("value", [1, 2, 3])
def test_that_life_was_meaningless_to_any_degree_is_a_red_flag(value: int) -> None:
    assert flags(DASS, {"21": value}) == (RedFlag.LIFE_NOT_WORTHWHILE,)
    assert flags(DASS, {"21": 0}) == ()
    assert flags(DASS, {"20": value}) == ()


@pytest.mark.parametrize("value", [1, 2, 3])
def test_thoughts_of_self_harm_on_any_day_are_a_red_flag(value: int) -> None:
    assert flags(PHQ, {"9": value}) == (RedFlag.SELF_HARM_THOUGHTS,)
    assert flags(PHQ, {"9": 0}) == ()


@pytest.mark.parametrize("scale_id", DASS_ITEMS)
def test_an_extremely_severe_band_is_a_red_flag_as_soon_as_it_is_certain(scale_id: str) -> None:
    least = DASS_BANDS[scale_id][-1] // 2
    values: dict[str, int] = {}
    for item in (str(item) for item in DASS_ITEMS[scale_id] if item != 21):
        values[item] = min(3, least - sum(values.values()))
        reached = sum(values.values()) >= least
        assert (RedFlag.EXTREMELY_SEVERE in flags(DASS, values)) is reached
        if reached:
            return
    raise AssertionError("it was never reached")


def test_a_missing_answer_stands_at_the_mean_only_once_it_is_complete() -> None:
    values = dict.fromkeys(("3", "5", "10", "13", "16", "17"), 2)  # 24 so far, 28 with the mean for the seventh
    assert flags(DASS, values) == ()
    assert red_flags_of(DASS.scoring, values, complete=True) == (RedFlag.EXTREMELY_SEVERE,)
    assert red_flags_of(DASS.scoring, values | {"21": 0}, complete=True) == ()


def test_a_score_just_below_the_gravest_band_is_no_red_flag() -> None:
    values = all_at(DASS, 0) | {"3": 3, "5": 3, "10": 3, "13": 3, "16": 1}
    assert scores(DASS, values)["depression"] == 26
    assert flags(DASS, values) == ()
    assert flags(DASS, values | {"16": 2}) == (RedFlag.EXTREMELY_SEVERE,)


def test_the_gravest_band_of_the_phq9_is_a_red_flag_and_the_gravest_flag_comes_first() -> None:
    values = all_at(PHQ, 3) | {"9": 0}
    assert flags(PHQ, values) == (RedFlag.EXTREMELY_SEVERE,)
    assert flags(PHQ, values | {"9": 1}) == (RedFlag.SELF_HARM_THOUGHTS, RedFlag.EXTREMELY_SEVERE)
    assert flags(GAD, all_at(GAD, 3)) == ()


def test_a_low_mood_is_never_taken_for_a_low_score() -> None:
    assert flags(CHECK_IN, {"mood": 0, "load": 4}) == ()


def test_values_leave_out_what_was_left_open() -> None:
    assessment = filled(DASS, {"1": 2, "2": 0})
    assert values_of(assessment, DASS.questionnaire) == {"1": 2, "2": 0}


def test_the_recommender_is_told_of_whole_dass21_scores_alone() -> None:
    whole = done(DASS, all_at(DASS, 1), now_ns=77)
    told = dass21_scores(whole, scores_of(DASS.scoring, values_of(whole, DASS.questionnaire)))
    assert told is not None
    assert (told.depression, told.anxiety, told.stress, told.wall_time_ns) == (14, 14, 14, 77)
    partly = done(DASS, {"1": 1})
    assert dass21_scores(partly, scores_of(DASS.scoring, values_of(partly, DASS.questionnaire))) is None
    other = done(PHQ, all_at(PHQ, 1))
    assert dass21_scores(other, scores_of(PHQ.scoring, values_of(other, PHQ.questionnaire))) is None
