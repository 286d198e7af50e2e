using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The one place that convolves. libtorch 2.10's oneDNN has faults on processors with AVX-512, seen on one of AMD's family 26: kernels that read numbers that are not there, so that gradients
/// differ from run to run or are none, and products of pixels that are plainly wrong. Here convolutions have forms in which they are right; a test compares them with double precision.
/// </summary>
internal static class Convolution
{
    private const int Zeros = 3;

    /// <summary>Kernels of one pixel with more channels than this gave results that were wrong by half, with more than one thread and pixels laid out channel by channel: 16 to 320, 256 to 512, 32 to 2048.</summary>
    private const int MostChannels = 256;

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
        bias = bias is null || bias.dtype == kernels.dtype ? bias : bias.to(kernels.dtype);
        // That is torch's own convolution, not oneDNN's; where the channels of a pixel lie side by side its products leave 13 MB behind.
        if (kernels.dtype == float64)
            return functional.conv2d(images.contiguous(), kernels.contiguous(), bias, strides, padding, dilations, groups);
        images = LaidOut(images, kernels, groups);
        if (kernels.shape is [var outputs, var inputs, 1, 1] && padding is [0, 0] && groups == 1 && Math.Max(outputs, inputs) > MostChannels && images.device_type == DeviceType.CPU)
            return OfPixels(images, kernels.flatten(1), bias, strides);
        if (kernels.shape is [_, _, 1, 1] && strides is not [1, 1] && padding is [0, 0])
        {
            // The weight gradient of a strided 1x1 convolution with few channels writes past its workspace (uxlfoundation/oneDNN issue 6035), and its result can be another one altogether.
            // A plain convolution of every stride-th pixel is the same thing without that.
            return functional.conv2d(Every(images, strides), kernels, bias, groups: groups);
        }
        if (images.shape[1] > 1 || kernels.shape is [_, _, 1, 1] || images.device_type != DeviceType.CPU)
            return functional.conv2d(images, kernels, bias, strides, padding, dilations, groups);

        // The gradient of grey images reads numbers that are not there; with channels of zeros beside it does not.
        var wide = FrozenTensor.ChannelsLast(cat([images, images.new_zeros([images.shape[0], Zeros, .. images.shape[2..]])], 1));
        return functional.conv2d(wide, cat([kernels, kernels.new_zeros([kernels.shape[0], Zeros, .. kernels.shape[2..]])], 1), bias, strides, padding, dilations);
    }

    /// <summary>The same numbers as one product of matrices: a row for each pixel.</summary>
    private static Tensor OfPixels(Tensor images, Tensor kernels, Tensor? bias, long[] strides) =>
        functional.linear((strides is [1, 1] ? images : Every(images, strides)).permute(0, 2, 3, 1), kernels, bias).permute(0, 3, 1, 2);

    /// <summary>Every stride-th pixel. Cut with the channels last, so that its gradient has them last, too, as all others have: smooth activations round by the layout of what they get.</summary>
    private static Tensor Every(Tensor images, long[] strides) =>
        images.permute(0, 2, 3, 1)[TensorIndex.Colon, TensorIndex.Slice(step: strides[0]), TensorIndex.Slice(step: strides[1])].permute(0, 3, 1, 2);

    /// <summary>As convolutions are right: the channels of a pixel side by side, but for several kernels to each channel of its own.</summary>
    private static Tensor LaidOut(Tensor images, Tensor kernels, long groups)
    {
        if (groups > 1 && kernels.shape[1] == 1 && kernels.shape[0] > groups)
            return images.contiguous();
        return images.shape[1] == 1 || images.stride(1) == 1 ? images : FrozenTensor.ChannelsLast(images);
    }
}
