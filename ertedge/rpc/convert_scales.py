"""Between scales, scores and their changes and the messages of ``ertedge.v1``, both ways. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable

from ertedge.rpc.convert import numbers, timestamp_message, timestamp_ns
from ertedge.types import RedFlag
from ertedge.types.assessments import Band, ChangeKind, ChangeRule, CutOff, Scale, ScaleChange, ScaleScore
from ertedge.v1 import assessment_pb2 as records

RED_FLAG = numbers(RedFlag, records.RedFlag, "RED_FLAG")
_RED_FLAG_OF_NUMBER = {number: word for word, number in RED_FLAG.items()}
_CHANGE = numbers(ChangeKind, records.ChangeKind, "CHANGE_KIND")
_CHANGE_OF_NUMBER = {number: word for word, number in _CHANGE.items()}


def flags_records(given: Iterable[int]) -> tuple[RedFlag, ...]:
    """Red flags as they came in; one that is not known reads as the gravest."""
    return tuple(_RED_FLAG_OF_NUMBER.get(number, RedFlag.SELF_HARM_THOUGHTS) for number in given)


def scale_message(scale: Scale) -> records.Scale:
    """A scale as it goes out."""
    change, cut_off = scale.change, scale.cut_off
    return records.Scale(
        scale_id=scale.scale_id,
        title=scale.title,
        link_ids=scale.items,
        multiplier=scale.multiplier,
        most=scale.most,
        missing_most=scale.missing_most,
        missing_source=scale.missing_source,
        higher_is_better=scale.higher_is_better,
        bands=[_band_message(band) for band in scale.bands],
        change=None
        if change is None
        else records.ChangeRule(
            points=change.points,
            source=change.source,
            mean=change.mean,
            sd=change.sd,
            reliability=change.reliability,
        ),
        cut_off=cut_off.score if cut_off else None,
        cut_off_source=cut_off.source if cut_off else "",
    )


def scale_record(message: records.Scale) -> Scale:
    """A scale as it came in."""
    return Scale(
        scale_id=message.scale_id,
        title=message.title,
        items=tuple(message.link_ids),
        multiplier=message.multiplier,
        most=message.most,
        missing_most=message.missing_most,
        missing_source=message.missing_source,
        higher_is_better=message.higher_is_better,
        bands=tuple(_band_record(band) for band in message.bands),
        change=_rule_record(message.change) if message.HasField("change") else None,
        cut_off=CutOff(message.cut_off, message.cut_off_source) if message.HasField("cut_off") else None,
    )


def scores_messages(scores: Iterable[ScaleScore]) -> list[records.ScaleScore]:
    """Scores as they go out."""
    return [
        records.ScaleScore(
            scale_id=each.scale_id,
            title=each.title,
            score=each.score,
            most=each.most,
            answered_count=each.answered,
            missing_count=each.missing,
            band=_band_message(each.band) if each.band else None,
        )
        for each in scores
    ]


def scores_records(given: Iterable[records.ScaleScore]) -> tuple[ScaleScore, ...]:
    """Scores as they came in."""
    return tuple(
        ScaleScore(
            each.scale_id,
            each.title,
            each.score if each.HasField("score") else None,
            each.most,
            each.answered_count,
            each.missing_count,
            _band_record(each.band) if each.HasField("band") else None,
        )
        for each in given
    )


def changes_messages(changes: Iterable[ScaleChange]) -> list[records.ScaleChange]:
    """Changes as they go out."""
    return [
        records.ScaleChange(
            scale_id=each.scale_id,
            before=each.before,
            after=each.after,
            before_time=timestamp_message(each.before_wall_time_ns),
            points=each.points,
            kind=_CHANGE[each.kind],  # type: ignore[arg-type]
            index=each.index,
            crossed=each.crossed,
        )
        for each in changes
    ]


def changes_records(given: Iterable[records.ScaleChange]) -> tuple[ScaleChange, ...]:
    """Changes as they came in; a kind that is not known says nothing certain."""
    return tuple(
        ScaleChange(
            each.scale_id,
            each.before,
            each.after,
            timestamp_ns(each.before_time),
            each.points,
            _CHANGE_OF_NUMBER.get(each.kind, ChangeKind.UNCERTAIN),
            each.index if each.HasField("index") else None,
            each.crossed,
        )
        for each in given
    )


def _band_message(band: Band) -> records.ScoreBand:
    return records.ScoreBand(
        band_id=band.band_id,
        low=band.low,
        high=band.high,
        title=band.title,
        words=band.words,
        red_flag=RED_FLAG[band.red_flag] if band.red_flag else 0,  # type: ignore[arg-type]
    )


def _band_record(message: records.ScoreBand) -> Band:
    flag = flags_records([message.red_flag])[0] if message.red_flag else None
    return Band(message.band_id, message.low, message.high, message.title, message.words, flag)


def _rule_record(message: records.ChangeRule) -> ChangeRule:
    return ChangeRule(
        message.points,
        message.source,
        message.mean if message.HasField("mean") else None,
        message.sd if message.HasField("sd") else None,
        message.reliability if message.HasField("reliability") else None,
    )
