using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A network of a user's own over the images of a data view.</summary>
internal static class OwnNetworkTarget
{
    /// <exception cref="ArgumentException">A column is missing or of the wrong type, or the network tells other classes apart than the labels.</exception>
    /// <exception cref="InvalidOperationException">The network gives no class scores.</exception>
    public static EvaluatedModel Of(IImageClassifier network, IDataView data, NetworkEvaluationOptions options, Device device)
    {
        var columns = options.Columns;
        columns.Check(data.Schema);
        var format = options.FormatOf(data.Schema[columns.Features]);
        var classes = ClassLabels.Of(data.Schema[columns.Label]).Names;
        CheckClasses(network, options.ClassNames ?? classes, classes, columns.Label);
        using var scope = NewDisposeScope();
        using var gradients = enable_grad();
        var logits = network.Logits(ScoreClassifier.Probes(format.Shape).to(device).requires_grad_());
        if (logits.dtype != float32 || !logits.shape.SequenceEqual([ScoreClassifier.ProbeCount, classes.Count]))
            throw new InvalidOperationException(
                $"The network gave {logits.dtype} [{string.Join(", ", logits.shape)}] for {ScoreClassifier.ProbeCount} images of {format.Shape}; expected class scores, Float32 [{ScoreClassifier.ProbeCount}, {classes.Count}].");
        return new EvaluatedModel
        {
            Network = network,
            HasGradients = logits.requires_grad,
            Fingerprint = ContentHash.Of([logits.detach()]),
            Device = device,
            Prepared = data,
            Columns = columns,
            Format = format,
            ClassNames = classes,
        };
    }

    private static void CheckClasses(IImageClassifier network, IReadOnlyList<string> stated, IReadOnlyList<string> labels, string label)
    {
        if (!stated.SequenceEqual(labels))
            throw new ArgumentException($"Label column '{label}' has the classes {string.Join(", ", labels)}; ClassNames says {string.Join(", ", stated)}. Expected the same in the same order, as MapValueToKey with keyData makes it.");
        if (network.ClassCount != labels.Count)
            throw new ArgumentException($"The network tells {network.ClassCount} classes apart; expected one for each class of label column '{label}', which has {labels.Count}: {string.Join(", ", labels)}.");
    }
}
