"""Losses of training methods, and their gradients, on fixed logits: what TrainingLossTests compares with.

Run with torch: python3 training_losses.py > training_losses.json
The formulas are those of the papers, with the constants of their authors' public code; see METHODS and the remarks of each method.
"""
import json
import math

import torch

IMAGES, CLASSES = 6, 5


def logits(first, second):
    return torch.tensor([[first * math.sin(3 * i + c + second) for c in range(CLASSES)] for i in range(IMAGES)], dtype=torch.float32).double().requires_grad_()


def divergence(p, q):
    """KL(p || q), summed over classes, of logits."""
    return (p.softmax(1) * (p.log_softmax(1) - q.log_softmax(1))).sum(1)


def trades(clean, attacked, labels, beta=6.0):
    return (torch.nn.functional.cross_entropy(clean, labels, reduction="sum") + beta * divergence(clean, attacked).sum()) / len(labels)


def mart(clean, attacked, labels, beta=5.0):
    p, q = clean.softmax(1), attacked.softmax(1)
    top = q.argsort(1)[:, -2:]
    wrong = torch.where(top[:, -1] == labels, top[:, -2], top[:, -1])
    boosted = torch.nn.functional.cross_entropy(attacked, labels) + torch.nn.functional.nll_loss(torch.log(1.0001 - q + 1e-12), wrong)
    apart = (p * (p.log() - torch.log(q + 1e-12))).sum(1)
    true = p.gather(1, labels[:, None]).squeeze(1)
    return boosted + beta * (apart * (1.0000001 - true)).mean()


golden = {}
for method in (trades, mart):
    clean, attacked = logits(2.0, 0.0), logits(1.5, 0.7)
    labels = torch.arange(IMAGES) % CLASSES
    loss = method(clean, attacked, labels)
    loss.backward()
    golden[method.__name__] = {"loss": loss.item(), "clean": clean.grad.flatten().tolist(), "attacked": attacked.grad.flatten().tolist()}
print(json.dumps(golden, indent=1))
