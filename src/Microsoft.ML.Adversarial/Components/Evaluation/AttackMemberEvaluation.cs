namespace Microsoft.ML.Adversarial;

/// <summary>What one attack met and broke.</summary>
public sealed class AttackMemberEvaluation
{
    /// <summary>The attack.</summary>
    public required Attack Attack { get; init; }

    /// <summary>Examples that were still classified as labelled when it came.</summary>
    public required long Examples { get; init; }

    /// <summary>How many of them it broke.</summary>
    public required long Broken { get; init; }

    /// <summary>Time it took; of a resumed evaluation, in all processes that took part; of attacks reported from one run, the whole run's.</summary>
    public required TimeSpan Elapsed { get; init; }
}
