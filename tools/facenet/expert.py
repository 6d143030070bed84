"""An expert on emotions for FaceNet to learn from: the identity teacher's trunk, trained on to read emotions. Host only.

FER+ is small: a network of ours with four times the arithmetic reads its unseen faces no better than one of the device's
size, so pictures lack, not weights. ``face-reidentification-retail-0095`` has seen many more faces, for who they are.
Nothing of the expert ships.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.teachers import IDENTITY_TEACHER
from tools.trainable_ir import TrainableIr

TRUNK_END, LOWER_END = "655", "494"
"""Operations of the identity teacher: the last map before what makes it the embedding, 512 channels; and the last at a
quarter of the input's size, whose edges and textures are kept as they are."""
WIDTH = 512
INPUT_SIZE = 96
"""Made for 128; the pictures have 48 pixels, and this takes little more than half of the time."""
MEAN_LEVEL, LEVEL_DEVIATION = 125.0, 55.0
"""The grey levels that a standardised face is given back, since the trunk knows pictures."""
SIZE = "expert"
"""What its checkpoints say in the place of a key of ``tools.facenet.network.SIZES``."""


class FaceExpert(nn.Module):
    """(n, 1, 48, 48) standardised faces -> (n, 8) emotion logits.

    Raises ConfigurationError where ``teachers`` does not hold the identity teacher.
    """

    def __init__(self, teachers: Path, dropout: float = 0.3) -> None:
        super().__init__()
        self.trunk = TrainableIr(teachers / IDENTITY_TEACHER / f"{IDENTITY_TEACHER}.xml", TRUNK_END, LOWER_END)
        self.dropout = nn.Dropout(dropout)
        self.emotion = nn.Linear(WIDTH, 8)

    def forward(self, faces: Tensor) -> Tensor:
        return self.emotion(self.dropout(self.features(faces)))

    def features(self, faces: Tensor) -> Tensor:
        """(n, 1, 48, 48) standardised faces -> (n, 512), the mean over places of the trunk's last map."""
        magnified = functional.interpolate(faces, size=(INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False)
        pictures = (magnified * LEVEL_DEVIATION + MEAN_LEVEL).expand(-1, 3, -1, -1)
        return self.trunk(pictures.contiguous(memory_format=torch.channels_last)).mean(dim=(2, 3))


def load_expert(path: Path, teachers: Path) -> FaceExpert:
    """The averaged network of a run's ``best.pt``."""
    expert = FaceExpert(teachers)
    expert.load_state_dict(torch.load(path, weights_only=True)["network"])
    return expert.eval()
