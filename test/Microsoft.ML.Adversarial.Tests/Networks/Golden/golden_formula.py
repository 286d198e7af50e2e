"""Weights that a formula gives, for the scripts beside it and for GoldenFormula.cs.

Every number is made of u(name, i) in [0, 1): the hash FNV-1a of the tensor's name plus i times 0x9E3779B9, mixed as murmur3 ends, over 2^32. That is exact in
float64; only the last step rounds to float32.
"""
import math

import numpy
import torch


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
