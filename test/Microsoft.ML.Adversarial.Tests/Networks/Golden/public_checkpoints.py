#!/usr/bin/env python3
"""Writes public_checkpoints.json beside it: what networks with the public checkpoints' names compute from weights and images that a formula gives.

Needs torch and numpy (Debian: python3-torch; seen with 1.13.1). Run once; the tests only read what it wrote and follow the same formula (golden_formula.py, GoldenFormula.cs).

The networks are written here anew, narrow, from the papers and from what the names in these files say; no code of theirs is in it:
kuangliu/pytorch-cifar (resnet.py, preact_resnet.py), locuslab/robust_overfitting (preactresnet.py), yaodongyu/TRADES (wideresnet.py), deepmind-research
(adversarial_robustness/pytorch/model_zoo.py), RobustBench/robustbench (architectures/).
"""
import json
import pathlib

import numpy
import torch
from torch import nn
from torch.nn import functional

from golden_formula import weights

CLASSES, HEIGHT, WIDTH, IMAGES = 5, 32, 24, 3
# CIFAR-10's, as RobustBench's models hold them.
MEAN, DEVIATION = [0.4914, 0.4822, 0.4465], [0.2471, 0.2435, 0.2616]


def convolution(inputs, outputs, kernel, stride=1, padding=None):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if padding is None else padding, bias=False)


class Block(nn.Module):
    """Convolutions with a normalisation before (or behind) each; the names of its parts are given."""

    def __init__(self, inputs, convolutions, names, shortcut, activation, first, pads_at_end=False):
        super().__init__()
        self.names, self.first, self.activation, self.pads_at_end = names, first, activation, pads_at_end
        channels, total = inputs, 1
        for (norm, conv), (outputs, kernel, stride) in zip(names, convolutions):
            moves = pads_at_end and stride == 2
            self.add_module(norm, nn.BatchNorm2d(channels if first else outputs))
            self.add_module(conv, convolution(channels, outputs, kernel, stride, 0 if moves else None))
            channels, total = outputs, total * stride
        self.projection = None
        if total != 1 or channels != inputs:
            parts = [convolution(inputs, channels, 1, total)] + ([] if first else [nn.BatchNorm2d(channels)])
            self.projection = shortcut
            self.add_module(shortcut.split(".")[0], nn.Sequential(*parts) if "." in shortcut else parts[0])

    def project(self, x):
        return getattr(self, self.projection.split(".")[0])(x)

    def convolve(self, name, x):
        layer = getattr(self, name)
        if self.pads_at_end and layer.stride == (2, 2):
            x = functional.pad(x, (0, 1, 0, 1))
        return layer(x)

    def forward(self, x):
        if self.first:
            y = self.activation(getattr(self, self.names[0][0])(x))
            short = self.project(y) if self.projection else x
            y = self.convolve(self.names[0][1], y)
            for norm, conv in self.names[1:]:
                y = self.convolve(conv, self.activation(getattr(self, norm)(y)))
            return y + short
        y = x
        for i, (norm, conv) in enumerate(self.names):
            y = getattr(self, norm)(getattr(self, conv)(self.activation(y) if i else y))
        return self.activation(y + (self.project(x) if self.projection else x))


NUMBERED = [(f"bn{i}", f"conv{i}") for i in (1, 2, 3)]


def stages(widths, counts, expansion, make):
    """Yields lists of blocks; every stage but the first halves the image."""
    inputs = make.stem
    for stage, (width, count) in enumerate(zip(widths, counts)):
        blocks = []
        for block in range(count):
            blocks.append(make(inputs, width, 2 if stage and not block else 1))
            inputs = width * expansion
        yield nn.Sequential(*blocks)


class FourStages(nn.Module):
    """conv1, layer1 to layer4, linear; bn1 behind the stem of a ResNet, bn before the pooling of a PreActResNet."""

    def __init__(self, counts, width, is_bottleneck, first, activation):
        super().__init__()
        expansion = 4 if is_bottleneck else 1

        def make(inputs, width, stride):
            shape = [(width, 1, 1), (width, 3, stride), (width * 4, 1, 1)] if is_bottleneck else [(width, 3, stride), (width, 3, 1)]
            return Block(inputs, shape, NUMBERED[: len(shape)], "shortcut.0", activation, first)

        make.stem = width
        widths = [width * 2**stage for stage in range(4)]
        self.activation, self.first = activation, first
        self.conv1 = convolution(3, width, 3)
        if not first:
            self.bn1 = nn.BatchNorm2d(width)
        for stage, blocks in enumerate(stages(widths, counts, expansion, make)):
            self.add_module(f"layer{stage + 1}", blocks)
        if first:
            self.bn = nn.BatchNorm2d(widths[-1] * expansion)
        self.linear = nn.Linear(widths[-1] * expansion, CLASSES)

    def forward(self, x):
        x = self.conv1(x)
        if not self.first:
            x = self.activation(self.bn1(x))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        if self.first:
            x = self.activation(self.bn(x))
        return self.linear(x.mean((2, 3)))


class Layer(nn.Module):
    """A stage of TRADES' (layer) or of DeepMind's (block) wide network."""

    def __init__(self, name, blocks):
        super().__init__()
        self.name = name
        self.add_module(name, blocks)

    def forward(self, x):
        return getattr(self, self.name)(x)


class Wide(nn.Module):
    def __init__(self, depth, widening, activation, is_deepmind=False, has_unused_stage=False):
        super().__init__()
        names = [(f"batchnorm_{i}", f"conv_{i}") for i in (0, 1)] if is_deepmind else NUMBERED[:2]

        def make(inputs, width, stride):
            return Block(inputs, [(width, 3, stride), (width, 3, 1)], names, "shortcut" if is_deepmind else "convShortcut", activation, True, is_deepmind)

        make.stem = 16
        self.activation, self.is_deepmind = activation, is_deepmind
        widths, counts = [16 * widening * 2**stage for stage in range(3)], [(depth - 4) // 6] * 3
        made = [Layer("block" if is_deepmind else "layer", blocks) for blocks in stages(widths, counts, 1, make)]
        self.add_module("init_conv" if is_deepmind else "conv1", convolution(3, 16, 3))
        if is_deepmind:
            self.layer = nn.Sequential(*made)
        else:
            self.block1, self.block2, self.block3 = made
        if has_unused_stage:
            self.sub_block1 = Layer("layer", next(stages(widths[:1], counts[:1], 1, make)))
        self.add_module("batchnorm" if is_deepmind else "bn1", nn.BatchNorm2d(widths[-1]))
        self.add_module("logits" if is_deepmind else "fc", nn.Linear(widths[-1], CLASSES))

    def forward(self, x):
        if self.is_deepmind:
            return self.logits(self.activation(self.batchnorm(self.layer(self.init_conv(x)))).mean((2, 3)))
        return self.fc(self.activation(self.bn1(self.block3(self.block2(self.block1(self.conv1(x)))))).mean((2, 3)))


def images():
    """float32 [images, 3, height, width] in [0, 1]: saddles and slopes that each image and each channel has for itself."""
    image, channel, row, column = numpy.indices((IMAGES, 3, HEIGHT, WIDTH))
    return torch.from_numpy((((image + 1) * row * column // 8 + 5 * channel * column + 3 * image * row) % 64 / 63).astype(numpy.float32))


def case(model, prefix="", pixels=(), shape=(1, 3, 1, 1)):
    """pixels: the names of the buffers for mean and deviation; without them pixels enter as (pixel - 0.5)/0.5."""
    model.load_state_dict({name: weights(prefix + name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()}, strict=True)
    entries = [f"{prefix}{name} [{', '.join(map(str, tensor.shape))}]" for name, tensor in model.state_dict().items()]
    entries += [f"{prefix}{name} [{', '.join(map(str, shape))}]" for name in pixels]
    mean, deviation = (torch.tensor(numbers if pixels else [0.5] * 3).view(1, 3, 1, 1) for numbers in (MEAN, DEVIATION))
    with torch.no_grad():
        logits = model.double().eval()((images().double() - mean) / deviation)
    return {"tensors": entries, "logits": logits.tolist()}


def main():
    relu, silu, softplus = functional.relu, functional.silu, functional.softplus
    golden = {
        "mean": MEAN,
        "deviation": DEVIATION,
        "networks": {
            "pytorch-cifar's ResNet-18": case(FourStages([2, 2, 2, 2], 8, False, False, relu), "module."),
            "pytorch-cifar's ResNet-50": case(FourStages([3, 4, 6, 3], 4, True, False, relu)),
            "PreActResNet-18": case(FourStages([2, 2, 2, 2], 8, False, True, relu), pixels=("mu", "sigma")),
            "PreActResNet-34, Softplus": case(FourStages([3, 4, 6, 3], 4, False, True, softplus), "module.model."),
            "PreActResNet-50": case(FourStages([3, 4, 6, 3], 4, True, True, relu)),
            "TRADES' WideResNet-16-2": case(Wide(16, 2, relu, has_unused_stage=True)),
            "TRADES' WideResNet-10-1, SiLU": case(Wide(10, 1, silu), "module."),
            "DeepMind's WideResNet-16-2, SiLU": case(Wide(16, 2, silu, is_deepmind=True), "module.", pixels=("mean", "std"), shape=(3, 1, 1)),
        },
    }
    (pathlib.Path(__file__).parent / "public_checkpoints.json").write_text(json.dumps(golden, indent=1) + "\n")
    for name, network in golden["networks"].items():
        print(f"{name:34}", " ".join(f"{value:9.5f}" for value in network["logits"][0]))


if __name__ == "__main__":
    main()
