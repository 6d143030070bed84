"""What FaceNet's training does beyond the plain thing, by name, so that each can be left out and its worth measured. Host
only; ``python -m tools.train_facenet --without LEVER``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import torch

from tools.facenet.augmentation import AugmentationSettings
from tools.facenet.material import Material

VOTES, REPEATS, IDENTITY = "votes", "repeats", "identity"
DISTURBANCES: Mapping[str, Mapping[str, Any]] = {
    "alignment": {"align_share": 0.0},
    "movement": {"turn_deg": 0.0, "scale_log": 0.0, "stretch_log": 0.0, "shift_px": 0.0},
    "light": {"light_share": 0.0, "shadow_share": 0.0},
    "small-faces": {"small_share": 0.0},
    "noise": {"noise_share": 0.0},
    "occlusion": {"cutout_share": 0.0},
}
"""What of ``AugmentationSettings`` is set how where one is left out."""
LEVERS = (VOTES, REPEATS, IDENTITY, *DISTURBANCES)
"""``votes``: all raters' votes and not only the majority. ``repeats``: rare emotions shown more often. ``identity``: the
trunk also learns who somebody is. The others are what happens to a picture."""


def settings_without(left_out: Collection[str]) -> AugmentationSettings:
    """What happens to a picture, but for the levers that are left out."""
    settings = AugmentationSettings()
    for lever, changed in DISTURBANCES.items():
        if lever in left_out:
            settings = replace(settings, **changed)
    return settings


def material_without(material: Material, left_out: Collection[str]) -> Material:
    """The material as a training sees it that leaves ``votes`` or ``repeats`` out. Without votes a face counts for its
    likeliest emotion alone, at its weight."""
    if VOTES in left_out:
        hard = torch.nn.functional.one_hot(material.distribution.argmax(dim=1), material.distribution.shape[1])
        voted = material.distribution.sum(dim=1, keepdim=True) > 0
        material = replace(material, distribution=hard * voted.to(material.distribution.dtype))
    if REPEATS in left_out:
        material = replace(material, repeats=torch.ones_like(material.repeats))
    return material
