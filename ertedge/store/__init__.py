"""Everything that is kept: emotion states, coarser with age, and the privacy ledger, in one SQLite file.

Floor 1: imports only words and errors. All SQL of the project is in this room. One thread opens a ``Store`` and makes every
call to it. Frames and sound never come here: no table could hold them.
"""

from ertedge.store.records import LedgerEntry, LedgerPage, StatePage, StoreStatus
from ertedge.store.store import Store

__all__ = ["LedgerEntry", "LedgerPage", "StatePage", "Store", "StoreStatus"]
