using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>One batch before the network: clean, and as attacks leave some of its images. What a state file knows is not done again. Lives in the dispose scope in which it was made.</summary>
internal sealed class BatchEvaluation(IImageClassifier network, ImageBatch batch, Device device, EvaluationStateFile? state, TimeProvider time)
{
    private readonly Tensor images = batch.Images.to(device), labels = batch.Labels.to(device);
    private readonly string fingerprint = state is null ? "" : ContentHash.Of([batch.Images, batch.Labels]);

    /// <summary>Makes of attacked images, given the clean ones, what the model can be handed.</summary>
    public required Func<Tensor, Tensor, Tensor> Deliver { get; init; }

    /// <summary>What the clean images tell of the network.</summary>
    public NetworkHealth Health(bool needsGradient) => NetworkHealth.Of(network, images, labels, needsGradient);

    public EvaluatedImages Clean() =>
        KnownOr(condition: 0, member: 0, [.. Enumerable.Range(0, batch.Count)], () => (Probabilities(images), 0));

    /// <param name="attack">The attack, or the member of an ensemble.</param>
    /// <param name="positions">The places of the images it meets.</param>
    /// <param name="random">Streams for all images of the batch.</param>
    /// <param name="condition">Which attack it belongs to, from 1.</param>
    /// <param name="member">Which member it is.</param>
    /// <exception cref="InvalidOperationException">The attack left its budget or the pixel range.</exception>
    public EvaluatedImages Attacked(Attack attack, int[] positions, ImageRandom random, int condition, int member) => KnownOr(condition, member, positions, () =>
    {
        using var scope = NewDisposeScope();
        var chosen = tensor((long[])[.. positions.Select(position => (long)position)], device: device);
        var clean = images.index_select(0, chosen);
        var adversarial = Deliver(attack.Perturb(network, clean, labels.index_select(0, chosen), random.Select(chosen)), clean);
        return (Probabilities(adversarial), BudgetCheck.LargestDistance(attack, adversarial, clean));
    });

    private EvaluatedImages KnownOr(int condition, int member, int[] positions, Func<(float[] Probabilities, double LargestDistance)> evaluate)
    {
        if (state?.Find(batch.Rows[0], condition, member, fingerprint, positions) is { } before)
            return before;
        var begin = time.GetTimestamp();
        var (probabilities, distance) = evaluate();
        var found = new EvaluatedImages
        {
            FirstRow = batch.Rows[0],
            Condition = condition,
            Member = member,
            Batch = fingerprint,
            Positions = positions,
            Probabilities = probabilities,
            LargestDistance = distance,
            Seconds = time.GetElapsedTime(begin).TotalSeconds,
        };
        state?.Append(found);
        return found;
    }

    private float[] Probabilities(Tensor seen)
    {
        using var scope = NewDisposeScope();
        return [.. network.Logits(seen).softmax(1).cpu().contiguous().data<float>()];
    }
}
