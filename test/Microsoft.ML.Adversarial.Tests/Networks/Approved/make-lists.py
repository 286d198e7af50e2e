#!/usr/bin/env python3
"""Writes the approved lists beside it: the state_dict of torchvision's ResNets, name by name, in torchvision's order.

Follows torchvision/models/resnet.py (ResNet._make_layer, BasicBlock, Bottleneck), not this library's code. The numbers of parameters
that torchvision publishes for resnet18 and resnet50 stop it where it is wrong. Run once; the tests only read what it wrote.

The networks that normalise first have the names of kuangliu/pytorch-cifar (models/preact_resnet.py), with the last normalisation of Rice et al. 2020, and of
yaodongyu/TRADES (models/wideresnet.py); their numbers of parameters are those that the literature states.

torchvision knows no mixture batch normalisation (Xie & Yuille 2020): what both domains share keeps torchvision's name, and what each has for itself
bears it behind "clean." and "adversarial.".
"""
import math
import pathlib


AFFINE = ("weight", "bias")
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


class Names:
    def __init__(self, shared, apart):
        self.entries = []
        self.shared, self.apart = shared, apart

    def add(self, name, *shape):
        self.entries.append((name, shape))

    def conv(self, name, outputs, inputs, kernel):
        self.add(f"{name}.weight", outputs, inputs, kernel, kernel)

    def norm(self, name, channels):
        apart = [f"{domain}.{tensor}" for domain in ("clean", "adversarial") for tensor in self.apart]
        for tensor in [*self.shared, *apart]:
            self.add(f"{name}.{tensor}", *([] if tensor.endswith("num_batches_tracked") else [channels]))

    def parameters(self):
        return sum(math.prod(shape) for name, shape in self.entries if not name.endswith(STATISTICS))


def resnet(blocks, bottleneck, width=64, channels=3, classes=1000, stem=7, shared=AFFINE + STATISTICS, apart=()):
    names = Names(shared, apart)
    expansion = 4 if bottleneck else 1
    names.conv("conv1", width, channels, stem)
    names.norm("bn1", width)
    inputs = width
    for stage, count in enumerate(blocks):
        planes = width * 2**stage
        for block in range(count):
            prefix = f"layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            kernels = (1, 3, 1) if bottleneck else (3, 3)
            outputs = (planes, planes, planes * 4) if bottleneck else (planes, planes)
            before = inputs
            for i, (kernel, after) in enumerate(zip(kernels, outputs)):
                names.conv(f"{prefix}.conv{i + 1}", after, before, kernel)
                names.norm(f"{prefix}.bn{i + 1}", after)
                before = after
            if stride != 1 or inputs != planes * expansion:
                names.conv(f"{prefix}.downsample.0", planes * expansion, inputs, 1)
                names.norm(f"{prefix}.downsample.1", planes * expansion)
            inputs = planes * expansion
    names.add("fc.weight", classes, inputs)
    names.add("fc.bias", classes)
    return names


def normalized_first(names, blocks, widths, expansion, block_name, shortcut, inputs):
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        for block in range(count):
            prefix = block_name.format(stage + 1, block)
            kernels = (1, 3, 1) if expansion > 1 else (3, 3)
            outputs = (width,) * (len(kernels) - 1) + (width * expansion,)
            before = inputs
            for i, (kernel, after) in enumerate(zip(kernels, outputs)):
                names.norm(f"{prefix}.bn{i + 1}", before)
                names.conv(f"{prefix}.conv{i + 1}", after, before, kernel)
                before = after
            if inputs != before or (stage > 0 and block == 0):
                names.conv(f"{prefix}.{shortcut}", before, inputs, 1)
            inputs = before
    return inputs


def preact(blocks, bottleneck):
    names = Names(AFFINE + STATISTICS, ())
    names.conv("conv1", 64, 3, 3)
    channels = normalized_first(names, blocks, (64, 128, 256, 512), 4 if bottleneck else 1, "layer{}.{}", "shortcut.0", 64)
    names.norm("bn", channels)
    names.add("linear.weight", 10, channels)
    names.add("linear.bias", 10)
    return names


def wide(depth, widening):
    names = Names(AFFINE + STATISTICS, ())
    names.conv("conv1", 16, 3, 3)
    channels = normalized_first(names, [(depth - 4) // 6] * 3, [16 * widening, 32 * widening, 64 * widening], 1, "block{}.layer.{}", "convShortcut", 16)
    names.norm("bn1", channels)
    names.add("fc.weight", 10, channels)
    names.add("fc.bias", 10)
    return names


def write(file, names, parameters=None):
    assert parameters is None or names.parameters() == parameters, (file, names.parameters())
    lines = [f"{name} [{', '.join(map(str, shape))}]\n" for name, shape in names.entries]
    (pathlib.Path(__file__).parent / file).write_text("".join(lines))
    print(file, len(lines), names.parameters())


write("resnet-18.txt", resnet([2, 2, 2, 2], False), 11_689_512)
write("resnet-50.txt", resnet([3, 4, 6, 3], True), 25_557_032)
# 212 blocks; the split between the middle stages is the library's own rule: 206 in the proportion 24 : 36, rounded down for stage 2.
write("resnet-638.txt", resnet([3, 82, 124, 3], True))
# He et al. 2016, section 4.2: 6n + 2 layers of width 16, 32, 64, here with torchvision's names and 1x1 shortcuts.
write("resnet-8-grey.txt", resnet([1, 1, 1], False, width=16, channels=1, classes=26, stem=3))
write("resnet-50-small.txt", resnet([3, 4, 6, 3], True, classes=200, stem=3))
for kind, shared, apart in (
    ("mixture", (), AFFINE + STATISTICS),
    ("mixture-shared-affine", AFFINE, STATISTICS),
    ("mixture-shared-statistics", STATISTICS, AFFINE),
    # Group normalisation, and none but a scale and a shift.
    ("affine", AFFINE, ()),
):
    write(f"resnet-8-grey-{kind}.txt", resnet([1, 1, 1], False, width=16, channels=1, classes=26, stem=3, shared=shared, apart=apart))
write("preact-18.txt", preact([2, 2, 2, 2], False))
write("preact-34.txt", preact([3, 4, 6, 3], False))
write("preact-50.txt", preact([3, 4, 6, 3], True))
write("wide-28-10.txt", wide(28, 10), 36_479_194)
write("wide-34-10.txt", wide(34, 10), 46_160_474)
write("wide-70-16.txt", wide(70, 16), 266_796_506)
