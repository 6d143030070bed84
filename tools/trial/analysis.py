"""The analysis of a trial, as it would stand in a statistical analysis plan. Host side only.

**Primary.** Everybody who was randomised, in the group that they were allocated to, but those who had all of their data
erased (who are counted): the score at the primary time point by analysis of covariance, adjusted for the baseline score and
the strata of the randomisation, missing scores by multiple imputation. Everything else is beside it: other ways of taking
what is missing, those who followed the protocol, rates of reliable change, secondary outcomes with Holm's correction.

**g** divides the adjusted difference by the pooled standard deviation **at the primary time point**. That is what most of
the trials did that meta-analyses sum up, so the two can be laid side by side; and the standard deviation at baseline is made
narrower by the very criteria of severity that let people in, which would make the same difference look larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.multitest import multipletests

from ertedge.errors import ConfigurationError
from ertedge.types.study import ArmKind, OutcomeScale
from tools.trial import ancova, missing, tables
from tools.trial.dataset import ScaleFacts, TrialData
from tools.trial.effects import LEVEL, Estimate, Rate, adjusted_g, hedges_g, number_needed, pooled_sd, rate_difference
from tools.trial.missing import Scores
from tools.trial.results import Change, Comparison, Secondary, Tipping, TrialResult, Variant

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

IMPUTATIONS = 50
"""White et al. (2011, Statistics in Medicine 30, 377-399): at least as many as the per cent of people with a gap."""
TIPPING_STEPS = 41
SEEN_LEAST = 4
"""Fewer people in a group than this are no analysis."""


@dataclass(frozen=True, slots=True)
class Settings:
    """``imputations`` of each missing score, drawn from ``seed``."""

    imputations: int = IMPUTATIONS
    seed: int = 20260101


def analyse(data: TrialData, settings: Settings | None = None) -> TrialResult:
    """The whole analysis. Raises ``ConfigurationError`` where there are too few people for one."""
    settings = settings or Settings()
    protocol = data.protocol
    scale = data.scale(protocol.primary)
    try:
        comparisons = tuple(_compare(data, control, settings) for control in data.controls)
    except ValueError as error:
        raise ConfigurationError([f"cannot be analysed: {error}"]) from None
    return TrialResult(
        data=data,
        scale=scale,
        flow=tables.flow(data),
        baseline=tables.baseline_rows(data),
        comparisons=comparisons,
        courses={arm.name: _course(data, arm.name) for arm in protocol.arms},
        adherence=tables.adherence_rows(data),
        events=tables.event_rows(data),
        seed=settings.seed,
        imputations=settings.imputations,
    )


def _compare(data: TrialData, control: str, settings: Settings) -> Comparison:
    scale = data.scale(data.protocol.primary)
    scores, who = _scores(data, data.protocol.primary, control)
    seen = [int((~scores.missing & (scores.group == value)).sum()) for value in (1.0, 0.0)]
    if min(seen) < SEEN_LEAST:
        where = data.protocol.primary_time_point
        raise ValueError(f"{seen[0]} and {seen[1]} people have a score at {where}; it needs {SEEN_LEAST} in each group")
    imputed = missing.impute(scores, settings.imputations, np.random.default_rng(settings.seed))
    primary, share = _over_imputations(imputed, scores)
    raw, sd, df = _plain_g(scores, scale)
    return Comparison(
        control=control,
        primary=primary,
        missing_share=share,
        g=adjusted_g(primary.difference.times(scale.sign), sd, df),
        raw_g=raw,
        pooled_sd=sd,
        variants=_variants(data, scores, who, scale, primary),
        tipping=_tipping(imputed, scores, scale, primary) if scores.missing.any() else None,
        changes=_changes(scores, scale),
        secondary=_secondary(data, control, settings),
    )


def _scores(data: TrialData, outcome: OutcomeScale, control: str) -> tuple[Scores, Bools]:
    """An outcome of the experimental group and one control, and which of the participants they are."""
    arms = data.arms
    who = (arms == data.experimental) | (arms == control)
    last = data.protocol.primary_time_point
    names = [point.name for point in data.protocol.time_points]
    times = tuple(data.scores(outcome, name)[who] for name in names[: names.index(last) + 1])
    if np.isnan(times[0]).any():
        raise ConfigurationError([f"{int(np.isnan(times[0]).sum())} people have no baseline of {outcome}"])
    return Scores(times, (arms[who] == data.experimental).astype(np.float64), data.strata[who]), who


def _fit(post: Array, scores: Scores, rows: Bools | None = None, *, robust: bool = False) -> ancova.Ancova:
    chosen = ~np.isnan(post) if rows is None else rows & ~np.isnan(post)
    return ancova.fit(post[chosen], scores.group[chosen], scores.times[0][chosen], scores.strata[chosen], robust=robust)


def _over_imputations(imputed: Array, scores: Scores) -> tuple[ancova.Ancova, float]:
    """The analysis over all imputed data sets, by Rubin's rules; of one where nothing is missing."""
    if not scores.missing.any():
        return _fit(scores.post, scores), 0.0
    fits = ancova.each_of(imputed, scores.group, scores.times[0], scores.strata)
    difference, share = ancova.pooled(fits.differences, fits.errors, fits.df, len(scores.group))
    control, ours = (float(each) for each in fits.means.mean(axis=0))
    return ancova.Ancova(difference, fits.df, (control, ours), float(fits.residual_sd.mean())), share


def _plain_g(scores: Scores, scale: ScaleFacts) -> tuple[Estimate, float, int]:
    seen = ~scores.missing
    group, control = (scores.post[seen & (scores.group == value)] * scale.sign for value in (1.0, 0.0))
    return hedges_g(group, control), pooled_sd(group, control), len(group) + len(control) - 2


def _variants(
    data: TrialData, scores: Scores, who: Bools, scale: ScaleFacts, primary: ancova.Ancova
) -> tuple[Variant, ...]:
    seen = ~scores.missing
    change = scores.post - scores.times[0]
    followed = per_protocol(data)[who]
    per_protocol_variant: tuple[Variant, ...] = ()
    if _enough(scores, seen & followed):  # else nothing can be said of those who did, and the rest is said all the same
        what = f"stayed, and completed {data.protocol.adherence_least} activities or more where any are offered"
        per_protocol_variant = (Variant("Per protocol", _fit(scores.post, scores, followed).difference, what),)
    welch = stats.ttest_ind(
        scores.post[seen & (scores.group == 1)], scores.post[seen & (scores.group == 0)], equal_var=False
    )
    ends = welch.confidence_interval(LEVEL)
    plain = Estimate(
        float(scores.post[seen & (scores.group == 1)].mean() - scores.post[seen & (scores.group == 0)].mean()),
        float(ends.low),
        float(ends.high),
        int(seen.sum()),
        float(welch.pvalue),
    )
    return (
        Variant("Primary: multiple imputation", primary.difference, "all randomised; missing at random"),
        Variant("Complete cases", _fit(scores.post, scores).difference, "only who was seen"),
        Variant("Complete cases, HC3 errors", _fit(scores.post, scores, robust=True).difference, "unequal variances"),
        Variant(
            "Last observation carried forward",
            _fit(missing.carried_forward(scores), scores).difference,
            "who is missing stays as last seen",
        ),
        Variant(
            "Worst case",
            _fit(missing.worst_case(scores, scale.sign), scores).difference,
            "missing: worst score in the experimental group, best in the control",
        ),
        *per_protocol_variant,
        Variant("No adjustment", plain, "Welch's t of the scores at the primary time point"),
        Variant(
            "Change scores",
            ancova.fit(change[seen], scores.group[seen], np.zeros(int(seen.sum())), scores.strata[seen]).difference,
            "less precise than the analysis of covariance",
        ),
    )


def _enough(scores: Scores, kept: Bools) -> bool:
    """Whether either group has enough people among those who are kept."""
    return all(int((kept & (scores.group == value)).sum()) >= SEEN_LEAST for value in (0.0, 1.0))


def per_protocol(data: TrialData) -> Bools:
    """(n,) who followed the protocol: did not withdraw, and did enough of what their group is offered."""
    enough = data.adherence("completed") >= data.protocol.adherence_least
    waits = {arm.name for arm in data.protocol.arms if arm.kind is ArmKind.WAITING_LIST}
    stayed = np.array([value is None for value in data.column("withdraw_day")])
    return stayed & (enough | np.isin(data.arms, sorted(waits)))


def _tipping(imputed: Array, scores: Scores, scale: ScaleFacts, primary: ancova.Ancova) -> Tipping:
    """Up to half of the scale's range, in even steps."""
    deltas = np.linspace(0.0, scale.most / 2, TIPPING_STEPS)
    shifted = scores.missing & (scores.group == 1)
    found = [_over_imputations(np.where(shifted, imputed - scale.sign * each, imputed), scores)[0] for each in deltas]
    p = np.array([each.difference.p for each in found])
    differences = np.array([each.difference.value for each in found])
    was = primary.difference.p < 1 - LEVEL
    changed = ((p < 1 - LEVEL) != was) | (was & (np.sign(differences) != np.sign(primary.difference.value)))
    return Tipping(
        deltas,
        differences,
        np.array([each.difference.low for each in found]),
        np.array([each.difference.high for each in found]),
        p,
        float(deltas[changed.argmax()]) if changed.any() else None,
    )


def _changes(scores: Scores, scale: ScaleFacts) -> tuple[Change, ...]:
    """Rates of reliable improvement and worsening: of all who were randomised, where who was not seen counts as not changed,
    and of those who were seen."""
    if scale.change_points is None:
        return ()
    gain = (scores.post - scores.times[0]) * scale.sign
    least = scale.change_points
    better = gain > least if scale.strictly_more else gain >= least
    worse = -gain > least if scale.strictly_more else -gain >= least
    found: list[Change] = []
    for name, event in (("improved", better), ("worsened", worse)):
        for whom, rows in (("all randomised", np.ones(len(gain), dtype=bool)), ("those seen", ~scores.missing)):
            group, control = (
                Rate(int((event & rows & (scores.group == value)).sum()), int((rows & (scores.group == value)).sum()))
                for value in (1.0, 0.0)
            )
            difference = rate_difference(group, control)
            benefit = difference if name == "improved" else difference.times(-1.0)
            found.append(Change(f"Reliably {name}, {whom}", group, control, difference, number_needed(benefit)))
    return tuple(found)


def _secondary(data: TrialData, control: str, settings: Settings) -> tuple[Secondary, ...]:
    found: list[tuple[ScaleFacts, Estimate, Estimate]] = []
    for number, outcome in enumerate(data.protocol.secondary, start=1):
        scale = data.scale(outcome)
        scores, _ = _scores(data, outcome, control)
        if not _enough(scores, ~scores.missing):
            continue
        rng = np.random.default_rng([settings.seed, number])
        fitted, _ = _over_imputations(missing.impute(scores, settings.imputations, rng), scores)
        _, sd, df = _plain_g(scores, scale)
        found.append((scale, fitted.difference, adjusted_g(fitted.difference.times(scale.sign), sd, df)))
    corrected = holm([difference.p for _, difference, _ in found])
    return tuple(Secondary(*each, holm=p) for each, p in zip(found, corrected, strict=True))


def holm(values: Sequence[float]) -> list[float]:
    """p values corrected for their number by Holm's step-down procedure (1979), in their order."""
    return [float(each) for each in multipletests(values, method="holm")[1]] if len(values) else []


def _course(data: TrialData, arm: str) -> Array:
    """(time points, 4): day, mean of those seen, and its 95% interval."""
    rows = data.arms == arm
    found: list[tuple[float, float, float, float]] = []
    for point in data.protocol.time_points:
        seen = data.scores(data.protocol.primary, point.name)[rows]
        seen = seen[~np.isnan(seen)]
        if len(seen) < 2:
            continue
        half = float(stats.t.ppf((1 + LEVEL) / 2, len(seen) - 1) * seen.std(ddof=1) / np.sqrt(len(seen)))
        found.append((float(point.day), float(seen.mean()), float(seen.mean()) - half, float(seen.mean()) + half))
    return np.array(found).reshape(-1, 4)
