"""What an analysis of a trial finds, as records for whoever shows it. Host side only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.trial.ancova import Ancova
from tools.trial.dataset import ScaleFacts, TrialData
from tools.trial.effects import Estimate, Rate

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlowArm:
    """A group's way through the trial. ``lost`` were not seen at the primary time point, ``withdrew`` are part of them or
    not; ``erased`` took all of their data with them, and are in no analysis."""

    arm: str
    title: str
    allocated: int
    erased: int
    withdrew: int
    lost: int
    seen: int


@dataclass(frozen=True, slots=True)
class Flow:
    """Who was asked, and who was randomised. ``not_enrolled`` are (reason, criterion, people)."""

    not_enrolled: tuple[tuple[str, str, int], ...]
    arms: tuple[FlowArm, ...]

    @property
    def randomised(self) -> int:
        """All, the erased included."""
        return sum(arm.allocated for arm in self.arms)

    @property
    def assessed(self) -> int:
        """All that were asked."""
        return self.randomised + sum(people for _, _, people in self.not_enrolled)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table by group: what it is, and a cell for each arm."""

    label: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """The primary comparison under another way of taking what is missing, or of whom is counted."""

    name: str
    difference: Estimate
    note: str


@dataclass(frozen=True, slots=True)
class Tipping:
    """The difference and its p where so many points (``delta``, worse) are added to what was imputed in the group that is
    compared; ``point`` is the least at which the primary conclusion changes, None where none up to the last does."""

    delta: Array
    difference: Array
    low: Array
    high: Array
    p: Array
    point: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """Reliable change in the group that is compared and in the control, and the difference of its rates."""

    name: str
    group: Rate
    control: Rate
    difference: Estimate
    needed: str


@dataclass(frozen=True, slots=True)
class Secondary:
    """A secondary outcome, analysed as the primary; ``holm`` is p corrected for all of them (Holm 1979)."""

    scale: ScaleFacts
    difference: Estimate
    g: Estimate
    holm: float


@dataclass(frozen=True)
class Comparison:
    """The experimental group against one control.

    ``primary`` is the intention-to-treat analysis, in points of the scale; ``missing_share`` the share of information that
    is missing. ``g`` is of the adjusted difference, ``raw_g`` of the plain means at the primary time point, both positive
    where the experimental group is better off.
    """

    control: str
    primary: Ancova
    missing_share: float
    g: Estimate
    raw_g: Estimate
    pooled_sd: float
    variants: tuple[Variant, ...]
    tipping: Tipping | None
    changes: tuple[Change, ...]
    secondary: tuple[Secondary, ...]


@dataclass(frozen=True)
class TrialResult:
    """All that is reported. ``courses`` are, by arm, (time points, 4): day, mean, and the ends of its 95% interval."""

    data: TrialData
    scale: ScaleFacts
    flow: Flow
    baseline: tuple[TableRow, ...]
    comparisons: tuple[Comparison, ...]
    courses: dict[str, Array]
    adherence: tuple[TableRow, ...]
    events: tuple[TableRow, ...]
    seed: int
    imputations: int
