"""What the core tells of people beside their profiles: how each consent stands, pages. Floor 2; imports only types."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import ConsentReceipt, Profile, Purpose

PROFILE_FIELDS = ("display_name", "language")
"""What an update of a profile may name."""


@dataclass(frozen=True, slots=True)
class Consent:
    """How a person's consent to ``purpose`` stands.

    ``receipt`` is the newest of them, None where they never said anything. ``text_version`` is the version that would be
    agreed to now: ``outdated`` says that what they did agree to is an older one, which stays valid.
    """

    purpose: Purpose
    given: bool
    receipt: ConsentReceipt | None
    text_version: int

    @property
    def outdated(self) -> bool:
        """Whether it was given to an older text than the current one."""
        return self.given and self.receipt is not None and self.receipt.text_version < self.text_version


@dataclass(frozen=True, slots=True)
class ProfilesPage:
    """Profiles by number. ``next_page_token`` asks for the next page; empty on the last."""

    profiles: tuple[Profile, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ReceiptsPage:
    """Receipts, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    receipts: tuple[ConsentReceipt, ...]
    next_page_token: str
