"""How a network of foreign_networks.py is exported, and what is kept of the file."""
import gzip
import io
import typing
import warnings

import numpy
import onnx
import torch
from onnx import numpy_helper
from torch import nn

# FOLDED: as torch.onnx.export does it, BatchNormalization folded into convolutions and constants computed. UNFOLDED: constants are computed by nodes of the graph.
# PRESERVED: BatchNormalization stays too. INPUTS: as FOLDED, and every initializer is among the graph's inputs, as files before version 4 of the format have it.
FOLDED, UNFOLDED, PRESERVED, INPUTS = "folded", "unfolded", "preserved", "inputs"
KEPT_NUMBERS, KEPT_VALUES = 64, 8


class Foreign(typing.NamedTuple):
    """One network, and one way to export it."""
    name: str
    build: typing.Callable[[], nn.Module]
    opset: int
    form: str = FOLDED
    image: tuple = (3, 32, 32)
    fixed: bool = False
    output: str = "logits"


def stir(network):
    """Moves what constructors leave at one number (0, 1, 1e-6), so that no node computes the identity and no two initializers are equal, which the exporter would share."""
    for name, parameter in network.named_parameters():
        if parameter.unique().numel() == 1 and parameter.ndim < 2 or name.endswith("layer_scale"):
            nn.init.uniform_(parameter, *((-0.1, 0.1) if name.endswith("bias") else (0.8, 1.2)))
        elif parameter.unique().numel() == 1:
            nn.init.normal_(parameter, 0, 0.1)
    for module in network.modules():
        if isinstance(module, nn.PReLU):
            nn.init.uniform_(module.weight, 0.1, 0.4)
        elif isinstance(module, nn.modules.batchnorm._BatchNorm):
            nn.init.uniform_(module.running_mean, -0.1, 0.1)
            nn.init.uniform_(module.running_var, 0.5, 1.5)


def calibrate(network, images):
    """One pass in which each layer's outputs get the standard deviation 1 before the next layer sees them (Mishkin & Matas 2016).

    BatchNormalization does not take its statistics from here: drawn anew, those of one channel would meet the weights of another.
    """
    def rescale(module, _, outputs):
        deviation = outputs.std().item()
        for parameter in module.parameters():
            parameter /= deviation
        return outputs / deviation

    hooks = [module.register_forward_hook(rescale) for module in network.modules() if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))]
    network(images)
    for hook in hooks:
        hook.remove()


def draw(foreign, count):
    """Patches of colour under noise: images of noise alone all have the same mean, which is all that is left of them where a network ends."""
    channels, height, width = foreign.image if foreign.image[2] != 3 else (foreign.image[2], *foreign.image[:2])
    images = 0.7 * nn.functional.interpolate(torch.rand(count, channels, 4, 4), (height, width)) + 0.3 * torch.rand(count, channels, height, width)
    return images if foreign.image[2] != 3 else 255 * images.permute(0, 2, 3, 1)


def export(foreign):
    torch.manual_seed(1)
    network = foreign.build().eval()
    with torch.no_grad():
        stir(network)
        calibrate(network, draw(foreign, 16))
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network, draw(foreign, 1 if foreign.fixed else 2), file, opset_version=foreign.opset, input_names=["images"], output_names=[foreign.output],
            dynamic_axes=None if foreign.fixed else {"images": {0: "batch"}, foreign.output: {0: "batch"}},
            training=torch.onnx.TrainingMode.PRESERVE if foreign.form == PRESERVED else torch.onnx.TrainingMode.EVAL,
            do_constant_folding=foreign.form in (FOLDED, INPUTS), keep_initializers_as_inputs=foreign.form == INPUTS)
    model = onnx.load_from_string(file.getvalue())
    onnx.checker.check_model(model)
    return model


def strip(model):
    """Removes the numbers of every large float initializer and writes down how they were spread. Returns how many there were."""
    count = 0
    for initializer in model.graph.initializer:
        values = numpy_helper.to_array(initializer)
        if initializer.data_type == onnx.TensorProto.FLOAT and values.size > KEPT_NUMBERS and numpy.unique(values).size > KEPT_VALUES:
            initializer.ClearField("raw_data")
            initializer.ClearField("float_data")
            spread = " ".join(f"{number:.5g}" for number in (values.mean(), values.std(), values.min(), values.max()))
            model.metadata_props.add(key=initializer.name, value=spread)
            count += values.size
    return count


def compress(model):
    """The same bytes every time: no name, no date."""
    return gzip.compress(model.SerializeToString(deterministic=True), 9, mtime=0)
