using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A convolution in double precision whose kernels are float32, done a few channels at a time: torch's own would need several copies of all kernels, and lays out what lies under all windows.
/// </summary>
/// <param name="convolution">Of anything.</param>
/// <param name="kernels">Which input they are; a bias follows them.</param>
internal sealed class WidenedConvolution(GraphOperation convolution, int kernels) : GraphOperation
{
    /// <summary>Of kernels that are widened and of what lies under windows at once, where a single channel does not have more.</summary>
    private const long NumbersAtOnce = 1 << 18;

    /// <summary>Windows are laid out again for other results.</summary>
    private const long ResultsAtOnce = 2 * NumbersAtOnce;

    public override bool MakesNew => true;

    public override IReadOnlyList<Tensor> Run(StepInputs inputs)
    {
        var (images, weight) = (inputs[0], inputs[kernels]);
        var (outputs, channels) = (weight.shape[0], weight.shape[1]);
        // Groups have images of their own for each part of the kernels.
        if (channels != images.shape[1])
            return [Part(inputs, 0, outputs, 0, images.shape[1], channels)];
        var (pixels, window) = (images.shape[0] * images.shape[2] * images.shape[3], weight.shape[2] * weight.shape[3]);
        // Windows of one pixel are not laid out.
        var channelsAtOnce = window == 1 ? channels : Math.Clamp(NumbersAtOnce / Math.Max(1, pixels * window), 1, channels);
        var outputsAtOnce = Math.Clamp(Math.Min(ResultsAtOnce / Math.Max(1, pixels), NumbersAtOnce / Math.Max(1, channelsAtOnce * window)), 1, outputs);
        Tensor? all = null;
        for (var output = 0L; output < outputs; output += outputsAtOnce)
            for (var channel = 0L; channel < channels; channel += channelsAtOnce)
            {
                using var scope = NewDisposeScope();
                var (made, taken) = (Math.Min(outputsAtOnce, outputs - output), Math.Min(channelsAtOnce, channels - channel));
                var part = Part(inputs, output, made, channel, taken, taken);
                if (made == outputs && taken == channels)
                    return [part.MoveToOuterDisposeScope()];
                all ??= part.new_zeros([part.shape[0], outputs, .. part.shape[2..]]).MoveToOuterDisposeScope();
                all.narrow(1, output, made).AddInPlace(part);
            }
        return [all!];
    }

    /// <summary>Of some outputs, what some channels add to them; a bias comes with the first.</summary>
    private Tensor Part(StepInputs inputs, long output, long outputs, long channel, long channels, long kernelChannels)
    {
        Tensor?[] given = [.. inputs.Values];
        given[0] = inputs[0].narrow(1, channel, channels);
        given[kernels] = inputs[kernels].narrow(0, output, outputs).narrow(1, channel, kernelChannels).to(float64);
        if (inputs.Find(kernels + 1) is { } bias)
            given[kernels + 1] = channel == 0 ? bias.narrow(0, output, outputs) : null;
        return convolution.Run(inputs with { Values = given })[0];
    }
}
