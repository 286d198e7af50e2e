using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>How many numbers operators make at most; in floating point, where nothing overflows.</summary>
internal static class OnnxNumbers
{
    /// <summary>What is computed number by number, or makes fewer of many.</summary>
    public static Func<StepInputs, double> Broadcast(OnnxNode node) => inputs =>
    {
        var shapes = inputs.Values.OfType<Tensor>().Select(value => value.shape).ToArray();
        var numbers = 1.0;
        for (var axis = 1; axis <= shapes.Select(shape => shape.Length).DefaultIfEmpty(0).Max(); axis++)
            numbers *= shapes.Where(shape => shape.Length >= axis).Max(shape => shape[^axis]);
        return numbers;
    };

    /// <summary>Every row with every column.</summary>
    public static Func<StepInputs, double> Product(OnnxNode node) => inputs => inputs.Values.OfType<Tensor>().Take(2).Aggregate(1.0, (product, value) => product * Math.Max(1, value.numel()));

    /// <summary>All of the inputs, each once for every image of a batch.</summary>
    public static Func<StepInputs, double> Sum(OnnxNode node) => inputs =>
    {
        var values = inputs.Values.OfType<Tensor>().ToArray();
        return values.Sum(value => (double)value.numel()) * values.Select(value => value.dim() > 0 ? value.shape[0] : 1).DefaultIfEmpty(1).Max();
    };

    /// <summary>As many as the sizes at this input say.</summary>
    public static Func<OnnxNode, Func<StepInputs, double>> Sizes(int input) => node => inputs =>
        OnnxSizes.Of(inputs[input]).Aggregate(1.0, (product, size) => product * Math.Max(1, size)) * Math.Max(1, input > 0 ? inputs[0].numel() : 1);
}
