using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>The one place that convolves.</summary>
internal static class Convolution
{
    /// <param name="images">[batch, channels, height, width]; becomes of the kernels' type.</param>
    /// <param name="kernels">[outputs, channels/groups, height, width].</param>
    /// <param name="bias">[outputs]; null for none.</param>
    /// <param name="strides">For height and width; as the others.</param>
    /// <param name="padding">At each side.</param>
    /// <param name="dilations">From pixel to pixel of a kernel.</param>
    /// <param name="groups">Of channels.</param>
    public static Tensor Of(Tensor images, Tensor kernels, Tensor? bias, long[] strides, long[] padding, long[]? dilations = null, long groups = 1)
    {
        images = images.dtype == kernels.dtype ? images : images.to(kernels.dtype);
        if (kernels.shape is not [_, _, 1, 1] || strides is [1, 1] || padding is not [0, 0])
            return functional.conv2d(images, kernels, bias, strides, padding, dilations, groups);

        // A strided 1x1 convolution is wrong in libtorch 2.10's oneDNN: its weight gradient with few channels writes past its workspace (uxlfoundation/oneDNN issue 6035), and its result in
        // the layout of images was seen to be another one on a processor with AVX-512 (AMD, family 26). A plain convolution of every stride-th pixel is the same thing without that.
        var (rows, columns) = (TensorIndex.Slice(step: strides[0]), TensorIndex.Slice(step: strides[1]));
        return functional.conv2d(images[TensorIndex.Colon, TensorIndex.Colon, rows, columns], kernels, bias, groups: groups);
    }
}
