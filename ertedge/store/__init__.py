"""Everything that is kept, in one SQLite file: emotion states, coarser with age, suggestions with their decisions and
responses, what was learnt from them, and the privacy ledger.

Floor 1: imports only words and errors. All SQL of the project is in this room. One thread opens a ``Store`` and makes every
call to it. Frames and sound never come here: no table could hold them.
"""

from ertedge.store.records import LedgerEntry, LedgerPage, StatePage, StoreStatus
from ertedge.store.store import Store

__all__ = ["LedgerEntry", "LedgerPage", "StatePage", "Store", "StoreStatus"]
