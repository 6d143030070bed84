"""The decisions of the policy, those to stay silent too, and the JSON that holds what they were made from. Floor 1.

The context and the candidates are JSON objects with the records' own field names, numbers rounded to five digits. A field
that was added to a record later is missing in older rows and takes its default; one that was removed is passed over. A row
that cannot be understood all the same is left out: one decision less is no reason not to start.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np
from sqlite_utils import Database

from ertedge.store.numbers import last_number
from ertedge.types import (
    AffectSummary,
    Candidate,
    Decision,
    DecisionContext,
    Emotion,
    QuestionnaireScores,
    SilenceReason,
    Trigger,
)

logger = logging.getLogger(__name__)

Stored = TypeVar("Stored")
Record = TypeVar("Record")

DIGITS = 5
_COLUMNS = ", ".join(
    (
        *("decision_id", "wall_time_ns", "trigger", "offer_propensity", "chosen", "silence"),
        *("policy", "model", "synthetic", "context", "candidates"),
    )
)
_VECTORS = ("probabilities", "probability_sd", "probability_trend")


def append(database: Database, profile_id: int, decisions: Sequence[Decision]) -> None:
    """Write ``decisions`` about a person. One that is already there is left as it is."""
    rows = [
        [
            decision.decision_id,
            decision.context.wall_time_ns,
            decision.trigger.value,
            decision.offer_propensity,
            decision.chosen,
            decision.silence and decision.silence.value,
            decision.policy,
            decision.model,
            decision.context.affect.synthetic,
            context_text(decision.context),
            _candidates_text(decision.candidates),
            profile_id,
        ]
        for decision in decisions
    ]
    with database.atomic():
        database.conn.executemany(
            f"INSERT OR IGNORE INTO decisions ({_COLUMNS}, profile_id) VALUES ({', '.join('?' * 12)})", rows
        )


def last_id(database: Database) -> int:
    """The greatest number ever given to a decision, whoever it was about; 0 before the first."""
    return last_number(database, "decisions")


def list_since(
    database: Database, profile_id: int, start_ns: int, *, synthetic: bool, most: int
) -> tuple[Decision, ...]:
    """The newest ``most`` decisions about a person at or after a moment, oldest first."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM decisions WHERE profile_id = ? AND wall_time_ns >= ? AND synthetic = ?"
        " ORDER BY decision_id DESC LIMIT ?",
        [profile_id, start_ns, synthetic, most],
    ).fetchall()
    return tuple(decision for row in reversed(rows) if (decision := _understood(_decision, row)) is not None)


def contexts(database: Database, profile_id: int, decision_ids: Sequence[int]) -> dict[int, DecisionContext]:
    """What the decisions of those numbers were made from; a person's own that are still stored."""
    found: dict[int, DecisionContext] = {}
    for decision_id in decision_ids:
        row = database.execute(
            "SELECT context FROM decisions WHERE decision_id = ? AND profile_id = ?", [decision_id, profile_id]
        ).fetchone()
        context = None if row is None else _understood(context_of, row[0])
        if context is not None:
            found[decision_id] = context
    return found


def context_text(context: DecisionContext) -> str:
    """A context as JSON."""
    return _dumps(_plain(context) | {"affect": _plain(context.affect), "scores": _plain(context.scores)})


def context_of(text: str) -> DecisionContext:
    """The context kept in ``text``."""
    value = json.loads(text)
    affect = _known(AffectSummary, value["affect"])
    affect["emotion"] = Emotion(affect["emotion"])
    for name in _VECTORS:
        affect[name] = np.array(affect[name], np.float32)
    scores = value.get("scores")
    given = _known(DecisionContext, value) | {
        "affect": AffectSummary(**affect),
        "scores": None if scores is None else QuestionnaireScores(**_known(QuestionnaireScores, scores)),
    }
    return DecisionContext(**given)


def _understood(read: Callable[[Stored], Record], stored: Stored) -> Record | None:
    try:
        return read(stored)
    except (ValueError, KeyError, TypeError) as error:
        logger.warning("a decision in the store cannot be understood and is left out: %r", error)
        return None


def _candidates_text(candidates: Sequence[Candidate]) -> str:
    return _dumps([_plain(candidate) for candidate in candidates])


def _decision(row: Sequence[Any]) -> Decision:
    decision_id, _, trigger, offer_propensity, chosen, silence, policy, model, _, context, candidates = row
    return Decision(
        decision_id=decision_id,
        context=context_of(context),
        trigger=Trigger(trigger),
        offer_propensity=offer_propensity,
        candidates=tuple(Candidate(**_known(Candidate, each)) for each in json.loads(candidates)),
        chosen=chosen,
        silence=None if silence is None else SilenceReason(silence),
        policy=policy,
        model=model,
    )


def _plain(record: Any) -> Any:
    """The fields of a record as JSON has them; None for None."""
    return None if record is None else {field.name: _value(getattr(record, field.name)) for field in fields(record)}


def _value(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [round(float(each), DIGITS) for each in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _known(record: type, value: dict[str, Any]) -> dict[str, Any]:
    return {field.name: value[field.name] for field in fields(record) if field.name in value}


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), default=str)
