using Microsoft.ML.Adversarial.Tests.Attacks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

/// <summary>Examples of three classes and a network, for tests of the evaluation.</summary>
internal static class EvaluatedExamples
{
    public const int Count = 23;

    public static LinearClassifier Network { get; } = LinearClassifier.Of(3, 9, scale: 0.5);

    /// <summary>The same 23 examples, cut anew.</summary>
    public static IEnumerable<ImageBatch> Batches(int batchSize)
    {
        for (var first = 0; first < Count; first += batchSize)
            yield return Batch(first, Math.Min(first + batchSize, Count));
    }

    public static ImageBatch Batch(int first, int last)
    {
        using var scope = NewDisposeScope();
        var images = TestImages.Uniform(Count, 1, 3, 3)[first..last].clone().DetachFromDisposeScope();
        var labels = TestImages.Labels(Count, 3)[first..last].clone().DetachFromDisposeScope();
        return new ImageBatch(images, labels, [.. Enumerable.Range(first, last - first).Select(row => (long)row)]);
    }
}
