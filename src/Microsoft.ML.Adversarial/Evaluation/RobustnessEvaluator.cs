using Microsoft.ML.Adversarial.Attacks;
using Microsoft.ML.Adversarial.Common;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Evaluation;

/// <summary>Measures a network on clean images and under attacks, every example in every condition, and measures again that the attacks kept their word.</summary>
internal static class RobustnessEvaluator
{
    public const string CleanName = "clean";

    /// <param name="network">What to measure.</param>
    /// <param name="batches">The examples, each batch disposed after use; order and sizes do not change the result, but for attacks that toss a coin for each batch.</param>
    /// <param name="attacks">Each meets every example.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="seed">Every attack draws from streams of its own, by its name and the example's row.</param>
    /// <param name="progress">Hears of every batch in every condition; may be null.</param>
    /// <param name="cancellation">Stops at the next look at the network, within a step of an attack.</param>
    /// <exception cref="InvalidOperationException">An attack left its budget or the pixel range.</exception>
    public static EvaluationOutcome Evaluate(
        IImageClassifier network, IEnumerable<ImageBatch> batches, IReadOnlyList<Attack> attacks, Device device, Seed seed,
        IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var labels = new List<long>();
        ConditionOutcome[] conditions = [.. attacks.Prepend(null).Select(attack => new ConditionOutcome(attack, network.ClassCount))];
        var stoppable = new StoppableClassifier(network, cancellation);
        using var noGradient = no_grad();
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            using var used = batch;
            var images = batch.Images.to(device);
            var truth = batch.Labels.to(device);
            foreach (var condition in conditions)
            {
                Measure(stoppable, condition, images, truth, StreamsFor(condition.Attack, batch, seed));
                progress?.Report(new EvaluationProgress(condition.Attack?.Name ?? CleanName, condition.Tally.Total, condition.Tally.Accuracy));
            }
            labels.AddRange(batch.Labels.data<long>());
        }
        return new EvaluationOutcome(labels, conditions);
    }

    /// <summary>The streams in which an attack on these images draws.</summary>
    public static ImageRandom StreamsFor(Attack? attack, ImageBatch batch, Seed seed)
    {
        var root = seed.For(attack?.ToString() ?? CleanName);
        return new ImageRandom(root, root.For(batch.Rows[0]), batch.Rows);
    }

    private static void Measure(StoppableClassifier network, ConditionOutcome condition, Tensor images, Tensor labels, ImageRandom random)
    {
        using var scope = NewDisposeScope();
        var seen = condition.Attack?.Perturb(network, images, labels, random) ?? images;
        var distance = condition.Attack is { } attack ? CheckedDistance(attack, seen, images) : 0;
        var probabilities = network.Logits(seen).softmax(1).cpu().contiguous();
        condition.Add(probabilities.data<float>().ToArray(), labels.cpu().data<long>().ToArray(), distance);
    }

    /// <returns>The farthest any image was moved.</returns>
    /// <exception cref="InvalidOperationException">The attack left its budget or the pixel range.</exception>
    public static double CheckedDistance(Attack attack, Tensor adversarial, Tensor images)
    {
        // Rounding to float32 moves a pixel by at most 6e-8; a norm over an image adds such errors up.
        const double relativeTolerance = 1e-5, absoluteTolerance = 1e-6;
        var distance = attack.Budget.Distance(adversarial, images).max().cpu().item<float>();
        var (lowest, highest) = (adversarial.min().cpu().item<float>(), adversarial.max().cpu().item<float>());
        if (!(distance <= attack.Budget.Radius * (1 + relativeTolerance) + absoluteTolerance))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} moved an image by {distance}; its budget {attack.Budget} allows {attack.Budget.Radius} on the scale of [0, 1]."));
        if (!(lowest >= 0 && highest <= 1))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The attack {attack} made pixels from {lowest} to {highest}; pixels lie in [0, 1]."));
        return distance;
    }
}
