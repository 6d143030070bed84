"""The errors that ertedge raises on purpose. Floor 0; knows no gRPC (``rpc`` maps this tree to status codes).

::

    ErtedgeError                    anything below; ``str(error)`` is one line that says what to do
    ├── ConfigurationError          the configuration, a scenario or an argument is wrong; lists every fault
    ├── CaptureError                a device or recording does not deliver
    │   ├── DeviceMissingError      it is not there
    │   ├── DeviceBusyError         someone else has it
    │   ├── DeviceLostError         it was there and went away, or stopped answering
    │   └── RecordingError          the file is cut, empty or of a kind that cannot be read
    ├── ModelError                  a model cannot be used
    │   ├── ManifestError           manifest.toml is wrong
    │   └── ModelIntegrityError     a file differs from its sha256
    ├── PerceptionError             a frame or a sound that cannot be processed (NaN, wrong shape, absurd size)
    ├── StoreError                  the database cannot be used
    │   ├── StoreReadOnlyError      no permission to write
    │   ├── StoreFullError          the disk is full
    │   ├── StoreCorruptError       the file is no database of ours
    │   └── StoreKeyError           the key of an encrypted store is missing, not to be used, or another's
    ├── NotFoundError               no such resource
    ├── InvalidRequestError         a request's field is wrong; carries (field, what) pairs
    ├── PreconditionError           what is asked does not fit how things stand; says what is possible
    │   ├── SafetyFirstError        a safety notice is open, and nothing else is suggested until it is not
    │   ├── NothingFitsError        no activity fits the person and the moment
    │   └── SuggestionsOffError     the recommender cannot be used, so that nothing can be suggested
    ├── ContentChangedError         the content is no longer the one that the request names
    ├── SensorUnavailableError      the sensor process does not answer
    ├── ListenError                 the address cannot be listened on (in use, not allowed)
    ├── AlreadyRunningError         another daemon has this data directory
    ├── LimitReachedError           as many as are allowed at a time are already being served
    ├── ServerUnavailableError      the daemon does not answer (raised by the client)
    └── ServerFailureError          the daemon failed on its own account (raised by the client); names its log entry
"""

from __future__ import annotations

from collections.abc import Sequence


class ErtedgeError(Exception):
    """Base of every error that ertedge raises on purpose."""

    @property
    def reason(self) -> str:
        """The UPPER_SNAKE name that clients see, made from the class: ``DeviceBusyError`` -> ``DEVICE_BUSY``."""
        name = type(self).__name__.removesuffix("Error")
        return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(name)).upper()


class ConfigurationError(ErtedgeError):
    """Something a person wrote is wrong. ``faults`` holds every fault found, not only the first."""

    def __init__(self, faults: Sequence[str], source: str = "") -> None:
        self.faults = tuple(faults)
        self.source = source
        head = f"{source}: " if source else ""
        super().__init__(head + "; ".join(self.faults))


class CaptureError(ErtedgeError):
    """A device or a recording does not deliver."""


class DeviceMissingError(CaptureError):
    """The device is not there."""


class DeviceBusyError(CaptureError):
    """Another program holds the device."""


class DeviceLostError(CaptureError):
    """The device was open and went away, or stopped answering."""


class RecordingError(CaptureError):
    """A recording is cut, empty or of a kind that cannot be read."""


class ModelError(ErtedgeError):
    """A model cannot be used."""


class ManifestError(ModelError):
    """``manifest.toml`` is wrong or lacks an entry."""


class ModelIntegrityError(ModelError):
    """A model's file is missing or differs from the sha256 of its manifest entry."""


class PerceptionError(ErtedgeError):
    """A frame or a sound that cannot be processed."""


class StoreError(ErtedgeError):
    """The database cannot be used."""


class StoreReadOnlyError(StoreError):
    """The data directory or its database cannot be written."""


class StoreFullError(StoreError):
    """The disk is full."""


class StoreCorruptError(StoreError):
    """The file is no database of ours, or is damaged, or is from a newer version."""


class StoreKeyError(StoreError):
    """The key of an encrypted store is missing, is not to be used, or is another store's."""


class NotFoundError(ErtedgeError):
    """No resource of that name."""


class InvalidRequestError(ErtedgeError):
    """A request is wrong. ``violations`` holds (field, description) pairs, all of them."""

    def __init__(self, violations: Sequence[tuple[str, str]]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{name}: {what}" for name, what in self.violations))


class PreconditionError(ErtedgeError):
    """What is asked does not fit how things stand; the message says what is possible."""


class SafetyFirstError(PreconditionError):
    """A safety notice is open, and nothing else is suggested until it is not."""


class NothingFitsError(PreconditionError):
    """No activity fits the person and the moment."""


class SuggestionsOffError(PreconditionError):
    """The recommender cannot be used, so that nothing can be suggested."""


class ContentChangedError(ErtedgeError):
    """The content is no longer the one that the request names."""


class SensorUnavailableError(ErtedgeError):
    """The sensor process does not answer."""


class ListenError(ErtedgeError):
    """The address cannot be listened on: in use, or not allowed."""


class AlreadyRunningError(ErtedgeError):
    """Another daemon has this data directory."""


class LimitReachedError(ErtedgeError):
    """As many as are allowed at a time are already being served."""


class ServerUnavailableError(ErtedgeError):
    """The daemon does not answer at its address. Raised by the client."""


class ServerFailureError(ErtedgeError):
    """The daemon failed on its own account; the message names the entry of its log. Raised by the client."""
