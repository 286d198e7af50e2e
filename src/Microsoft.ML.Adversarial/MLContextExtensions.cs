using Microsoft.ML.Adversarial;

namespace Microsoft.ML;

/// <summary>The way in: <c>ml.Adversarial()</c>.</summary>
public static class MLContextExtensions
{
    /// <summary>Trainers and evaluation of image classifiers that withstand adversarial perturbations.</summary>
    /// <param name="mlContext">Gives seed, GPU and channels.</param>
    /// <returns>The catalog.</returns>
    public static AdversarialCatalog Adversarial(this MLContext mlContext) => new(Require.NotNull(mlContext, nameof(mlContext)));
}
