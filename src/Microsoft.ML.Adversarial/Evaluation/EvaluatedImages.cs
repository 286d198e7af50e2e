namespace Microsoft.ML.Adversarial;

/// <summary>One piece of an evaluation's work: some images of a batch, clean or as one attack left them, and what the network said. It is what a state file keeps.</summary>
internal sealed record EvaluatedImages
{
    /// <summary>The row of the batch's first image.</summary>
    public required long FirstRow { get; init; }

    /// <summary>0 for clean images, then the reported attacks in their order.</summary>
    public required int Condition { get; init; }

    /// <summary>Which member of the attack.</summary>
    public required int Member { get; init; }

    /// <summary>Tells whether a state file's batch is this one: of all its pixels and labels; empty without a state file.</summary>
    public required string Batch { get; init; }

    /// <summary>The places in the batch, from 0, of the images that were met.</summary>
    public required long[] Positions { get; init; }

    /// <summary>[images, classes], row by row.</summary>
    public required float[] Logits { get; init; }

    /// <summary>The farthest any of these images was moved.</summary>
    public double LargestDistance { get; init; }

    /// <summary>Time it took.</summary>
    public double Seconds { get; init; }
}
