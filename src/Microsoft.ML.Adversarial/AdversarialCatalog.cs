using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Components;
using Microsoft.ML.Adversarial.Selection;

namespace Microsoft.ML.Adversarial;

/// <summary>What <c>ml.Adversarial()</c> offers.</summary>
public sealed class AdversarialCatalog
{
    private readonly MLContext ml;

    internal AdversarialCatalog(MLContext ml)
    {
        this.ml = ml;
        Trainers = new TrainerCatalog(ml);
        Transforms = new TransformCatalog(ml);
    }

    /// <summary>The trainers.</summary>
    public TrainerCatalog Trainers { get; }

    /// <summary>The transforms.</summary>
    public TransformCatalog Transforms { get; }

    /// <summary>An experiment that finds the depth worth its cost, with the default settings.</summary>
    /// <param name="maxExperimentTimeInSeconds">When it ends; at least 1.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxExperimentTimeInSeconds"/> is 0.</exception>
    public DepthExperiment CreateDepthExperiment(uint maxExperimentTimeInSeconds) =>
        CreateDepthExperiment(new DepthExperimentSettings { MaxExperimentTimeInSeconds = maxExperimentTimeInSeconds });

    /// <summary>An experiment that finds the depth worth its cost, and the width and normalisation if asked.</summary>
    /// <param name="settings">What to try, how to train and to judge, and when to end.</param>
    /// <returns>The experiment; <c>Execute</c> runs it.</returns>
    /// <exception cref="ArgumentException">Settings contradict each other.</exception>
    public DepthExperiment CreateDepthExperiment(DepthExperimentSettings settings) => new(ml, Require.NotNull(settings, nameof(settings)));

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each attack on every image.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it.</param>
    /// <param name="data">Labelled images as the pipeline takes them.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label.</exception>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, params Attack[] attacks) =>
        EvaluateRobustness(model, data, attacks, new RobustnessEvaluationOptions());

    /// <summary>Measures a fitted pipeline on clean images and under attacks on its network, each attack on every image.</summary>
    /// <param name="model">A pipeline as <c>Fit</c> returned it, with one <see cref="ImageClassificationTransformer"/> in it.</param>
    /// <param name="data">Labelled images as the pipeline takes them.</param>
    /// <param name="attacks">The attacks; none measures clean images only.</param>
    /// <param name="options">Domain, batch size, seed, progress, cancellation.</param>
    /// <returns>ML.NET's metrics clean and under each attack, and the worst case per example.</returns>
    /// <exception cref="ArgumentException">The model holds no network, or the data does not fit it.</exception>
    /// <exception cref="InvalidOperationException">An attack left its budget, or does not fit the network; or the options' domain was never trained.</exception>
    /// <exception cref="InvalidDataException">A row holds no readable image, a pixel outside the range, or no label.</exception>
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    public RobustnessEvaluation EvaluateRobustness(ITransformer model, IDataView data, IReadOnlyList<Attack> attacks, RobustnessEvaluationOptions options)
    {
        Require.NotNull(model, nameof(model));
        Require.NotNull(data, nameof(data));
        foreach (var attack in Require.NotNull(attacks, nameof(attacks)))
            Require.NotNull(attack, nameof(attacks));
        return new RobustnessEvaluationRun(ml, Require.NotNull(options, nameof(options))).Evaluate(model, data, attacks);
    }
}
