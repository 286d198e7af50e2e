#!/usr/bin/env python3
"""Writes torchvision_resnet50.json beside it: what torchvision's own ResNet-50 computes from weights and images that a formula gives.

Needs torch and torchvision (Debian: python3-torchvision; seen with 1.13.0 and 0.14.1). Run once; the tests only read what it wrote and follow the same
formula (golden_formula.py, GoldenFormula.cs).
"""
import json
import pathlib

import numpy
import torch
import torchvision

from golden_formula import weights

CLASSES = 5
# Above 64 pixels, where this library's stem is torchvision's, too; not square, so that a turned image shows; no multiple of the stride, so that padding shows.
HEIGHT, WIDTH, IMAGES = 90, 75, 3


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
