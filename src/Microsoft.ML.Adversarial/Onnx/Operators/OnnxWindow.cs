using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Where the windows of a convolution or a pooling lie in an image.</summary>
/// <param name="Kernel">Pixels each way; empty where the weights say it.</param>
/// <param name="Strides">From window to window.</param>
/// <param name="Dilations">From pixel to pixel of a window.</param>
/// <param name="Pads">Top, left, bottom, right.</param>
/// <param name="Automatic">NOTSET, or how margins follow from the image.</param>
/// <param name="IsCeiling">Whether a window may reach over the end.</param>
internal sealed record OnnxWindow(long[] Kernel, long[] Strides, long[] Dilations, long[] Pads, string Automatic, bool IsCeiling)
{
    public static OnnxWindow Read(OnnxNode node, bool hasKernel)
    {
        var kernel = node.Has("kernel_shape") || hasKernel ? node.Wholes("kernel_shape", 2, 0, 1) : [];
        return new OnnxWindow(
            kernel,
            node.Wholes("strides", 2, 1, 1),
            node.Wholes("dilations", 2, 1, 1),
            node.Wholes("pads", 4, 0, 0),
            node.OneOf("auto_pad", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
            node.Flag("ceil_mode", false));
    }

    /// <summary>The pixels to add at top, left, bottom and right of an image.</summary>
    public long[] Margins(Tensor images, long[] kernel)
    {
        if (Automatic is "NOTSET")
            return Pads;
        var margins = new long[4];
        if (Automatic is "VALID")
            return margins;
        for (var side = 0; side < 2; side++)
        {
            // As many windows as strides begin in the image.
            var (size, window) = (images.shape[2 + side], (kernel[side] - 1) * Dilations[side] + 1);
            var added = Math.Max(0, ((size + Strides[side] - 1) / Strides[side] - 1) * Strides[side] + window - size);
            var before = Automatic is "SAME_UPPER" ? added / 2 : added - added / 2;
            (margins[side], margins[side + 2]) = (before, added - before);
        }
        return margins;
    }

    /// <summary>How much more is needed at bottom and right so that the last window is whole; a window that would begin in the margin behind the image is none.</summary>
    public long[] Ends(Tensor images, long[] kernel, long[] margins)
    {
        var more = new long[2];
        if (!IsCeiling)
            return more;
        for (var side = 0; side < 2; side++)
        {
            var window = (kernel[side] - 1) * Dilations[side] + 1;
            var room = images.shape[2 + side] + margins[side] + margins[side + 2] - window;
            var last = (room + Strides[side] - 1) / Strides[side] * Strides[side];
            if (last >= images.shape[2 + side] + margins[side])
                last -= Strides[side];
            more[side] = Math.Max(0, last - room);
        }
        return more;
    }

    public static bool AreEqual(long[] margins) => margins[0] == margins[2] && margins[1] == margins[3];

    public static Tensor Pad(Tensor images, long[] margins, double value) =>
        margins.All(margin => margin == 0) ? images : nn.functional.pad(images, [margins[1], margins[3], margins[0], margins[2]], TorchSharp.PaddingModes.Constant, value);
}
