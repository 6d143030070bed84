"""ertedge reads how a person feels from face and voice, on the device, and offers it over gRPC."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("ertedge")
except PackageNotFoundError:  # run from a source tree that was never installed
    __version__ = "0+unknown"
