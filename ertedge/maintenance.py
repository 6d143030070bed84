"""What is done to the store of a daemon that is stopped: encrypt it, decrypt it, change its key, and say how it is. Floor 4.

``ertedge-ctl store`` is made of these. All but ``report`` hold the lock of the data directory, as the daemon does.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ertedge.config import Config
from ertedge.core.data_directory import DATABASE_NAME, alone_in
from ertedge.errors import NotFoundError, PreconditionError, StoreError, StoreKeyError
from ertedge.store import conversion, keys, rotation
from ertedge.store.connection import check_kind, connect
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.header import FileKind, kind_of
from ertedge.store.keys import StoreKey


@dataclass(frozen=True, slots=True)
class StoreReport:
    """How the store is. ``kind`` is absent, plain or encrypted; ``key`` says where the configured key is from, empty: none
    is configured; ``trouble`` is why the daemon would not open it, empty: it would; ``unfinished``: a conversion was cut,
    and the next start or command clears up."""

    path: str
    kind: str
    size_bytes: int
    key: str
    trouble: str
    unfinished: bool


def report(config: Config) -> StoreReport:
    """How the store is; changes nothing, also while the daemon runs. Never raises."""
    path = _path(config)
    kind, key, trouble = "", "", ""
    try:
        found = kind_of(path)
        kind = found.value
        configured = keys.read_key(config.store)
        key = configured.origin if configured else ""
        check_kind(path, found, configured)
        if found is not FileKind.ABSENT:
            with reported_as_store_errors(path), closing(connect(path, configured, read_only=True)):
                pass
    except StoreError as error:
        trouble = str(error)
    size = sum(each.stat().st_size for each in path.parent.glob(f"{path.name}*")) if path.parent.exists() else 0
    return StoreReport(str(path), kind, size, key, trouble, conversion.is_unfinished(path))


def encrypt(config: Config) -> StoreKey:
    """Encrypt a plain store with the configured key, which is returned.

    Raises ``StoreKeyError``, ``NotFoundError`` or ``PreconditionError``, another ``StoreError``, or ``AlreadyRunningError``.
    """
    path = _path(config)
    with alone_in(config.data_path):
        conversion.tidy(path)
        key = keys.read_key(config.store)
        if key is None:
            raise StoreKeyError(f"no key is configured; {keys.MAKE_ONE}, and name it in [store] key_file")
        _require(path, FileKind.PLAIN, "is encrypted already")
        conversion.convert(path, None, key)
        return key


def decrypt(config: Config) -> None:
    """Make an encrypted store plain. Raises as ``encrypt`` does."""
    path = _path(config)
    with alone_in(config.data_path):
        conversion.tidy(path)
        _require(path, FileKind.ENCRYPTED, "is not encrypted")
        conversion.convert(path, rotation.settled_key(path, config.store), None)


def rotate_key(config: Config, to: Path | None = None) -> StoreKey:
    """Give an encrypted store a new key, in the configured file or in ``to``, and return it. Raises as ``encrypt`` does."""
    path = _path(config)
    with alone_in(config.data_path):
        conversion.tidy(path)
        _require(path, FileKind.ENCRYPTED, "is not encrypted and has no key")
        return rotation.rotate(path, config.store, to)


def new_key(path: Path) -> StoreKey:
    """Make a key in a new file. Raises ``StoreKeyError``."""
    return keys.new_key(path)


def _path(config: Config) -> Path:
    return config.data_path / DATABASE_NAME


def _require(path: Path, kind: FileKind, otherwise: str) -> None:
    found = kind_of(path)
    if found is FileKind.ABSENT:
        raise NotFoundError(f"there is no store at {path}; ertedged makes one, encrypted where a key is configured")
    if found is not kind:
        raise PreconditionError(f"{path} {otherwise}; nothing was changed")
