"""A trial's analysis as one HTML page that loads nothing: text, tables, plots and their sources. Host side only.

The page is written for somebody who must decide something by it, so the limits stand where the figures stand. Of a simulated
trial the page says SIMULATED at the top, on every printed page, in the title and on every plot.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

from ertedge import __version__
from tools.trial import figures
from tools.trial.analysis import IMPUTATIONS
from tools.trial.benchmarks import benchmark_of
from tools.trial.effects import Estimate, Rate
from tools.trial.flow_chart import flow_chart
from tools.trial.results import Comparison, TableRow, TrialResult

CSS = """
body { font: 16px/1.5 system-ui, sans-serif; color: #222; max-width: 54rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.5rem; border-bottom: 1px solid #ccc; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; } caption { text-align: left; font-weight: 600; }
th, td { text-align: left; padding: .25rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
figure { margin: 1.5rem 0; } figure svg { max-width: 100%; height: auto; }
figcaption, .small { color: #555; font-size: .9rem; }
.result { background: #f3f6f9; padding: 1rem 1.2rem; border-left: 4px solid #1b5e8c; }
.simulated { background: #c0392b; color: #fff; font-weight: 700; text-align: center; padding: .5rem; }
.simulated.band { position: sticky; top: 0; }
@media print { .simulated.band { position: fixed; top: 0; left: 0; right: 0; -webkit-print-color-adjust: exact;
print-color-adjust: exact; } body { margin-top: 3rem; } h2 { break-after: avoid; } figure, table { break-inside: avoid; } }
"""
SIMULATED = "SIMULATED: these people are not real, and the effect is an assumption that was put in."


def page(result: TrialResult, notes: Sequence[str] = ()) -> str:
    """The whole page. ``notes`` are sentences about where the data come from: the first stands for itself, the rest, a
    simulation's assumptions, say, are a list that can be opened."""
    data = result.data
    simulated = data.simulated
    title = f"{'SIMULATED: ' if simulated else ''}{data.protocol.title}"
    parts = [
        f'<p class="simulated band">{html.escape(SIMULATED)}</p>' if simulated else "",
        f"<h1>{html.escape(title)}</h1>",
        f'<p class="small">Study {html.escape(data.protocol.study_id)}, protocol version {data.protocol.version}, SHA-256'
        f" {data.protocol.digest}. {_plural(data.devices, 'export')} of ertedge, analysed by {html.escape(__version__)}"
        f" with {result.imputations} imputations, seed {result.seed}.</p>",
        _notes(notes),
        _flow(result),
        _baseline(result),
        _figure(
            figures.course(result), "Means of those who were seen; the analysis below is of all who were randomised."
        ),
        _figure(figures.before_after(result), "Outside of the grey lines a change is more than measurement error."),
        *(part for comparison in result.comparisons for part in _comparison(result, comparison)),
        _adherence(result),
        _events(result),
        _method(result),
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{CSS}</style></head>\n<body>\n'
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def _notes(notes: Sequence[str]) -> str:
    first, rest = notes[:1], notes[1:]
    items = "".join(f"<li>{html.escape(note)}</li>" for note in rest)
    listed = f'<details class="small"><summary>What was assumed ({len(rest)})</summary><ul>{items}</ul></details>'
    return "".join(f"<p>{html.escape(note)}</p>" for note in first) + (listed if rest else "")


def _flow(result: TrialResult) -> str:
    flow = result.flow
    reasons = "; ".join(
        f"{reason.replace('_', ' ')}{f' ({criterion})' if criterion else ''}: {people}"
        for reason, criterion, people in flow.not_enrolled
    )
    caption = (
        f"{flow.assessed} people were asked, {flow.randomised} randomised. Not enrolled: {reasons or 'nobody'}. Erased means"
        " that somebody left and had all of their data removed, as they may; they were randomised and are in no analysis."
    )
    return "<h2>Who took part</h2>" + _figure(
        flow_chart(flow, result.data.protocol.primary_time_point, result.data.simulated), caption
    )


def _baseline(result: TrialResult) -> str:
    note = "No p values: after a randomisation any difference here is chance. Scores are adjusted for in the analysis."
    return "<h2>Baseline</h2>" + _arm_table(result, result.baseline) + f'<p class="small">{note}</p>'


def _comparison(result: TrialResult, comparison: Comparison) -> Iterable[str]:
    titles = {arm.name: arm.title for arm in result.data.protocol.arms}
    ours, theirs = titles[result.data.experimental], titles[comparison.control]
    yield f"<h2>Primary outcome: {html.escape(ours)} against {html.escape(theirs)}</h2>"
    yield _summary(result, comparison)
    yield _beside(result, comparison)
    yield _figure(figures.effect(result, comparison), "The bars are 95% intervals.")
    yield _reliable_change(result, comparison)
    yield _sensitivity(result, comparison)
    yield _secondary(comparison)


def _summary(result: TrialResult, comparison: Comparison) -> str:
    difference, g = comparison.primary.difference, comparison.g
    seen = sum(arm.seen for arm in result.flow.arms if arm.arm in (result.data.experimental, comparison.control))
    control, ours = comparison.primary.means
    words = _verdict(result, comparison)
    return (
        f'<div class="result"><p><strong>{html.escape(result.scale.title)} at '
        f"{html.escape(result.data.protocol.primary_time_point.replace('_', ' '))}: adjusted difference "
        f"{_estimate(difference)} points</strong> (p = {_p(difference.p)}); adjusted means {ours:.1f} and {control:.1f}."
        f" Hedges' g = {_estimate(g, 2)}. {html.escape(words)}</p>"
        f'<p class="small">Analysis of covariance of {difference.n} people as randomised, adjusted for baseline and strata;'
        f" {difference.n - seen} scores were missing and imputed ({100 * comparison.missing_share:.0f}% of the information)."
        f" g: difference over the pooled standard deviation at this time point, {comparison.pooled_sd:.1f} points, with"
        " Hedges' correction; above 0 the experimental group is better off.</p></div>"
    )


def _verdict(result: TrialResult, comparison: Comparison) -> str:
    """What the interval says, and no more."""
    low, high = comparison.g.low, comparison.g.high
    if low > 0:
        found = "The interval excludes 0 in favour of the experimental group."
    elif high < 0:
        found = "The interval excludes 0 in favour of the control."
    else:
        found = f"The interval holds 0: effects from {low:+.2f} to {high:+.2f} are compatible with these data."
    if high - low > 0.5:
        found += " It is wide: a trial of this size tells little of how large an effect is."
    return found + (" The effect was put into this simulation and is not a finding." if result.data.simulated else "")


def _beside(result: TrialResult, comparison: Comparison) -> str:
    known = benchmark_of(result.data.protocol.primary.scale_id)
    if known is None:
        return ""
    held = comparison.g.low <= known.g <= comparison.g.high
    words = "holds" if held else "does not hold"
    return (
        "<h3>Beside what is known</h3>"
        f"<p>Over {known.trials} randomised trials, {html.escape(known.what)} had a pooled effect of <strong>g = {known.g}"
        f"</strong> against control groups ({known.people:,} people; number needed to treat {known.needed}). This trial's"
        f" interval, {comparison.g.low:+.2f} to {comparison.g.high:+.2f}, {words} that value. A small trial with a much"
        " larger effect is more often luck, bias or a weak control than a better treatment; and what a group is compared"
        " with matters: against a waiting list effects tend to be larger than against something active.</p>"
        f'<p class="small">{html.escape(known.citation)}, doi {known.doi}. It included {known.trials} trials in all;'
        " each outcome was measured in a part of them.</p>"
    )


def _reliable_change(result: TrialResult, comparison: Comparison) -> str:
    if not comparison.changes:
        return ""
    rows = [
        (
            each.name,
            _rate(each.group),
            _rate(each.control),
            f"{100 * each.difference.value:+.0f} ({100 * each.difference.low:+.0f} to {100 * each.difference.high:+.0f})",
            each.needed,
        )
        for each in comparison.changes
    ]
    heads = ("", "experimental", "control", "difference, % points", "number needed to treat")
    source = result.scale.change_source.rstrip(".")
    more = "more than" if result.scale.strictly_more else "at least"
    note = (
        f"Reliable: {more} {result.scale.change_points:.1f} points. {source}. Of all randomised, who was"
        " not seen counts as not changed. Intervals: Wilson for rates, Newcombe for differences; NNTB is people treated for"
        " one more to benefit, NNTH for one more to be harmed."
    )
    return "<h3>Reliable change</h3>" + _table(heads, rows) + f'<p class="small">{html.escape(note)}</p>'


def _sensitivity(result: TrialResult, comparison: Comparison) -> str:
    rows = [
        (each.name, str(each.difference.n), _estimate(each.difference), _p(each.difference.p), each.note)
        for each in comparison.variants
    ]
    table = _table(("analysis", "n", "difference (95% interval)", "p", ""), rows)
    found = comparison.tipping
    if found is None:
        words = "Nobody was missing at the primary time point, so there is no conclusion to tip."
    elif found.point is None:
        words = f"No shift of the missing up to {found.delta[-1]:.0f} points changes the conclusion."
    else:
        words = (
            f"The conclusion changes once those who are missing in the experimental group are taken to be {found.point:.1f}"
            " points worse off than people like them who were seen."
        )
    note = (
        "Whoever followed the protocol is no random part of a group; people who do better stay. The per-protocol analysis is"
        " shown because it is asked for, and cannot overrule the primary one."
    )
    plot = _figure(figures.tipping(result, comparison), f"Tipping point. {words}") if found else f"<p>{words}</p>"
    return (
        "<h3>What if?</h3>"
        + table
        + _figure(figures.sensitivity(result, comparison), "The same figures.")
        + plot
        + f'<p class="small">{note}</p>'
    )


def _secondary(comparison: Comparison) -> str:
    if not comparison.secondary:
        return ""
    rows = [
        (each.scale.title, _estimate(each.difference), _estimate(each.g, 2), _p(each.difference.p), _p(each.holm))
        for each in comparison.secondary
    ]
    heads = ("outcome", "difference (95% interval)", "g (95% interval)", "p", "p, Holm")
    return "<h3>Secondary outcomes</h3>" + _table(heads, rows) + '<p class="small">Analysed as the primary one.</p>'


def _adherence(result: TrialResult) -> str:
    plot = _figure(figures.activity(result), "Completed over the whole study.")
    return "<h2>What people did</h2>" + _arm_table(result, result.adherence) + plot


def _events(result: TrialResult) -> str:
    note = (
        "Related: judged possible, probable or definite. That few events were recorded does not mean that few happened."
    )
    return "<h2>Adverse events</h2>" + _arm_table(result, result.events) + f'<p class="small">{note}</p>'


def _method(result: TrialResult) -> str:
    seals = result.data.about["seals"]
    faults = sum(len(seal["faults"]) for seal in seals)
    opened = (
        f"The seal was opened; {faults} allocations differ from it."
        if seals
        else "The seal of the allocation is still shut."
    )
    commitments = ", ".join(result.data.about["commitments"])
    return (
        "<h2>How it was analysed</h2><ul>"
        "<li>What is estimated (ICH E9(R1), treatment policy): the difference between being allocated to one group and to"
        " the other, whatever people then did of what they were offered. Nothing is gathered after somebody has left.</li>"
        "<li>Everybody in the group that they were allocated to. Primary: analysis of covariance of the score at the primary"
        " time point, adjusted for its baseline and the strata of the randomisation.</li>"
        f"<li>Missing scores: {result.imputations} imputations (by default {IMPUTATIONS}) by Bayesian regression within each"
        " group on baseline, strata and earlier time points; Rubin's rules, degrees of freedom by Barnard and Rubin.</li>"
        "<li>Intervals are 95%. One primary outcome; secondary ones are corrected by Holm's procedure. With more than one"
        " control each is compared for itself, and nothing is corrected for that.</li>"
        f"<li>Allocation: permuted blocks of random sizes within strata, sealed before the first enrolment; commitment"
        f" <code>{html.escape(commitments)}</code>. {opened}</li>"
        "<li>The data are de-identified and not anonymous.</li></ul>"
    )


def _figure(svg: str, caption: str) -> str:
    return f"<figure>{svg}<figcaption>{html.escape(caption)}</figcaption></figure>"


def _arm_table(result: TrialResult, rows: Sequence[TableRow]) -> str:
    return _table(("", *(arm.title for arm in result.data.protocol.arms)), [(row.label, *row.cells) for row in rows])


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _estimate(estimate: Estimate, digits: int = 1) -> str:
    return f"{estimate.value:+.{digits}f} ({estimate.low:+.{digits}f} to {estimate.high:+.{digits}f})"


def _rate(rate: Rate) -> str:
    return f"{rate.count} of {rate.of} ({100 * rate.share:.0f}%)" if rate.of else "-"


def _p(value: float) -> str:
    if math.isnan(value):
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
