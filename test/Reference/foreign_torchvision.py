"""Networks of torchvision, thin and for small images. The table at the end says how each is exported."""
from functools import partial

from torch import nn
from torchvision import models
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.efficientnet import EfficientNet, FusedMBConvConfig, MBConvConfig
from torchvision.models.maxvit import MaxVit
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet
from torchvision.models.swin_transformer import PatchMergingV2, SwinTransformer, SwinTransformerBlockV2
from torchvision.models.vgg import VGG, make_layers
from torchvision.models.vision_transformer import VisionTransformer

from foreign_export import FOLDED, INPUTS, PRESERVED, UNFOLDED, Foreign

CLASSES = 10


class NarrowResNet(ResNet):
    """A quarter of the width after the stem, at full depth."""

    def __init__(self, block, layers, **arguments):
        super().__init__(block, layers, num_classes=CLASSES, **arguments)
        self.fc = nn.Linear(128 * block.expansion, CLASSES)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        return super()._make_layer(block, planes // 4, blocks, stride, dilate)


def alexnet():
    network = models.alexnet(num_classes=CLASSES)
    network.avgpool = nn.AdaptiveAvgPool2d(1)
    network.classifier = nn.Sequential(nn.Dropout(), nn.Linear(256, 128), nn.ReLU(), nn.Dropout(), nn.Linear(128, CLASSES))
    return network


def vgg11(batch_norm):
    network = VGG(make_layers([16, "M", 32, "M", 64, 64, "M", 128, 128, "M", 128, 128, "M"], batch_norm), CLASSES, init_weights=False)
    network.avgpool = nn.AdaptiveAvgPool2d(1)
    network.classifier = nn.Sequential(nn.Linear(128, 64), nn.ReLU(True), nn.Dropout(), nn.Linear(64, CLASSES))
    return network


def inception():
    network = models.inception_v3(num_classes=CLASSES, aux_logits=False, init_weights=False, transform_input=True)
    for repeated in ("Mixed_5d", "Mixed_6c", "Mixed_6d", "Mixed_6e", "Mixed_7c"):
        setattr(network, repeated, nn.Identity())
    network.Mixed_5d = nn.Conv2d(288, 288, 1, groups=8)
    return network


def efficientnet_v2():
    return EfficientNet([
        FusedMBConvConfig(1, 3, 1, 16, 16, 1), FusedMBConvConfig(4, 3, 2, 16, 24, 2),
        MBConvConfig(4, 3, 2, 24, 40, 2), MBConvConfig(6, 3, 1, 40, 48, 2)], dropout=0.2, num_classes=CLASSES, last_channel=128)


def convnext():
    return ConvNeXt([CNBlockConfig(32, 64, 2), CNBlockConfig(64, 128, 2), CNBlockConfig(128, None, 2)], num_classes=CLASSES)


def swin(**arguments):
    return SwinTransformer([2, 2], 32, [2, 2], [2, 4], [4, 4], num_classes=CLASSES, **arguments)


def swin_v2():
    """Without the bias that is set to zero in place, which the exporter does not know."""
    network = swin(block=SwinTransformerBlockV2, downsample_layer=PatchMergingV2)
    for module in network.modules():
        if isinstance(module, SwinTransformerBlockV2):
            module.attn.qkv.bias = None
    return network


def transformer(layers):
    return VisionTransformer(32, 8, layers, 4, 64, 128, num_classes=CLASSES)


def maxvit():
    return MaxVit((32, 32), 16, 4, [16, 32], [1, 1], 8, 0.0, num_classes=CLASSES)


def small(name, **arguments):
    return partial(getattr(models, name), num_classes=CLASSES, **arguments)


LARGE = (3, 64, 64)
NETWORKS = [
    Foreign("alexnet", alexnet, 9, INPUTS, LARGE),
    Foreign("vgg11", partial(vgg11, False), 9, FOLDED),
    Foreign("vgg11_bn", partial(vgg11, True), 9, PRESERVED),
    Foreign("resnet18", partial(NarrowResNet, BasicBlock, [2, 2, 2, 2]), 11, FOLDED),
    Foreign("resnet18_preserved", partial(NarrowResNet, BasicBlock, [2, 2, 2, 2]), 14, PRESERVED),
    Foreign("resnet50", partial(NarrowResNet, Bottleneck, [3, 4, 6, 3]), 13, PRESERVED, LARGE),
    Foreign("resnext50_32x4d", partial(NarrowResNet, Bottleneck, [3, 4, 6, 3], groups=8, width_per_group=16), 12, FOLDED, fixed=True),
    Foreign("wide_resnet50_2", partial(NarrowResNet, Bottleneck, [3, 4, 6, 3], width_per_group=128), 10, INPUTS),
    Foreign("densenet121", partial(DenseNet, 8, (6, 12, 24, 16), 16, num_classes=CLASSES), 14, PRESERVED),
    Foreign("densenet_folded", partial(DenseNet, 16, (2, 4, 4), 32, num_classes=CLASSES), 9, FOLDED),
    Foreign("mobilenet_v2", small("mobilenet_v2", width_mult=0.5), 10, FOLDED),
    Foreign("mobilenet_v3_small", small("mobilenet_v3_small"), 14, FOLDED),
    Foreign("mobilenet_v3_large", small("mobilenet_v3_large", width_mult=0.5), 17, PRESERVED),
    Foreign("mobilenet_v3_old", small("mobilenet_v3_small", width_mult=0.5), 11, UNFOLDED, fixed=True),
    Foreign("efficientnet_b0", small("efficientnet_b0"), 13, FOLDED),
    Foreign("efficientnet_v2_s", efficientnet_v2, 17, PRESERVED),
    Foreign("squeezenet1_0", small("squeezenet1_0"), 9, INPUTS, LARGE),
    Foreign("squeezenet1_1", small("squeezenet1_1"), 7, UNFOLDED, LARGE),
    Foreign("shufflenet_v2_x0_5", small("shufflenet_v2_x0_5"), 11, FOLDED),
    Foreign("shufflenet_v2_x1_0", small("shufflenet_v2_x1_0"), 16, UNFOLDED),
    Foreign("mnasnet0_5", small("mnasnet0_5"), 12, PRESERVED),
    Foreign("googlenet", small("googlenet", aux_logits=False, init_weights=False, transform_input=True), 11, FOLDED, fixed=True),
    Foreign("inception_v3", inception, 13, PRESERVED, (3, 96, 96)),
    Foreign("regnet_x_400mf", small("regnet_x_400mf"), 15, FOLDED),
    Foreign("regnet_y_400mf", small("regnet_y_400mf"), 16, PRESERVED, fixed=True),
    Foreign("convnext", convnext, 17, FOLDED),
    Foreign("convnext_old", convnext, 13, UNFOLDED),
    Foreign("vit", partial(transformer, 2), 14, FOLDED),
    Foreign("vit_unfolded", partial(transformer, 2), 17, UNFOLDED),
    Foreign("vit_fixed", partial(transformer, 3), 12, FOLDED, fixed=True),
    Foreign("swin", swin, 16, FOLDED),
    Foreign("swin_fixed", swin, 11, FOLDED, fixed=True),
    Foreign("swin_v2", swin_v2, 17, UNFOLDED),
    Foreign("maxvit", maxvit, 17, FOLDED),
]
