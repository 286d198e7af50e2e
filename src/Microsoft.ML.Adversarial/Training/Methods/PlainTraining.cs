using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Cross-entropy on clean images: the baseline that any perturbation breaks.</summary>
public sealed record PlainTraining : TrainingObjective
{
    /// <inheritdoc/>
    public override IReadOnlyList<ImageDomain> Domains => [ImageDomain.Clean];

    /// <inheritdoc/>
    public override string ToString() => FormattableString.Invariant($"plain training, label smoothing {LabelSmoothing}");

    /// <inheritdoc/>
    public override Tensor Loss(ITrainableClassifier network, Tensor images, Tensor adversarial, Tensor labels) =>
        CrossEntropy(Require.NotNull(network, nameof(network)).Logits(images, ImageDomain.Clean), labels);
}
