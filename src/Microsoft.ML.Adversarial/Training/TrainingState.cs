
namespace Microsoft.ML.Adversarial;

/// <summary>All of a run that changes, and so all that a checkpoint holds.</summary>
internal sealed class TrainingState : IDisposable
{
    /// <param name="network">Trained in place; not disposed.</param>
    /// <param name="options">The training's.</param>
    /// <param name="seed">Of the attack in validation.</param>
    /// <param name="batchesPerEpoch">As announced.</param>
    /// <param name="validation">What a selection measures on; null only where there is none.</param>
    public TrainingState(ImageNetwork network, TrainingOptions options, Seed seed, int batchesPerEpoch, Func<IEnumerable<ImageBatch>>? validation)
    {
        if (options.Selection is not null && validation is null)
            throw new InvalidOperationException("There is a selection and nothing to validate on.");
        Network = network;
        Position = new TrainingPosition(0, 0, batchesPerEpoch, default, TimeSpan.Zero);
        Optimizer = new GradientDescent(network.parameters(), options.Momentum, options.WeightDecay);
        Memory = new MethodMemory(network.Device);
        Average = options.Averaging is { } averaging ? new AveragedNetwork(network, averaging) : null;
        Best = options.Selection is { } selection ? new BestWeights(Measured, selection, options.ResolvedInferenceDomain, validation!, seed.For("validation"), options.Group) : null;
    }

    public TrainingPosition Position { get; set; }

    /// <summary>The network that learns.</summary>
    public ImageNetwork Network { get; }

    public GradientDescent Optimizer { get; }

    /// <summary>What the method keeps.</summary>
    public MethodMemory Memory { get; }

    /// <summary>Null where nothing is averaged.</summary>
    public AveragedNetwork? Average { get; }

    /// <summary>Null without a selection.</summary>
    public BestWeights? Best { get; }

    /// <summary>The network that is validated and that the best weights are of.</summary>
    public ImageNetwork Measured => Average?.Network ?? Network;

    /// <summary>The epoch that nothing surpasses; null before the first that was validated.</summary>
    public int? BestEpoch => Best?.Best(Position.History)?.Epoch;

    /// <summary>Whether the selection wants no further epoch.</summary>
    public bool IsSelectionOver => Best?.IsOver(Position.History) == true;

    /// <summary>Whether the result will be an average that no selection has measured, with statistics to be estimated.</summary>
    public bool AwaitsStatistics => Average is { EstimatesStatistics: true } average && Position.History.Count == 0 && average.HasBegun(Position.AveragedEpochs);

    /// <summary>After a weight update.</summary>
    public void Advance(StepOutcome outcome, TimeSpan elapsed)
    {
        Position = Position with { Batch = Position.Batch + 1, Updates = Position.Updates + 1, Seen = Position.Seen + outcome, Elapsed = elapsed };
        Average?.AfterUpdate(Position.Updates);
    }

    /// <summary>Takes an epoch's last weights into the average: once, even where a run is stopped right afterwards and resumed.</summary>
    /// <returns>Whether the average's statistics are to be estimated before it is measured.</returns>
    public bool AverageEpoch()
    {
        var epochs = Position.Epoch + 1;
        if (Average is null)
            return false;
        if (Position.AveragedEpochs < epochs)
            Average.AfterEpoch(epochs);
        Position = Position with { AveragedEpochs = epochs };
        return Best is not null && Average.EstimatesStatistics && Average.HasBegun(epochs);
    }

    /// <summary>Measures the epoch that is done, where there is a selection, and stands at the beginning of the next.</summary>
    public void EndEpoch(CancellationToken cancellation)
    {
        var epochs = Position.Epoch + 1;
        var history = Best?.Measure(Position.History, epochs, Position.Seen.Loss, cancellation) ?? [];
        Position = Position with { Epoch = epochs, Batch = 0, Seen = default, History = history };
    }

    /// <summary>Gives the network what the run has come to: the best weights measured, otherwise the average, otherwise what it has.</summary>
    public void Conclude()
    {
        if (Position.History.Count > 0)
            Best!.Snapshot.Restore();
        if (Average is { } average && (Position.History.Count > 0 || average.HasBegun(Position.AveragedEpochs)))
            Transfer.All(average.Network.state_dict(), Network.state_dict());
    }

    public void Dispose()
    {
        Best?.Dispose();
        Average?.Dispose();
        Memory.Dispose();
        Optimizer.Dispose();
    }
}
