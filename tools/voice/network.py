"""The voice network: convolutions over time on MFCC and pitch, attention and statistics pooling, one linear layer of logits.

Host side only. About 0.3 million parameters; written as 2-D convolutions with kernels (k, 1), which become int8 without
detours. Pooling (softmax over time, square root) stays in float in the exported file: see ``KEEP_FLOAT``.

Source of the pooling: Okabe et al. 2018, "Attentive statistics pooling for deep speaker embedding".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ertedge.perception.speech_frames import FEATURES
from tools.data.voice_clips import NATIVE_LABELS

OUTPUT_NAMES = ("logits",)
KEEP_FLOAT = ("pool",)


class VoiceNetwork(nn.Module):
    """(batch, 300, 42) normalised MFCC and pitch -> (batch, 8) logits."""

    def __init__(self, width: int = 96, wide_blocks: int = 2, features: int = FEATURES, dropout: float = 0.3) -> None:
        """``wide_blocks`` residual blocks at 25 frames a second, each seeing twice as far as the one before; of a frame
        only the first ``features`` are looked at."""
        super().__init__()
        wide = width * 4 // 3
        self.features = features
        self.channels = wide
        self.stem = _convolution(features, width, 5, stride=2)
        self.narrow = _Residual(width, dilation=1)
        self.down = _convolution(width, wide, 3, stride=2)
        self.wide = nn.Sequential(*(_Residual(wide, dilation=2**block) for block in range(1, wide_blocks + 1)))
        self.pool = AttentiveStatistics(wide)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Conv2d(2 * wide, len(NATIVE_LABELS), 1)

    def as_products(self) -> VoiceNetwork:
        """In evaluation mode, but for the convolutions, which stay the products of matrices that they are in training: for a
        teacher, whom every batch asks."""
        self.eval()
        for layer in self.modules():
            if isinstance(layer, _TimeConvolution):
                layer.train()
        return self

    def forward(self, x: Tensor) -> Tensor:
        """(batch, frames, 42) -> (batch, 8)."""
        return self.read(self.map(x))

    def map(self, x: Tensor) -> Tensor:
        """(batch, frames, 42) -> (batch, channels, frames / 4, 1): what the network makes of every 40 ms."""
        if self.features < FEATURES:
            x = x[:, :, : self.features]
        x = x.permute(0, 2, 1).unsqueeze(-1)
        mapped: Tensor = self.wide(self.down(self.narrow(self.stem(x))))
        return mapped

    def read(self, mapped: Tensor) -> Tensor:
        """(batch, channels, steps, 1) -> (batch, 8): the emotion in what ``map`` gave."""
        pooled = self.dropout(self.pool(mapped))
        logits: Tensor = self.head(pooled.unsqueeze(-1).unsqueeze(-1))
        return logits.flatten(1)


class AttentiveStatistics(nn.Module):
    """(batch, channels, time, 1) -> (batch, 2 channels): mean and deviation over time, weighted by attention.

    Each of ``heads`` groups of channels has its own weights over time.
    """

    def __init__(self, channels: int, hidden: int = 32, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.hidden = nn.Linear(channels, hidden)
        self.score = nn.Linear(hidden, heads)

    def forward(self, x: Tensor) -> Tensor:
        frames = x.squeeze(-1).transpose(1, 2)
        scores = self.score(torch.tanh(self.hidden(frames))).transpose(1, 2)
        weights = torch.softmax(scores, dim=-1).unsqueeze(2)
        batch, channels, time = x.shape[0], x.shape[1], x.shape[2]
        groups = x.reshape(batch, self.heads, channels // self.heads, time)
        mean = (groups * weights).sum(-1)
        centred = groups - mean.unsqueeze(-1)
        deviation = torch.sqrt((centred * centred * weights).sum(-1) + 1e-4)
        return torch.cat((mean.flatten(1), deviation.flatten(1)), dim=1)


class _Residual(nn.Module):
    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.first = _convolution(width, width, 3, dilation=dilation)
        self.second = nn.Sequential(_time_convolution(width, width, 3, 1, dilation), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.second(self.first(x)))


def _convolution(inputs: int, outputs: int, taps: int, *, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(_time_convolution(inputs, outputs, taps, stride, dilation), nn.BatchNorm2d(outputs), nn.ReLU())


class _TimeConvolution(nn.Conv2d):
    """A convolution over time, (k, 1). In training it is one product of matrices, which a processor, in bfloat16 above all,
    does in half the time that the backward pass of its convolution takes; exported, it is the convolution it looks like."""

    def forward(self, x: Tensor) -> Tensor:
        """(batch, inputs, time, 1) -> (batch, outputs, shorter time, 1), in the memory layout channels last."""
        if not self.training:
            return super().forward(x)
        taps, stride, dilation, padding = self.kernel_size[0], self.stride[0], self.dilation[0], int(self.padding[0])
        frames = functional.pad(x.squeeze(-1).transpose(1, 2), (0, 0, padding, padding))
        steps = (frames.shape[1] - dilation * (taps - 1) - 1) // stride + 1
        starts = range(0, taps * dilation, dilation)
        seen = torch.cat([frames[:, start : start + (steps - 1) * stride + 1 : stride] for start in starts], dim=2)
        weight = self.weight.squeeze(-1).permute(2, 1, 0).reshape(-1, self.out_channels)
        return torch.matmul(seen, weight).unsqueeze(2).permute(0, 3, 1, 2)


def _time_convolution(inputs: int, outputs: int, taps: int, stride: int, dilation: int) -> nn.Conv2d:
    padding = (taps // 2 * dilation, 0)
    return _TimeConvolution(inputs, outputs, (taps, 1), (stride, 1), padding, (dilation, 1), bias=False)
