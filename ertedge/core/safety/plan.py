"""The person's safety plan: in memory at once, in the store soon, changed in parts. Floor 2.

What is changed before the stored plan could be read is laid over it once it can, so that neither is lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from ertedge.core.safety.records import PLAN_FIELDS
from ertedge.core.store_port import SafetyStore
from ertedge.errors import InvalidRequestError
from ertedge.types import SafetyPlan

logger = logging.getLogger(__name__)


class PlanBook:
    """Holds the plan. ``keep`` has a change of the store made soon."""

    def __init__(self, keep: Callable[[Callable[[SafetyStore], None]], None]) -> None:
        self._keep = keep
        self._plan = SafetyPlan()
        self._loaded = False
        self._waiting: list[tuple[SafetyPlan, tuple[str, ...]]] = []

    @property
    def plan(self) -> SafetyPlan:
        """The plan as it is now; empty until the person fills it in."""
        return self._plan

    def update(self, plan: SafetyPlan, names: Sequence[str], wall_time_ns: int) -> None:
        """Replace the fields that are named; without any, all of them. Raises ``InvalidRequestError``."""
        if unknown := [name for name in names if name not in PLAN_FIELDS]:
            known = ", ".join(PLAN_FIELDS)
            raise InvalidRequestError([("update_mask", f"names {unknown[0]!r}; a safety plan has {known}")])
        given, named = replace(plan, update_wall_time_ns=wall_time_ns), tuple(names) or PLAN_FIELDS
        if not self._loaded:
            self._waiting.append((given, named))
        self._set(given, named)

    def take_over(self, stored: SafetyPlan | None) -> None:
        """Go on from the plan that is stored; None: one is there and cannot be read, and is left until it is changed."""
        self._loaded = True
        if stored is None:
            logger.error("the stored safety plan cannot be read; ask the person to fill it in again")
        else:
            self._plan = stored
        for given, named in self._waiting:
            self._set(given, named)
        self._waiting.clear()

    def _set(self, given: SafetyPlan, named: tuple[str, ...]) -> None:
        kept = {name: getattr(self._plan, name) for name in PLAN_FIELDS if name not in named}
        self._plan = plan = replace(given, **kept)
        if self._loaded:
            self._keep(lambda store: store.save_safety_plan(plan))
