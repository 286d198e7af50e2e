using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial;

/// <summary>What a file of weights or a checkpoint says of itself; from <see cref="AdversarialCatalog.DescribeWeights"/>.</summary>
public sealed record WeightsFacts
{
    /// <summary>The network's tensors, in the file's order.</summary>
    public required IReadOnlyList<StoredTensor> Tensors { get; init; }

    /// <summary>
    /// What the network is, by names and values such as <c>network.backbone.depth</c> and <c>8</c>; of a checkpoint everything that decides the run, such as <c>method</c>, <c>seed</c> and <c>batch size</c>. Empty where the
    /// file is of another program, or of a version of this library that wrote weights without it.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Description { get; init; }

    /// <summary>How far the training was; null of a file of weights.</summary>
    public CheckpointFacts? Checkpoint { get; init; }

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is neither, or is damaged.</exception>
    internal static WeightsFacts Of(MLContext ml, string path)
    {
        using var channel = ((IHostEnvironment)ml).Register(nameof(WeightsFacts)).Start(nameof(Of));
        var facts = Of(path);
        channel.Info(default, $"'{path}' holds {facts.Tensors.Count} tensors{(facts.Checkpoint is { } checkpoint ? $" after {checkpoint.Epoch} epochs" : "")}.");
        return facts;
    }

    private static WeightsFacts Of(string path)
    {
        using var stream = FileVerification.Open(path);
        var seal = Seal.Check(stream, path);
        if (!FileVerification.IsZip(stream))
        {
            var header = SafeTensorsHeader.Read(stream, stream.Length, path);
            return Of(header, seal is null ? [] : header.Metadata.Where(entry => entry.Key != SafeTensorsHeader.SealName));
        }
        if (seal is null)
            throw new InvalidDataException($"'{path}' is a zip and no checkpoint; expected a checkpoint or weights in safetensors. LoadNetwork reads a model.zip.");
        var (position, identity, weights) = Checkpoints(path);
        return Of(weights, identity) with { Checkpoint = position };
    }

    private static (CheckpointFacts Position, IReadOnlyDictionary<string, string> Identity, SafeTensorsHeader Weights) Checkpoints(string path)
    {
        var (position, identity, weights) = Adversarial.Checkpoint.Describe(path);
        var facts = new CheckpointFacts
        {
            Epoch = position.Epoch,
            Batch = position.Batch,
            BatchesPerEpoch = position.BatchesPerEpoch,
            Updates = position.Updates,
            TrainingTime = position.Elapsed,
            ValidatedEpochs = position.History,
        };
        return (facts, identity, weights);
    }

    private static WeightsFacts Of(SafeTensorsHeader header, IEnumerable<KeyValuePair<string, string>> description) => new()
    {
        Tensors = [.. header.Entries.Select(entry => new StoredTensor
        {
            Name = entry.Name,
            NumberType = $"{entry.Type}".ToLowerInvariant(),
            Shape = entry.Shape,
            Numbers = entry.Shape.Aggregate(1L, (numbers, size) => numbers * size),
        })],
        // A name that a file has twice has its last value, as JSON readers have it.
        Description = description.GroupBy(entry => entry.Key, StringComparer.Ordinal).ToDictionary(entries => entries.Key, entries => entries.Last().Value, StringComparer.Ordinal),
    };
}
