using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Training;

/// <summary>Cross-entropy on attacked images alone (Madry et al. 2018, equation 2.1).</summary>
public sealed record AdversarialTraining : TrainingObjective
{
    /// <summary>Adversarial training.</summary>
    /// <param name="attack">Perturbs each batch with the weights of its update.</param>
    /// <exception cref="ArgumentNullException"><paramref name="attack"/> is null.</exception>
    public AdversarialTraining(Attack attack) => Attack = Require.NotNull(attack, nameof(attack));

    /// <inheritdoc/>
    public override Attack Attack { get; }

    /// <inheritdoc/>
    public override Tensor Loss(ITrainableClassifier network, Tensor images, Tensor adversarial, Tensor labels) =>
        CrossEntropy(Require.NotNull(network, nameof(network)).Logits(adversarial, ImageDomain.Adversarial), labels);
}
