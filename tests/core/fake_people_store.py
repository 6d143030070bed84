"""A stand-in for the store's people, of the real protocol, in memory."""

from __future__ import annotations

from collections.abc import Callable

from ertedge.store.people_records import NoticeShowing, ReceiptPage, StoredPeople
from ertedge.types import ConsentReceipt, Profile


class FakePeopleTable:
    """Keeps what it is given; ``check`` raises where the store cannot write."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.profiles: dict[int, Profile] = {}
        self.receipts: dict[int, ConsentReceipt] = {}
        self.requests: dict[str, int] = {}
        self.selected = 0
        self.showings: list[NoticeShowing] = []
        self.last_profile_id = 0
        self.last_receipt_id = 0

    def load(self) -> StoredPeople:
        self._check()
        newest = {(each.profile_id, each.purpose): each for _, each in sorted(self.receipts.items())}
        return StoredPeople(
            profiles=tuple(each for _, each in sorted(self.profiles.items())),
            receipts=tuple(newest.values()),
            last_profile_id=self.last_profile_id,
            last_receipt_id=self.last_receipt_id,
            requests=tuple(self.requests.items()),
            selected=self.selected,
            first_showing=self.showings[0] if self.showings else None,
        )

    def add_profile(self, profile: Profile, request_id: str = "") -> None:
        self._check()
        self.profiles.setdefault(profile.profile_id, profile)
        self.last_profile_id = max(self.last_profile_id, profile.profile_id)
        if request_id:
            self.requests[request_id] = profile.profile_id

    def update_profile(self, profile: Profile) -> None:
        self._check()
        if profile.profile_id in self.profiles:
            self.profiles[profile.profile_id] = profile

    def add_receipt(self, receipt: ConsentReceipt) -> None:
        self._check()
        if receipt.profile_id in self.profiles:
            self.receipts.setdefault(receipt.receipt_id, receipt)
            self.last_receipt_id = max(self.last_receipt_id, receipt.receipt_id)

    def list_receipts(self, profile_id: int, *, limit: int, before: int | None) -> ReceiptPage:
        self._check()
        chosen = [
            receipt
            for number, receipt in sorted(self.receipts.items(), reverse=True)
            if receipt.profile_id == profile_id and (before is None or number < before)
        ]
        return ReceiptPage(tuple(chosen[:limit]), chosen[limit - 1].receipt_id if len(chosen) > limit else None)

    def select(self, profile_id: int, wall_time_ns: int) -> None:
        self._check()
        self.selected = profile_id

    def add_notice_showing(self, showing: NoticeShowing) -> None:
        self._check()
        if not any((each.version, each.language) == (showing.version, showing.language) for each in self.showings):
            self.showings.append(showing)

    def erase(self, profile_id: int) -> None:
        """As the store's ``erase_profile`` does with these tables."""
        self.profiles.pop(profile_id, None)
        self.receipts = {number: each for number, each in self.receipts.items() if each.profile_id != profile_id}
        self.requests = {name: number for name, number in self.requests.items() if number != profile_id}
        if self.selected == profile_id:
            self.selected = 0
