"""The key of an encrypted store: where it comes from, what it must look like, and how a new one is made. Floor 1.

A key is 32 random bytes, written as 64 hexadecimal digits: in a file that only its owner can read, or in a credential that
systemd hands over. It never comes from a command line or the environment, where other programs could see it, and it is never
made from a password, which could be guessed. Whoever loses it loses the store: nobody can make it again.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from ertedge.config import StoreSettings
from ertedge.errors import StoreKeyError

KEY_BYTES = 32
DIGITS = 2 * KEY_BYTES
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"
"""Where systemd lays the credentials of a unit (systemd.exec(5)); the variable names a folder, and holds no secret."""
READ_MOST = 4096
MAKE_ONE = "make one with `ertedge-ctl store new-key FILE`"


@dataclass(frozen=True, slots=True, repr=False)
class StoreKey:
    """A key, and where it is from. ``value`` is 32 bytes; neither ``str`` nor ``repr`` shows it."""

    value: bytes
    origin: str

    def __repr__(self) -> str:
        return f"StoreKey(from {self.origin})"

    def literal(self, salt: bytes = b"") -> str:
        """The key as SQLCipher takes it, used as it is; with a ``salt`` of 16 bytes for a database that is to be made."""
        return f"x'{self.value.hex()}{salt.hex()}'"


def read_key(settings: StoreSettings) -> StoreKey | None:
    """The key that is configured; None where the store is not to be encrypted. Raises ``StoreKeyError``."""
    if settings.credential:
        return key_in_credential(settings.credential)
    return key_in(Path(settings.key_file).expanduser()) if settings.key_file else None


def key_in(path: Path) -> StoreKey:
    """The key in a file that its owner alone may read. Raises ``StoreKeyError``."""
    origin = f"the key file {path}"
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise StoreKeyError(f"{origin} is not there; {MAKE_ONE}, or name another in [store] key_file") from None
    except OSError as error:
        raise StoreKeyError(f"{origin} cannot be read ({error.strerror}); give it to the user of ertedged") from None
    try:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise StoreKeyError(f"{origin} is no file; {MAKE_ONE}")
        if facts.st_uid not in (0, os.geteuid()):
            raise StoreKeyError(f"{origin} belongs to another user; take it over with `chown`, or make a new one")
        if facts.st_mode & 0o077:
            raise StoreKeyError(f"{origin} can be read by others; close it with `chmod 600 {path}`")
        return _parsed(os.read(descriptor, READ_MOST), origin)
    finally:
        os.close(descriptor)


def key_in_credential(name: str) -> StoreKey:
    """The key in systemd's credential of that name, which nobody but the unit can read. Raises ``StoreKeyError``."""
    origin = f"the credential {name}"
    folder = os.environ.get(CREDENTIALS_VARIABLE)
    if not folder:
        raise StoreKeyError(
            f"{origin} is not there, since this was not started by systemd with it; add LoadCredentialEncrypted={name}:FILE"
            " to the unit, or use [store] key_file"
        )
    try:
        with (Path(folder) / name).open("rb") as file:
            return _parsed(file.read(READ_MOST), origin)
    except OSError as error:
        raise StoreKeyError(
            f"{origin} cannot be read ({error.strerror}); add LoadCredentialEncrypted={name}:FILE to the unit"
        ) from None


def new_key(path: Path) -> StoreKey:
    """Make a key in a new file, for its owner alone. Raises ``StoreKeyError``, also where there is a file already."""
    value = secrets.token_bytes(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(value.hex().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(path.parent)
    except FileExistsError:
        raise StoreKeyError(
            f"{path} is there already, and a key that is in use must not be lost; name another"
        ) from None
    except OSError as error:
        raise StoreKeyError(f"the key cannot be written to {path} ({error.strerror}); name another file") from None
    return StoreKey(value, f"the key file {path}")


def sync_folder(folder: Path) -> None:
    """Have what was made, renamed or removed in ``folder`` outlive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(content: bytes, origin: str) -> StoreKey:
    text = content.strip()
    if not text:
        raise StoreKeyError(f"{origin} is empty; {MAKE_ONE}")
    if not re.fullmatch(rb"[0-9a-fA-F]+", text):
        raise StoreKeyError(f"{origin} holds no key: a key is {DIGITS} hexadecimal digits; {MAKE_ONE}")
    if len(text) != DIGITS:
        what = "short" if len(text) < DIGITS else "long"
        raise StoreKeyError(f"{origin} holds {len(text)} hexadecimal digits, which is too {what}; {MAKE_ONE}")
    value = bytes.fromhex(text.decode())
    if len(set(value)) < KEY_BYTES // 4:
        raise StoreKeyError(f"{origin} holds a key that could be guessed; {MAKE_ONE}")
    return StoreKey(value, origin)
