namespace Microsoft.ML.Adversarial;

/// <summary>What a batch-normalising layer normalises with in one forward pass.</summary>
internal enum NormalizationStatistics
{
    /// <summary>The statistics of the images passing through, which also move the running statistics: a weight update.</summary>
    Batch,

    /// <summary>
    /// The same, but the running statistics become the mean over all batches since <see cref="ImageNetwork.CountBatchesAnew"/>, each counting the same: an estimate for
    /// weights that stand still.
    /// </summary>
    Cumulative,

    /// <summary>The statistics of the images passing through; the running statistics stay: an attack on the network in training.</summary>
    BatchUntracked,

    /// <summary>The running statistics, unmoved: test time.</summary>
    Running,
}
