#!/usr/bin/env python3
"""Writes torchvision_resnet50.json beside it: what torchvision's own ResNet-50 computes from weights and images that a formula gives.

Needs torch and torchvision (Debian: python3-torchvision; seen with 1.13.0 and 0.14.1). Run once; the tests only read what it wrote and follow the same
formula (GoldenResNet50.cs).

Every number is made of u(name, i) in [0, 1): the hash FNV-1a of the tensor's name plus i times 0x9E3779B9, mixed as murmur3 ends, over 2^32. That is exact in
float64; only the last step rounds to float32.
"""
import json
import math
import pathlib

import numpy
import torch
import torchvision

CLASSES = 5
# Above 64 pixels, where this library's stem is torchvision's, too; not square, so that a turned image shows; no multiple of the stride, so that padding shows.
HEIGHT, WIDTH, IMAGES = 90, 75, 3


def uniform(name, count):
    hash = 0x811C9DC5
    for byte in name.encode():
        hash = (hash ^ byte) * 0x01000193 & 0xFFFFFFFF
    x = (numpy.arange(count, dtype=numpy.uint64) * 0x9E3779B9 + hash) & 0xFFFFFFFF
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        x = (x ^ (x >> numpy.uint64(shift))) * numpy.uint64(factor) & numpy.uint64(0xFFFFFFFF)
    return (x ^ (x >> numpy.uint64(16))).astype(numpy.float64) / 2.0**32


def weights(name, shape):
    """Activations and logits of order 1 through all layers: convolutions and the last layer keep the variance, scales below 1 damp the residual sums."""
    u = uniform(name, math.prod(shape)).reshape(shape)
    if name.endswith("num_batches_tracked"):
        return torch.tensor(int(u * 1000))
    if len(shape) > 1:
        values = (2 * u - 1) * math.sqrt(6 / math.prod(shape[1:]))
    elif name.endswith("running_var"):
        values = 0.75 + u / 2
    elif name.endswith("weight"):
        values = 0.5 + u / 2
    else:
        values = (2 * u - 1) / 10
    return torch.from_numpy(values.astype(numpy.float32))


def images():
    """float32 [images, 3, height, width] in [0, 1]: saddles and slopes that each image and each channel has for itself."""
    image, channel, row, column = numpy.indices((IMAGES, 3, HEIGHT, WIDTH))
    return torch.from_numpy((((image + 1) * row * column // 8 + 5 * channel * column + 3 * image * row) % 64 / 63).astype(numpy.float32))


def logits(model):
    """Pixels enter as (pixel - 0.5)/0.5, which is the first layer of this library's network."""
    with torch.no_grad():
        return model.eval()((images() - 0.5) / 0.5)


def main():
    model = torchvision.models.resnet50(weights=None, num_classes=CLASSES)
    state = {name: weights(name, tuple(tensor.shape)) for name, tensor in model.state_dict().items()}
    model.load_state_dict(state, strict=True)
    golden = {
        "tensors": [f"{name} [{', '.join(map(str, tensor.shape))}]" for name, tensor in state.items()],
        "logits": logits(model).double().tolist(),
    }
    (pathlib.Path(__file__).parent / "torchvision_resnet50.json").write_text(json.dumps(golden, indent=1) + "\n")
    for row in golden["logits"]:
        print(" ".join(f"{value:9.5f}" for value in row))


if __name__ == "__main__":
    main()
