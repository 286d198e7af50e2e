"""What training methods do to a tiny network: what MethodUpdateTests compares with.

Run with torch: python3 method_updates.py > method_updates.json
The definitions are those of the papers: adversarial weight perturbation by a proxy copy that takes one step of gradient ascent (Wu et al. 2020, equation 8, with the proxy's rate of 0.01), gradient alignment
(Andriushchenko & Flammarion 2020, section 5), free adversarial training (Shafahi et al. 2019, algorithm 1). Numbers are double precision.
"""
import copy
import json
import math

import torch
from torch import nn

IMAGES, CLASSES, CHANNELS, SIZE, WIDTH = 4, 3, 2, 6, 5


def waves(shape, scale, shift, middle=0.0):
    count = math.prod(shape)
    return torch.tensor([middle + scale * math.sin(1.7 * i + shift) for i in range(count)], dtype=torch.float64).reshape(shape)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(CHANNELS, WIDTH, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        self.fc = nn.Linear(WIDTH, CLASSES)
        self.double()
        with torch.no_grad():
            self.conv1.weight.copy_(waves(self.conv1.weight.shape, 0.3, 0.1))
            self.bn1.weight.copy_(waves([WIDTH], 0.2, 0.5, middle=1.0))
            self.bn1.bias.copy_(waves([WIDTH], 0.1, 0.9))
            self.fc.weight.copy_(waves(self.fc.weight.shape, 0.8, 1.3))
            self.fc.bias.copy_(waves([CLASSES], 0.1, 0.2))

    def forward(self, images):
        return self.fc(torch.relu(self.bn1(self.conv1((images - 0.5) / 0.5))).mean((2, 3)))


images = waves([IMAGES, CHANNELS, SIZE, SIZE], 0.4, 0.0, middle=0.5)
labels = torch.arange(IMAGES) % CLASSES
cross_entropy = nn.functional.cross_entropy


def weight_perturbation(share=0.01, rate=0.01):
    network = Net()
    proxy = copy.deepcopy(network)
    optimizer = torch.optim.SGD(proxy.parameters(), lr=rate)
    optimizer.zero_grad()
    (-cross_entropy(proxy(images), labels)).backward()
    optimizer.step()
    added = {}
    for (name, old), new in zip(network.named_parameters(), proxy.parameters()):
        if old.dim() > 1:
            difference = (new - old).detach()
            added[name] = (share * old.detach().norm() / (difference.norm() + 1e-20) * difference).flatten().tolist()
    return added


def gradient_alignment():
    network = Net()
    noisy = images + waves(images.shape, 8 / 255, 2.1)

    def gradient(at):
        at = at.clone().requires_grad_()
        return torch.autograd.grad(cross_entropy(network(at), labels, reduction="sum"), at, create_graph=True)[0].flatten(1)

    loss = 1 - nn.functional.cosine_similarity(gradient(images), gradient(noisy), dim=1, eps=1e-30).mean()
    loss.backward()
    return {"loss": loss.item(), **{name: parameter.grad.flatten().tolist() for name, parameter in network.named_parameters() if parameter.grad is not None}}


def free(replays=3, radius=8 / 255, rate=0.1):
    network = Net()
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    perturbation = torch.zeros_like(images)
    for _ in range(replays):
        attacked = (images + perturbation).clamp(0, 1).requires_grad_()
        optimizer.zero_grad()
        cross_entropy(network(attacked), labels).backward()
        optimizer.step()
        perturbation = (perturbation + radius * attacked.grad.sign()).clamp(-radius, radius)
    return {"perturbation": perturbation.flatten().tolist(), **{name: parameter.detach().flatten().tolist() for name, parameter in network.named_parameters()}}


print(json.dumps({"weight perturbation": weight_perturbation(), "gradient alignment": gradient_alignment(), "free": free()}, indent=1))
