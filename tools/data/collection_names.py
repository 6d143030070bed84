"""How a collection may be written on a command line: ``FER+``, ``ferplus``; ``CREMA-D``, ``crema_d``. Host only."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from ertedge.errors import ConfigurationError

SHORT = {"fer": "fer2013", "ck": "ckplus", "raf": "rafdb", "crema": "cremad", "emo": "emodb"}


def collection_named(written: str, known: Sequence[str]) -> str:
    """The one of ``known`` that is meant. Raises ConfigurationError that lists them where there is none."""
    plain = re.sub(r"[^a-z0-9]", "", written.lower().replace("+", "plus"))
    name = SHORT.get(plain, plain)
    if name in known:
        return name
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"choose from {', '.join(known)}"
    raise ConfigurationError([f"--dataset: no collection {written!r} here; {hint}"])
