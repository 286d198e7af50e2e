using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A convolution in double precision whose kernels are float32, widened a few at a time: torch's own would need several copies of all of them.</summary>
/// <param name="convolution">Of anything.</param>
/// <param name="kernels">Which input they are; a bias follows them.</param>
internal sealed class WidenedConvolution(GraphOperation convolution, int kernels) : GraphOperation
{
    /// <summary>Of kernels that are widened at once, where a single one does not have more.</summary>
    private const long NumbersAtOnce = 1 << 20;

    public override bool MakesNew => true;

    public override IReadOnlyList<Tensor> Run(StepInputs inputs)
    {
        var (weight, bias) = (inputs[kernels], inputs.Find(kernels + 1));
        var outputs = weight.shape[0];
        // Groups have images of their own for each part of the kernels.
        var isGrouped = weight.shape[1] != inputs[0].shape[1];
        var count = isGrouped ? outputs : Math.Clamp(NumbersAtOnce * outputs / Math.Max(1, weight.numel()), 1, outputs);
        List<Tensor> made = [];
        for (var first = 0L; first < outputs; first += count)
        {
            using var scope = NewDisposeScope();
            var length = Math.Min(count, outputs - first);
            Tensor?[] given = [.. inputs.Values];
            given[kernels] = weight.narrow(0, first, length).to(float64);
            if (bias is not null)
                given[kernels + 1] = bias.narrow(0, first, length);
            made.Add(convolution.Run(inputs with { Values = given })[0].MoveToOuterDisposeScope());
        }
        return made is [var all] ? [all] : [cat(made, 1)];
    }
}
