"""The descriptive tables of a trial: flow, baseline, adherence, adverse events. Host side only.

The table of baseline characteristics has no p values: after a randomisation any difference is chance, which is what a p
value would test (CONSORT 2010, item 15).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ertedge.types.study import CharacteristicKind
from tools.trial.dataset import TrialData
from tools.trial.results import Flow, FlowArm, TableRow

Array = NDArray[np.float64]
RELATED = ("possible", "probable", "definite")


def flow(data: TrialData) -> Flow:
    """Who was asked, randomised, lost and seen."""
    asked: Counter[tuple[str, str]] = Counter()
    erased: Counter[str] = Counter()
    for row in data.tables["flow"]:
        if row["step"] == "not_enrolled":
            asked[str(row["reason"]), str(row["criterion"])] += int(float(row["count"] or 0))
        else:
            erased[str(row["arm"])] += int(float(row["count"] or 0))
    left = np.array([value is not None for value in data.column("withdraw_day")])
    seen = ~np.isnan(data.scores(data.protocol.primary, data.protocol.primary_time_point))
    arms = []
    for arm in data.protocol.arms:
        rows = data.arms == arm.name
        arms.append(
            FlowArm(
                arm=arm.name,
                title=arm.title,
                allocated=int(rows.sum()) + erased[arm.name],
                erased=erased[arm.name],
                withdrew=int((rows & left).sum()),
                lost=int((rows & ~seen).sum()),
                seen=int((rows & seen).sum()),
            )
        )
    return Flow(tuple((*key, count) for key, count in sorted(asked.items())), tuple(arms))


def baseline_rows(data: TrialData) -> tuple[TableRow, ...]:
    """Characteristics and baseline scores by group."""
    rows = [_row(data, "People", lambda who: str(int(who.sum())))]
    for each in data.protocol.characteristics:
        values = data.column(each.characteristic_id)
        if each.kind is CharacteristicKind.NUMBER:
            numbers = np.array([np.nan if value is None else float(value) for value in values])
            rows.append(_row(data, f"{each.title}, mean (SD)", _mean_sd(numbers)))
            continue
        words = np.array([str(value) for value in values])
        rows += [
            _row(data, f"{each.title}: {word.replace('_', ' ')}, n (%)", _share(words == word)) for word in each.choices
        ]
    protocol = data.protocol
    for outcome in dict.fromkeys((protocol.primary, *protocol.secondary)):
        scale = data.scale(outcome)
        scores = data.scores(outcome, protocol.baseline.name)
        rows.append(_row(data, f"{scale.title} at baseline, mean (SD)", _mean_sd(scores)))
        if outcome == protocol.primary:
            rows += [
                _row(data, f"{scale.title}: {title}, n (%)", _share((scores >= low) & (scores <= high)))
                for title, low, high in scale.bands
            ]
    rows += [
        _row(data, f"Stratum: {stratum.name.replace('_', ' ')}, n (%)", _share(data.strata == stratum.name))
        for stratum in protocol.strata
    ]
    return tuple(rows)


def adherence_rows(data: TrialData) -> tuple[TableRow, ...]:
    """What was offered and done, by group."""
    names = {
        "offered": "Activities offered",
        "unasked": "of these, unasked",
        "begun": "Activities begun",
        "completed": "Activities completed",
        "days_active": "Days with an activity",
    }
    rows = [
        _row(data, f"{title}, median (quartiles)", _quartiles(data.adherence(name))) for name, title in names.items()
    ]
    least = data.protocol.adherence_least
    completed = data.adherence("completed")
    rows.append(_row(data, f"Completed {least} activities or more, n (%)", _share(completed >= least)))
    rated, helped = data.adherence("rated"), data.adherence("helped")
    rows.append(_row(data, "Ratings of 4 or 5, of all ratings", lambda who: _of(helped[who].sum(), rated[who].sum())))
    return tuple(rows)


def event_rows(data: TrialData) -> tuple[TableRow, ...]:
    """Adverse events by group: people with one at least, then events."""
    events = data.tables["adverse_events"]
    place = {person: number for number, person in enumerate(data.people)}
    whose = np.array([place[str(row["pseudonym"])] for row in events], dtype=np.int64)
    serious = np.array([row["seriousness"] != "not_serious" for row in events], dtype=bool)
    related = np.array([row["relatedness"] in RELATED for row in events], dtype=bool)
    kinds = np.array([str(row["category"]) for row in events], dtype=np.str_)

    def people_with(chosen: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], str]:
        affected = np.zeros(len(data.people), dtype=bool)
        affected[whose[chosen]] = True
        return _share(affected)

    def events_of(chosen: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], str]:
        return lambda who: str(int(who[whose[chosen]].sum()))

    everything = np.ones(len(events), dtype=bool)
    rows = [
        _row(data, "People with any event, n (%)", people_with(everything)),
        _row(data, "People with a serious event, n (%)", people_with(serious)),
        _row(data, "People with a related event (possibly or more), n (%)", people_with(related)),
        _row(data, "Events", events_of(everything)),
        _row(data, "Serious events", events_of(serious)),
        _row(data, "Serious and related events", events_of(serious & related)),
    ]
    rows += [
        _row(data, f"Events: {kind.replace('_', ' ')}", events_of(kinds == kind))
        for kind in sorted(set(kinds.tolist()))
    ]
    return tuple(rows)


def _row(data: TrialData, label: str, cell: Callable[[NDArray[np.bool_]], str]) -> TableRow:
    return TableRow(label, tuple(cell(data.arms == arm.name) for arm in data.protocol.arms))


def _mean_sd(values: Array) -> Callable[[NDArray[np.bool_]], str]:
    def cell(who: NDArray[np.bool_]) -> str:
        known = values[who & ~np.isnan(values)]
        return f"{known.mean():.1f} ({known.std(ddof=1):.1f})" if len(known) > 1 else "-"

    return cell


def _quartiles(values: Array) -> Callable[[NDArray[np.bool_]], str]:
    def cell(who: NDArray[np.bool_]) -> str:
        if not who.any():
            return "-"
        low, middle, high = np.percentile(values[who], (25, 50, 75))
        return f"{middle:.0f} ({low:.0f} to {high:.0f})"

    return cell


def _share(chosen: NDArray[np.bool_]) -> Callable[[NDArray[np.bool_]], str]:
    return lambda who: _of(float((chosen & who).sum()), float(who.sum()))


def _of(count: float, whole: float) -> str:
    return f"{count:.0f} ({100 * count / whole:.0f}%)" if whole else "-"
