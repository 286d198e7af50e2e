#!/usr/bin/env python3
"""Times a step of adversarial training (PGD, L-inf 8/255, steps of 2/255) in PyTorch, to set beside the benchmark `training step` of test/Microsoft.ML.Adversarial.Benchmarks.

Usage: training_step.py [--depth 20] [--width 16] [--batch 128] [--steps 10] [--size 32] [--classes 10] [--rounds 5] [--threads N]
Two contestants take turns on the same noise: `plain`, the tutorial's loop (default layout, the network in training mode while the attack runs), and `tuned` (channels last, running
statistics and parameters without gradients while the attack runs). Needs torch alone. Depths: 6n + 2 for images up to 64 pixels, 18 and 34 (basic blocks), 50, 101 and 152 (bottleneck blocks).
"""
import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

EPSILON, STEP_SIZE = 8 / 255, 2 / 255
FOUR_STAGES = {18: [2, 2, 2, 2], 34: [3, 4, 6, 3], 50: [3, 4, 6, 3], 101: [3, 4, 23, 3], 152: [3, 8, 36, 3]}
BASIC = (18, 34)


def unit(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """relu(main(x) + shortcut(x)) (He et al. 2016, figure 5)."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = width * 4 if bottleneck else width
        if bottleneck:
            units = [unit(inputs, width, 1), nn.ReLU(), unit(width, width, 3, stride), nn.ReLU(), unit(width, outputs, 1)]
        else:
            units = [unit(inputs, width, 3, stride), nn.ReLU(), unit(width, outputs, 3)]
        self.main = nn.Sequential(*units)
        self.shortcut = nn.Identity() if stride == 1 and inputs == outputs else unit(inputs, outputs, 1, stride)

    def forward(self, images):
        return functional.relu(self.main(images) + self.shortcut(images))


class ResNet(nn.Module):
    def __init__(self, depth, width, size, classes):
        super().__init__()
        small = size <= 64
        three_stages = small and depth >= 8 and (depth - 2) % 6 == 0
        if not three_stages and depth not in FOUR_STAGES:
            raise SystemExit(f"--depth is {depth}, which no network for images of {size} pixels has; expected 6n + 2 up to 64 pixels, or one of {', '.join(map(str, FOUR_STAGES))}.")
        blocks = [(depth - 2) // 6] * 3 if three_stages else FOUR_STAGES[depth]
        bottleneck = not three_stages and depth not in BASIC
        width = width or (16 if three_stages else 64)
        layers = [unit(3, width, 3), nn.ReLU()] if small else [unit(3, width, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
        channels = width
        for stage, count in enumerate(blocks):
            for block in range(count):
                inner = width << stage
                layers.append(Block(channels, inner, 2 if stage > 0 and block == 0 else 1, bottleneck))
                channels = inner * 4 if bottleneck else inner
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(channels, classes)

    def forward(self, images):
        return self.classifier(self.layers(images * 2 - 1).mean((2, 3)))


def perturb(network, images, labels, steps):
    adversarial = (images + torch.empty_like(images).uniform_(-EPSILON, EPSILON)).clamp(0, 1)
    for _ in range(steps):
        adversarial = adversarial.detach().requires_grad_()
        gradient, = torch.autograd.grad(functional.cross_entropy(network(adversarial), labels), adversarial)
        moved = adversarial.detach() + STEP_SIZE * gradient.sign()
        adversarial = (images + (moved - images).clamp(-EPSILON, EPSILON)).clamp(0, 1)
    return adversarial.detach()


class Contestant:
    def __init__(self, arguments, tuned):
        torch.manual_seed(1)
        self.tuned, self.steps = tuned, arguments.steps
        self.network = ResNet(arguments.depth, arguments.width, arguments.size, arguments.classes)
        self.images = torch.rand(arguments.batch, 3, arguments.size, arguments.size)
        self.labels = torch.randint(arguments.classes, (arguments.batch,))
        if tuned:
            self.network = self.network.to(memory_format=torch.channels_last)
            self.images = self.images.contiguous(memory_format=torch.channels_last)
        self.optimizer = torch.optim.SGD(self.network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=tuned)

    def craft(self):
        if not self.tuned:
            return perturb(self.network, self.images, self.labels, self.steps)
        self.network.eval().requires_grad_(False)
        adversarial = perturb(self.network, self.images, self.labels, self.steps)
        self.network.train().requires_grad_(True)
        return adversarial

    def step(self):
        start = time.perf_counter()
        adversarial = self.craft()
        loss = functional.cross_entropy(self.network(adversarial), self.labels)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        loss.item()
        return len(self.images) / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description="Times a step of adversarial training in PyTorch.")
    parser.add_argument("--depth", type=int, default=20)
    parser.add_argument("--width", type=int, help="channels of the first stage; 16 with three stages and 64 with four where not given")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10, help="of PGD")
    parser.add_argument("--size", type=int, default=32, help="pixels")
    parser.add_argument("--classes", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="all cores where not given")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)

    contestants = {"plain": Contestant(arguments, tuned=False), "tuned": Contestant(arguments, tuned=True)}
    speeds = {name: [] for name in contestants}
    for round_number in range(arguments.rounds + 1):
        for name, contestant in contestants.items():
            speed = contestant.step()
            # The first round warms up.
            if round_number > 0:
                speeds[name].append(speed)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads, depth {arguments.depth}, width {arguments.width or 'default'}, {arguments.size} px, batch {arguments.batch}, PGD-{arguments.steps}")
    for name, found in speeds.items():
        print(f"{name}: {statistics.median(found):.1f} images/s ({min(found):.1f} to {max(found):.1f})")
    ratios = [tuned / plain for tuned, plain in zip(speeds["tuned"], speeds["plain"])]
    print(f"tuned is {statistics.median(ratios):.2f} times as fast ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
