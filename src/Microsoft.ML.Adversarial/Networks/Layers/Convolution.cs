using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The one place that convolves. libtorch 2.10's oneDNN has faults on processors with AVX-512, seen on one of AMD's family 26: kernels that read numbers that are not there, so that gradients
/// differ from run to run or are none. Here convolutions have forms in which they are right; a test compares them with double precision.
/// </summary>
internal static class Convolution
{
    private const int Zeros = 3;

    /// <param name="images">[batch, channels, height, width]; becomes of the kernels' type.</param>
    /// <param name="kernels">[outputs, channels/groups, height, width].</param>
    /// <param name="bias">[outputs]; null for none.</param>
    /// <param name="strides">For height and width; as the others.</param>
    /// <param name="padding">At each side.</param>
    /// <param name="dilations">From pixel to pixel of a kernel.</param>
    /// <param name="groups">Of channels.</param>
    public static Tensor Of(Tensor images, Tensor kernels, Tensor? bias, long[] strides, long[] padding, long[]? dilations = null, long groups = 1)
    {
        images = LaidOut(images.dtype == kernels.dtype ? images : images.to(kernels.dtype), kernels, groups);
        bias = bias is null || bias.dtype == kernels.dtype ? bias : bias.to(kernels.dtype);
        if (kernels.shape is [_, _, 1, 1] && strides is not [1, 1] && padding is [0, 0])
        {
            // The weight gradient of a strided 1x1 convolution with few channels writes past its workspace (uxlfoundation/oneDNN issue 6035), and its result can be another one altogether.
            // A plain convolution of every stride-th pixel is the same thing without that.
            var (rows, columns) = (TensorIndex.Slice(step: strides[0]), TensorIndex.Slice(step: strides[1]));
            return functional.conv2d(images[TensorIndex.Colon, TensorIndex.Colon, rows, columns], kernels, bias, groups: groups);
        }
        if (images.shape[1] > 1 || kernels.shape is [_, _, 1, 1] || images.device_type != DeviceType.CPU)
            return functional.conv2d(images, kernels, bias, strides, padding, dilations, groups);

        // The gradient of grey images reads numbers that are not there; with channels of zeros beside it does not.
        var wide = FrozenTensor.ChannelsLast(cat([images, images.new_zeros([images.shape[0], Zeros, .. images.shape[2..]])], 1));
        return functional.conv2d(wide, cat([kernels, kernels.new_zeros([kernels.shape[0], Zeros, .. kernels.shape[2..]])], 1), bias, strides, padding, dilations);
    }

    /// <summary>As convolutions are right: the channels of a pixel side by side, but for several kernels to each channel of its own.</summary>
    private static Tensor LaidOut(Tensor images, Tensor kernels, long groups)
    {
        if (groups > 1 && kernels.shape[1] == 1 && kernels.shape[0] > groups)
            return images.contiguous();
        return images.shape[1] == 1 || images.stride(1) == 1 ? images : FrozenTensor.ChannelsLast(images);
    }
}
