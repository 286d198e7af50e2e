"""Small networks with the operators that torchvision's do not use. The table at the end says how each is exported."""
import torch
from torch import nn
from torch.nn import functional

from foreign_export import FOLDED, INPUTS, PRESERVED, UNFOLDED, Foreign

CLASSES = 10


class Lambda(nn.Module):
    """A function as a layer."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, values):
        return self.function(values)


class AcrossChannels(torch.autograd.Function):
    """Local response normalisation as one node, which Caffe's networks have and PyTorch's exporter spells out with a branch."""

    @staticmethod
    def forward(context, values):
        return functional.local_response_norm(values, 5, 1e-2, 0.75, 1.0)

    @staticmethod
    def symbolic(graph, values):
        return graph.op("LRN", values, size_i=5, alpha_f=1e-2, beta_f=0.75, bias_f=1.0)


class PreActivation(nn.Module):
    """x + conv(relu(bn(conv(relu(bn(x)))))): no BatchNormalization follows the convolution that it could be folded into (He et al. 2016, Identity mappings)."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first_norm, self.first = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.second_norm, self.second = nn.BatchNorm2d(outputs), nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, stride, bias=False) if stride != 1 or inputs != outputs else None

    def forward(self, values):
        activated = functional.relu(self.first_norm(values))
        shortcut = values if self.shortcut is None else self.shortcut(activated)
        return shortcut + self.second(functional.relu(self.second_norm(self.first(activated))))


class Mixer(nn.Module):
    """A layer of MLP-Mixer (Tolstikhin et al. 2021, figure 1): mixes tokens, then channels."""

    def __init__(self, tokens, channels):
        super().__init__()
        self.token_norm, self.channel_norm = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.tokens = nn.Sequential(nn.Linear(tokens, 2 * tokens), nn.GELU(), nn.Linear(2 * tokens, tokens))
        self.channels = nn.Sequential(nn.Linear(channels, 2 * channels), nn.GELU(approximate="tanh"), nn.Linear(2 * channels, channels))

    def forward(self, values):
        values = values + self.tokens(self.token_norm(values).transpose(1, 2)).transpose(1, 2)
        return values + self.channels(self.channel_norm(values))


class Attention(nn.Module):
    """Attention written as sums over indices."""

    def __init__(self, channels, heads):
        super().__init__()
        self.heads, self.scale = heads, (channels // heads) ** -0.5
        self.queries, self.keys, self.values = (nn.Linear(channels, channels, bias=False) for _ in range(3))
        self.norm, self.out = nn.LayerNorm(channels), nn.Linear(channels, channels)

    def split(self, values):
        return values.reshape(values.shape[0], values.shape[1], self.heads, -1).permute(0, 2, 1, 3)

    def forward(self, tokens):
        normed = self.norm(tokens)
        queries, keys, values = (self.split(project(normed)) for project in (self.queries, self.keys, self.values))
        weights = (torch.einsum("bhid,bhjd->bhij", queries, keys) * self.scale).softmax(-1)
        return tokens + self.out(torch.einsum("bhij,bhjd->bhid", weights, values).permute(0, 2, 1, 3).flatten(2))


class Interleaved(nn.Module):
    """As Keras networks come: pixels from 0 to 255 with their channels last, transposed before the first convolution and before flattening, asymmetric padding, a softmax."""

    def __init__(self, is_padded):
        super().__init__()
        self.is_padded = is_padded
        self.first, self.second = nn.Conv2d(3, 16, 3, 2), nn.Conv2d(16, 32, 3, 2)
        self.first_norm, self.second_norm = nn.BatchNorm2d(16, 1e-3), nn.BatchNorm2d(32, 1e-3)
        self.hidden, self.out = nn.Linear(8 * 8 * 32, 64), nn.Linear(64, CLASSES)

    def pad(self, values):
        return functional.pad(values, (0, 1, 0, 1)) if self.is_padded else functional.pad(values, (1, 0, 1, 0))

    def forward(self, images):
        values = (images / 127.5 - 1).permute(0, 3, 1, 2)
        values = functional.relu6(self.first_norm(self.first(self.pad(values))))
        values = functional.relu6(self.second_norm(self.second(self.pad(values))))
        values = functional.relu(self.hidden(values.permute(0, 2, 3, 1).flatten(1)))
        return self.out(values).softmax(1)


class Normalised(nn.Module):
    """Mean and standard deviation inside, channels turned round, and a network behind it."""

    def __init__(self, *layers):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1))

    def forward(self, images):
        return self.layers(((images - self.mean) / self.deviation)[:, [2, 1, 0]])


class Heads(nn.Module):
    """Several ways to reduce, side by side."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), nn.LeakyReLU(0.1), nn.Conv2d(32, 32, 3, 2, 1), nn.Tanh())
        self.out = nn.Linear(32 * 7, CLASSES)

    def forward(self, images):
        values = self.stem(images)
        heads = [values.mean((2, 3)), values.amax((2, 3)), values.amin((2, 3)), values.sum((2, 3)) / 64, values.norm(2, (2, 3)) / 8, values.abs().sum((2, 3)).log1p(), values.logsumexp((2, 3))]
        return self.out(torch.cat(heads, 1))


def pre_activation():
    return nn.Sequential(
        nn.Conv2d(3, 16, 3, 1, 1, bias=False), PreActivation(16, 16, 1), PreActivation(16, 32, 2), PreActivation(32, 64, 2),
        nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


def tokens(*layers):
    """Patches of 8 x 8 pixels as 16 tokens of 64 channels, and the mean of them at the end."""
    return nn.Sequential(nn.Conv2d(3, 64, 8, 8), Lambda(lambda values: values.flatten(2).transpose(1, 2)), *layers, nn.LayerNorm(64), Lambda(lambda values: values.mean(1)), nn.Linear(64, CLASSES))


def activations(middle):
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 1, 1), nn.GroupNorm(4, 32), nn.PReLU(32), nn.Conv2d(32, 32, 3, 2, 1), nn.InstanceNorm2d(32, affine=True), nn.ELU(0.7), nn.Conv2d(32, 32, 3, 1, 1, groups=4),
        Lambda(AcrossChannels.apply), nn.Softplus(), nn.Conv2d(32, 32, 3, 2, 1), nn.Mish(), nn.Conv2d(32, 32, 1), nn.Hardswish(), nn.Conv2d(32, 32, 1), nn.SELU(), middle,
        nn.Conv2d(32, 32, 1), nn.Softsign(), nn.Conv2d(32, 32, 1), nn.Hardtanh(), nn.Conv2d(32, 32, 1), nn.SiLU(), nn.Hardsigmoid(), nn.AvgPool2d(2, count_include_pad=False), nn.Flatten(), nn.Linear(512, CLASSES))


def decoder(mode):
    aligned = None if mode == "nearest" else False
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 16, 3, 2, 1, 1), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 16, 3, 2, 1), nn.PixelShuffle(2), nn.ReLU(),
        nn.Upsample(scale_factor=2, mode=mode, align_corners=aligned), nn.PixelUnshuffle(4), nn.ConvTranspose2d(64, 32, 2, 2, groups=4, bias=False), nn.ReLU(),
        nn.Upsample(size=(24, 24), mode=mode, align_corners=aligned), nn.ReflectionPad2d(1), nn.Conv2d(32, 32, 3, 3), nn.ReLU(), nn.ReplicationPad2d((0, 1, 1, 0)), nn.MaxPool2d(3, 2, dilation=2),
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(32, CLASSES))


def decoder_first():
    """Before opset 11 there is one way to enlarge that the exporter knows."""
    return nn.Sequential(nn.Conv2d(3, 16, 3, 2, 1), nn.ReLU(), nn.Upsample(scale_factor=2), nn.Conv2d(16, 32, 5, 2, 2), nn.ReLU(), nn.AvgPool2d(3, 2, 1, ceil_mode=True), nn.Flatten(), nn.Linear(2592, CLASSES))


def probabilities():
    return Normalised(nn.Conv2d(3, 32, 5, 2, 2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 32, 3, padding=2, dilation=2), nn.Sigmoid(), nn.Flatten(), nn.Linear(2048, CLASSES), nn.Softmax(1))


def perceptron():
    return nn.Sequential(nn.Flatten(), nn.Linear(3072, 64), nn.ReLU(), nn.BatchNorm1d(64), nn.Linear(64, 64), nn.Sigmoid(), nn.Linear(64, CLASSES), nn.LogSoftmax(1))


def letters():
    """Grey images, as LeNet reads them."""
    return nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, CLASSES))


NETWORKS = [
    Foreign("interleaved", lambda: Interleaved(True), 13, PRESERVED, (32, 32, 3), output="probabilities"),
    Foreign("interleaved_fixed", lambda: Interleaved(False), 9, INPUTS, (32, 32, 3), fixed=True, output="probabilities"),
    Foreign("pre_activation", pre_activation, 9, FOLDED),
    Foreign("pre_activation_preserved", pre_activation, 15, PRESERVED, fixed=True),
    Foreign("mixer", lambda: tokens(Mixer(16, 64), Mixer(16, 64)), 17, FOLDED),
    Foreign("mixer_old", lambda: tokens(Mixer(16, 64), Mixer(16, 64)), 11, UNFOLDED),
    Foreign("attention", lambda: tokens(Attention(64, 4), Attention(64, 4)), 12, FOLDED),
    Foreign("activations", lambda: activations(nn.CELU(1.3)), 14, FOLDED),
    Foreign("activations_old", lambda: activations(nn.Sigmoid()), 10, PRESERVED, fixed=True),
    Foreign("decoder", lambda: decoder("bilinear"), 13, FOLDED),
    Foreign("decoder_nearest", lambda: decoder("nearest"), 11, UNFOLDED),
    Foreign("decoder_first", decoder_first, 9, FOLDED),
    Foreign("probabilities", probabilities, 12, FOLDED, output="probabilities"),
    Foreign("perceptron", perceptron, 8, UNFOLDED),
    Foreign("heads", Heads, 17, FOLDED),
    Foreign("heads_old", Heads, 12, FOLDED, fixed=True),
    Foreign("letters", letters, 10, FOLDED, (1, 28, 28)),
]
