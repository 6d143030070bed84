"""Which key opens the store, also after a change of it was cut; and the change itself. Floor 1.

The new key lies beside the old one, under the name of its file with ``.new``, before the first page is written with it, and
takes the old one's name once the store opens with it. So at every moment one of the two files holds the key of the store.

Whoever calls has the lock of the data directory.
"""

from __future__ import annotations

import logging
import os
from contextlib import closing
from pathlib import Path

from ertedge.config import StoreSettings
from ertedge.errors import StoreError, StoreKeyError
from ertedge.store.connection import check_kind, connect
from ertedge.store.conversion import Reached, convert, discard, tidy
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.header import FileKind, kind_of
from ertedge.store.keys import StoreKey, key_in, new_key, read_key, sync_folder

logger = logging.getLogger(__name__)


def settled_key(path: Path, settings: StoreSettings) -> StoreKey | None:
    """The key of the store at ``path``, None where it is not to be encrypted, once what a conversion or a change of the key
    that was cut left has been cleared away.

    Raises ``StoreKeyError`` where the key and the file do not fit each other, and another ``StoreError`` where that cannot
    be told; then nothing has been changed.
    """
    if path.parent.exists():
        tidy(path)
    if settings.key_file:
        _settle(path, Path(settings.key_file).expanduser())
    key = read_key(settings)
    kind = kind_of(path)
    check_kind(path, kind, key)
    if kind is FileKind.ENCRYPTED:
        with reported_as_store_errors(path), closing(connect(path, key, read_only=True)):
            pass  # it opens
    return key


def fits(path: Path, key: StoreKey) -> bool:
    """Whether the encrypted store at ``path`` opens with ``key``."""
    try:
        with reported_as_store_errors(path), closing(connect(path, key, read_only=True)):
            return True
    except StoreKeyError:
        return False


def rotate(path: Path, settings: StoreSettings, to: Path | None = None, reached: Reached = lambda _: None) -> StoreKey:
    """Give the store a new key: in the configured file, or in the file ``to``, which may hold one already.

    Raises ``StoreKeyError``, or another ``StoreError``; then the store opens with the key that it opened with before.
    """
    old = settled_key(path, settings)
    if old is None or kind_of(path) is not FileKind.ENCRYPTED:
        raise StoreKeyError(
            f"{path} is not encrypted and has no key to change; encrypt it with `ertedge-ctl store encrypt`"
        )
    if to is not None:
        new = key_in(to) if to.exists() else _like(new_key(to), to, path)
        if new.value == old.value:
            raise StoreKeyError(f"{path} has the key in {to} already; name a file that is not there to make a new one")
        convert(path, old, new, reached)
        return new
    if not settings.key_file:
        raise StoreKeyError(
            "the key is a credential of systemd, which cannot be changed from here; name a file for the new one with --to"
        )
    file = Path(settings.key_file).expanduser()
    coming = _coming(file)
    new = _like(new_key(coming), coming, file)
    reached("key made")
    try:
        convert(path, old, new, reached)
    except StoreError:
        discard(coming)
        raise
    _adopt(coming, file)
    reached("key adopted")
    return StoreKey(new.value, f"the key file {file}")


def _coming(file: Path) -> Path:
    return file.with_name(f"{file.name}.new")


def _settle(path: Path, file: Path) -> None:
    """End a change of the key that was cut: the new key takes the old one's name where the store opens with it."""
    coming = _coming(file)
    if not coming.exists():
        return
    try:
        key = key_in(coming)
        is_theirs = kind_of(path) is FileKind.ENCRYPTED and fits(path, key)
    except StoreKeyError:
        is_theirs = False  # cut while it was written
    if is_theirs:
        logger.warning("the change of the store's key is ended, which was cut")
        _adopt(coming, file)
    elif kind_of(path) is not FileKind.ENCRYPTED or fits(path, key_in(file)):
        discard(coming)


def _adopt(coming: Path, file: Path) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        coming.replace(file)
        return
    except OSError as error:
        raise _not_renamed(coming, file, error) from None
    try:
        coming.replace(file)
        sync_folder(file.parent)
        os.write(descriptor, bytes(os.fstat(descriptor).st_size))
        os.fsync(descriptor)
    except OSError as error:
        raise _not_renamed(coming, file, error) from None
    finally:
        os.close(descriptor)


def _not_renamed(coming: Path, file: Path, error: OSError) -> StoreKeyError:
    return StoreKeyError(
        f"the store has the key in {coming} now, which cannot take the name {file} ({error.strerror}); rename it as root"
    )


def _like(key: StoreKey, made: Path, other: Path) -> StoreKey:
    """Give what root has made to the owner of ``other``."""
    owner = other.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.chown(made, owner.st_uid, owner.st_gid)
    return key
