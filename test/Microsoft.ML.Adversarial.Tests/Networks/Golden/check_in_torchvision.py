#!/usr/bin/env python3
"""Loads weights that SaveWeights has written into torchvision's own ResNet-50 and compares its logits with this library's.

Usage: check_in_torchvision.py WEIGHTS.safetensors LOGITS.json
Both are left by the tests of TorchvisionWeightsTests where the environment variable KEEP_WEIGHTS_IN names a folder. Needs torch and torchvision. Reads the
file by the format's description alone (huggingface/safetensors, "Format"), not with a reader of this library.
"""
import json
import struct
import sys

import torch
import torchvision

from torchvision_resnet50 import logits

TYPES = {"F32": (torch.float32, 4), "I64": (torch.int64, 8)}
# Another library, other kernels: as a share of the largest logit.
TOLERANCE = 1e-4


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        numbers = bytearray(file.read())
    state = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind, size = TYPES[entry["dtype"]]
        state[name] = torch.frombuffer(numbers, dtype=kind, count=(end - begin) // size, offset=begin).reshape(entry["shape"])
    return state


state = read(sys.argv[1])
with open(sys.argv[2]) as file:
    expected = torch.tensor(json.load(file))
model = torchvision.models.resnet50(weights=None, num_classes=state["fc.bias"].numel())
model.load_state_dict(state, strict=True)
actual = logits(model)
difference = ((actual - expected).abs().max() / expected.abs().max()).item()
print(f"{len(state)} tensors loaded by name; torchvision's logits\n{actual}\nlargest difference {difference:.2e} of the largest logit")
sys.exit(0 if difference <= TOLERANCE else 1)
