"""Allocations checked against the opened seal, from an export alone: what an auditor needs no device for. Host side only."""

from __future__ import annotations

from ertedge.errors import ConfigurationError
from ertedge.types.study import AllocationCheck, UsedSlot
from ertedge.wellbeing.study.allocation import NONCE_BYTES, SEED_BYTES, Seal, check
from tools.trial.dataset import TrialData


def verify_allocations(data: TrialData) -> AllocationCheck:
    """What the seal says of every slot of every device. Raises ``ConfigurationError`` where no export has an opened seal."""
    opened = {(seal["seed"], seal["nonce"]) for seal in data.about["seals"]}
    if not opened:
        raise ConfigurationError(["no export has an opened seal; end the study on the device and export it again"])
    if len(opened) > 1 or len(data.about["commitments"]) > 1:
        raise ConfigurationError(["the exports have different seals, so they are not of one trial"])
    seed, nonce = opened.pop()
    seal = Seal(bytes.fromhex(seed), bytes.fromhex(nonce), b"")
    if (len(seal.seed), len(seal.nonce)) != (SEED_BYTES, NONCE_BYTES):
        raise ConfigurationError(["the opened seal is damaged"])
    used = [
        UsedSlot(data.protocol.study_id, str(row["stratum"]), int(float(row["slot"] or 0)), str(row["arm"]))
        for row in data.tables["slots"]
    ]
    return check(data.protocol, data.about["commitments"][0], seal, used)
