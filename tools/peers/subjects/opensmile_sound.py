"""openSMILE's eGeMAPS v02 functionals of a clip, (n,) float32 at 16 kHz: 88 numbers (Eyben et al. 2016). No arguments."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version

from tools.peers.items import Array
from tools.peers.subjects import Subject

RATE_HZ = 16_000


def load(_arguments: Sequence[str]) -> Subject:
    """The package's extractor."""
    import opensmile

    smile = opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals, num_workers=1
    )

    def read(samples: Array) -> list[float]:
        features: list[float] = smile.process_signal(samples, RATE_HZ).to_numpy()[0].tolist()
        return features

    return Subject(f"opensmile {version('opensmile')}", 0, read)
