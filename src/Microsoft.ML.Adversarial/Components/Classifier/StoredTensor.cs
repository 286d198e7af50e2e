namespace Microsoft.ML.Adversarial;

/// <summary>A tensor in a file; from <see cref="WeightsFacts.Tensors"/>.</summary>
public sealed record StoredTensor
{
    /// <summary>Its name, such as <c>layer1.0.conv1.weight</c>.</summary>
    public required string Name { get; init; }

    /// <summary>How the file holds its numbers, such as <c>float32</c>.</summary>
    public required string NumberType { get; init; }

    /// <summary>Its sizes; none of a single number.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>How many numbers it has.</summary>
    public required long Numbers { get; init; }

    /// <summary>Whether training moves it by gradients: not the statistics that torch's batch normalisations keep under names of their own.</summary>
    public bool IsParameter => !Name.EndsWith(".running_mean", StringComparison.Ordinal) && !Name.EndsWith(".running_var", StringComparison.Ordinal)
        && !Name.EndsWith(".num_batches_tracked", StringComparison.Ordinal);
}
