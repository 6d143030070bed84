"""Who a face is, read off the middle of FaceNet's trunk: a ridge regression on the teacher's embedding. Host only.

The trunk's last map is what is left for the emotions; its middle one still tells people apart, and a linear function of it
knows a person in another pose better than the head that was trained along with the trunk, which in turn knows better the
same picture when it is small or badly lit. Both aim at the same embedding, so the device adds them, ``READOUT_SHARE`` of the
regression.

The regression has one solution (Hoerl and Kennard 1970) and needs three passes over the faces. Gradient descent on the same
layer was far from it after as many: its inputs are correlated, and their scales differ.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from tqdm import tqdm

from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.material import Material
from tools.facenet.network import DeployedFaceNetwork, standardise

SHRINKAGE = 0.05
"""The ridge, as a share of the inputs' mean square."""
GENTLE = AugmentationSettings(align_share=0.5, light_share=0.3, shadow_share=0.1, small_share=0.1, cutout_share=0.0)
HARSH = AugmentationSettings(align_share=0.5)
READOUT_SHARE = 0.6
"""The regression's share of the embedding, by length; the rest is the trained head's. Chosen among 0.3, 0.5, 0.6 and 0.7 on
held-out faces, disturbed, and on the ORL people that choose (``tools.open_set``)."""
BATCH = 1024
WEIGHED_FACES = 4096
"""On how many faces the lengths of both parts are compared."""


def fit_readout(network: DeployedFaceNetwork, material: Material, seed: int) -> None:
    """Set the readout of ``network`` to the linear function of its middle map that is nearest, in squares, to the teacher's
    embeddings of all faces: as they are, gently disturbed, and as harshly as in training. Give its trained head the rest."""
    generator = torch.Generator().manual_seed(seed)
    views: tuple[Callable[[Tensor, Tensor], Tensor], ...] = (
        lambda faces, _: faces.unsqueeze(1).float(),
        Augmentation(GENTLE, generator),
        Augmentation(HARSH, generator),
    )
    network.eval()
    inputs = network.readout.weight[0].numel() + 1
    squares = torch.zeros(inputs, inputs, dtype=torch.float64)
    products = torch.zeros(inputs, material.targets.shape[1], dtype=torch.float64)
    starts = range(0, len(material.images), BATCH)
    for view, start in tqdm([(view, start) for view in views for start in starts], desc="identity", mininterval=5):
        part = slice(start, start + BATCH)
        seen = read_middle(network, view(material.images[part], material.alignments[part]))
        seen = torch.cat([seen, torch.ones(len(seen), 1)], dim=1)
        squares += (seen.T @ seen).double()
        products += (seen.T @ material.targets[part]).double()
    ridge = SHRINKAGE * float(squares.diagonal().mean())
    weights = torch.linalg.solve(squares + ridge * torch.eye(inputs, dtype=torch.float64), products).float()
    with torch.no_grad():
        network.readout.weight.copy_(weights[:-1].T.reshape(network.readout.weight.shape))
        network.readout.bias.copy_(weights[-1])
    share_out(network, material.images[:: max(1, len(material.images) // WEIGHED_FACES)])


@torch.no_grad()
def share_out(network: DeployedFaceNetwork, faces: Tensor) -> None:
    """Scale the last layer of the trained head so that the readout has ``READOUT_SHARE`` of the embedding's root mean square
    on ``faces`` (n, 48, 48)."""
    read, trained = torch.zeros(()), torch.zeros(())
    for part in faces.split(BATCH):
        _, one, other = network.parts(on_device(network, part.unsqueeze(1).float()))
        read += one.square().sum().cpu()
        trained += other.square().sum().cpu()
    scale = (1 - READOUT_SHARE) / READOUT_SHARE * float((read / trained).sqrt())
    last = network.identity[-1]
    last.weight *= scale
    last.bias *= scale


@torch.no_grad()
def read_middle(network: DeployedFaceNetwork, pictures: Tensor) -> Tensor:
    """(n, 1, 48, 48) grey levels -> (n, 2304) of the middle map, channel by channel."""
    return network.middle(on_device(network, pictures)).cpu().flatten(1)


def on_device(network: DeployedFaceNetwork, pictures: Tensor) -> Tensor:
    """(n, 1, 48, 48) grey levels as the network takes them, where it is."""
    return standardise(pictures).contiguous(memory_format=torch.channels_last).to(next(network.parameters()).device)
