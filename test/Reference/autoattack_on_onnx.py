#!/usr/bin/env python3
"""Attacks an exported model with the reference AutoAttack (Croce & Hein, ICML 2020; github.com/fra31/auto-attack) and compares with this library's evaluation.

Usage: autoattack_on_onnx.py --autoattack CLONE --model model.onnx --images images.csv [--epsilon 8] [--version standard] [--seed 1]
The model is what ExportOnnx wrote, images.csv what the sample EvaluateRobustness left beside its report: the same images, with what our attack did to each.
Ends with 1 where the robust accuracies are more than a point apart. Needs torch, onnx, numpy and Pillow, and a clone of the reference. The graph is run in torch, node by node, by the ONNX operators' definitions; nothing of this library takes part.
"""
import argparse
import csv
import sys

import numpy
import onnx
import onnx.numpy_helper
import torch
from PIL import Image

# Of all images: another order of random draws breaks a few others.
TOLERANCE = 0.01


class OnnxNetwork(torch.nn.Module):
    """Images in [0, 1] to logits."""

    def __init__(self, path):
        super().__init__()
        graph = onnx.load(path).graph
        self.input = graph.input[0].name
        sizes = [size.dim_value for size in graph.input[0].type.tensor_type.shape.dim]
        self.nodes = [(node.op_type, list(node.input), node.output[0], {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}) for node in graph.node]
        self.constants = {}
        for constant in graph.initializer:
            if constant.data_type != onnx.TensorProto.STRING:
                self.constants[constant.name] = torch.from_numpy(onnx.numpy_helper.to_array(constant).copy())
        if len(sizes) != 4 or any(node[0] == "Transpose" for node in self.nodes):
            sys.exit(f"{path}: expected planar pixels, [batch, channels, height, width]")
        self.classes = next([name.decode() for name in node[3]["keys_strings"]] for node in self.nodes if node[0] == "LabelEncoder")
        self.grey = sizes[1] == 1

    def forward(self, images):
        # The graph begins with the division that maps its own range onto [0, 1].
        values = dict(self.constants)
        values[self.input] = images * 255
        for operation, inputs, output, attributes in self.nodes:
            if operation == "LabelEncoder":
                continue
            values[output] = self.run(operation, [values[name] for name in inputs], attributes)
        return values["Logits"]

    @staticmethod
    def run(operation, x, attributes):
        functional = torch.nn.functional
        if operation == "Conv":
            return functional.conv2d(x[0], x[1], x[2] if len(x) > 2 else None, attributes["strides"], attributes["pads"][:2])
        if operation == "MaxPool":
            return functional.max_pool2d(x[0], attributes["kernel_shape"], attributes["strides"], attributes["pads"][:2])
        return {
            "Sub": lambda: x[0] - x[1],
            "Div": lambda: x[0] / x[1],
            "Mul": lambda: x[0] * x[1],
            "Add": lambda: x[0] + x[1],
            "Relu": lambda: functional.relu(x[0]),
            "GlobalAveragePool": lambda: x[0].mean((2, 3), keepdim=True),
            "Flatten": lambda: x[0].flatten(1),
            "Gemm": lambda: functional.linear(x[0], x[1], x[2]),
            "Softmax": lambda: x[0].softmax(1),
            "ArgMax": lambda: x[0].argmax(1),
            "Identity": lambda: x[0],
        }[operation]()


def read(path, grey):
    with Image.open(path) as image:
        pixels = numpy.asarray(image.convert("L" if grey else "RGB"), dtype=numpy.float32) / 255
    return torch.from_numpy(pixels[None] if grey else pixels.transpose(2, 0, 1).copy())


arguments = argparse.ArgumentParser()
arguments.add_argument("--autoattack", required=True, help="a clone of github.com/fra31/auto-attack")
arguments.add_argument("--model", required=True)
arguments.add_argument("--images", required=True)
arguments.add_argument("--epsilon", type=float, default=8, help="in grey levels of 255")
arguments.add_argument("--version", default="standard", choices=["standard", "plus", "rand"])
arguments.add_argument("--seed", type=int, default=1)
arguments = arguments.parse_args()
sys.path.insert(0, arguments.autoattack)
from autoattack import AutoAttack  # noqa: E402

network = OnnxNetwork(arguments.model).eval()
with open(arguments.images, newline="") as file:
    rows = list(csv.DictReader(file))
images = torch.stack([read(row["File"], network.grey) for row in rows])
labels = torch.tensor([network.classes.index(row["Label"]) for row in rows])
reference = AutoAttack(network, norm="Linf", eps=arguments.epsilon / 255, seed=arguments.seed, version=arguments.version, device="cpu")
adversarial = reference.run_standard_evaluation(images, labels, bs=100)

with torch.no_grad():
    clean = network(images).argmax(1) == labels
    attacked = clean & (network(adversarial).argmax(1) == labels)
ours_clean = torch.tensor([row["CorrectClean"] == "1" for row in rows])
ours = torch.tensor([row["CorrectAttacked"] == "1" for row in rows])
print(f"{len(rows)} images, reference seed {arguments.seed}")
print(f"clean accuracy   : reference {clean.float().mean():.1%}, this library {ours_clean.float().mean():.1%}, {int((clean != ours_clean).sum())} images differ")
print(f"robust accuracy  : reference {attacked.float().mean():.1%}, this library {ours.float().mean():.1%}")
print(f"broken by one only: {int((~attacked & ours).sum())} by the reference, {int((attacked & ~ours).sum())} by this library")
sys.exit(0 if abs(attacked.float().mean() - ours.float().mean()) <= TOLERANCE else 1)
