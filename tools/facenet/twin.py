"""A network to train on, out of the float32 file of one that was exported: for when its run folder is gone. Host only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ertedge.errors import ConfigurationError
from tools.facenet.network import DeployedFaceNetwork, FaceNetwork

LEAST_VARIANCE = 1e-4


def network_of_twin(path: Path, batches: Iterable[Tensor]) -> FaceNetwork:
    """The trained network whose deployed form lies in ``path`` (float32, of the device's size), in evaluation mode.

    An exported convolution holds its batch normalisation; here it gets one back that changes nothing, with the mean and
    variance that ``batches`` of standardised faces (n, 1, 48, 48) have there, so that training goes on from where it was.
    What the device reads off the middle of the trunk is left out: ``tools.facenet.readout`` fits it anew.

    Raises ConfigurationError where the file is no such network.
    """
    network = FaceNetwork().eval()
    layers = _layers(path)
    read = DeployedFaceNetwork(network)
    # In the order of the file: trunk, readout, emotion, identity.
    order: list[nn.Module] = [layer for layer in network.trunk.modules() if isinstance(layer, nn.Conv2d)]
    order += [read.readout, network.emotion]
    order += [layer for layer in network.identity.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    if [tuple(layer.weight.shape) for layer in order] != [tuple(weight.shape) for weight, _ in layers]:
        raise ConfigurationError([f"{path} is not FaceNet of the device's size in float32"])
    normalised = [layer for layer in order if isinstance(layer, nn.Conv2d) and layer.bias is None]
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    with torch.no_grad():
        for layer, (weight, bias) in zip(order, layers, strict=True):
            layer.weight.copy_(weight)
            if layer.bias is not None:
                layer.bias.copy_(bias)
        biases = [bias for layer, (_, bias) in zip(order, layers, strict=True) if layer in normalised]
        for norm, bias in zip(norms, biases, strict=True):
            norm.weight.fill_(1.0)  # a residual block begins with none
            norm.running_var.fill_(1.0 - norm.eps)
            norm.bias.copy_(bias)
        for norm, (mean, variance) in zip(norms, _statistics(network, normalised, batches), strict=True):
            norm.bias.add_(mean)
            norm.weight.copy_((variance + norm.eps).sqrt())
            norm.running_mean.copy_(mean)
            norm.running_var.copy_(variance)
    return network


def _layers(path: Path) -> list[tuple[Tensor, Tensor]]:
    """Weight, in torch's order of axes, and bias of every layer, in the order in which they are computed."""
    from ai_edge_litert.interpreter import Interpreter

    try:
        reader = Interpreter(model_path=str(path))
        reader.allocate_tensors()
    except (ValueError, RuntimeError, OSError) as error:
        raise ConfigurationError([f"{path} cannot be read as a network: {error}"]) from None
    axes = {"CONV_2D": (0, 3, 1, 2), "DEPTHWISE_CONV_2D": (3, 0, 1, 2), "FULLY_CONNECTED": (0, 1)}
    found: list[tuple[Tensor, Tensor]] = []
    for operation in reader._get_ops_details():  # the only way to what the file holds; there is no public one
        if operation["op_name"] in axes:
            weight, bias = (reader.get_tensor(int(index)) for index in operation["inputs"][1:3])
            turned = np.ascontiguousarray(np.transpose(weight, axes[operation["op_name"]]), dtype=np.float32)
            found.append((torch.from_numpy(turned), torch.from_numpy(np.array(bias, dtype=np.float32))))
    return found


def _statistics(
    network: FaceNetwork, convolutions: Sequence[nn.Module], batches: Iterable[Tensor]
) -> list[tuple[Tensor, Tensor]]:
    """Mean and variance, (channels,) each, of what every one of ``convolutions`` gives for ``batches``."""
    seen: dict[nn.Module, list[tuple[Tensor, Tensor]]] = {layer: [] for layer in convolutions}

    def look(layer: nn.Module, _: object, given: Tensor) -> None:
        seen[layer].append((given.mean(dim=(0, 2, 3)), given.square().mean(dim=(0, 2, 3))))

    hooks = [layer.register_forward_hook(look) for layer in convolutions]
    for batch in batches:
        network(batch)
    for hook in hooks:
        hook.remove()
    statistics = []
    for moments in seen.values():
        mean, square = (torch.stack(each).mean(dim=0) for each in zip(*moments, strict=True))
        statistics.append((mean, (square - mean.square()).clamp_min(LEAST_VARIANCE)))
    return statistics
