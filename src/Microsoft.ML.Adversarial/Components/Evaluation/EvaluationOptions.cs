
namespace Microsoft.ML.Adversarial;

/// <summary>How an evaluation runs. Of these only the seed changes what is measured.</summary>
public abstract record EvaluationOptions
{
    private protected EvaluationOptions()
    {
    }

    /// <summary>Images attacked together.</summary>
    /// <value>Default 100; from 1 to 65 536.</value>
    public int BatchSize { get; init => field = Require.InRange(value, 1, 65_536); } = 100;

    /// <summary>The root of the attacks' randomness; each image has streams of its own, whatever the batch.</summary>
    /// <value>Default null: the state file's where there is one, else drawn from the MLContext, and so from its seed.</value>
    public int? Seed { get; init; }

    /// <summary>
    /// A file that keeps what is done, after every attack on every batch, so that an evaluation that was killed or cancelled goes on when the same one is started
    /// again, and ends with the same numbers. It stays when the evaluation is done. A file of another model, other images, attacks, batches or another seed is refused.
    /// </summary>
    /// <value>Default null: nothing is kept.</value>
    public string? StateFile { get; init => field = value is null ? null : Require.NotEmpty(value); }

    /// <summary>
    /// The processes that share the evaluation: each attacks the batches whose turn it is, and all have the same result in the end, the one that a single process would have. All read the same data. The
    /// <see cref="StateFile"/> is rank 0's; other ranks keep theirs beside it, behind the name .rank1 and so on, until all is done.
    /// </summary>
    /// <value>Default null: this process alone. <see cref="MpiGroup.World"/> otherwise.</value>
    public ProcessGroup? Distributed { get; init; }

    /// <summary>Called after every batch in every condition, and after every member of an ensemble, on the thread that evaluates.</summary>
    /// <value>Default null.</value>
    public Action<EvaluationProgress>? ProgressCallback { get; init; }

    /// <summary>Stops within a step of an attack; the evaluation then throws <see cref="OperationCanceledException"/>, and <see cref="StateFile"/> keeps what is done.</summary>
    /// <value>Default: never.</value>
    public CancellationToken CancellationToken { get; init; }
}
