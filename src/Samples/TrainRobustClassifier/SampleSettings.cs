using Microsoft.ML.Adversarial;
using Tooling.CommandLine;

namespace Samples.TrainRobustClassifier;

/// <summary>What the command line says.</summary>
public sealed record SampleSettings
{
    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public int? Limit { get; init; }

    public bool MirrorsImages { get; init; }

    public int Depth { get; init; }

    public int Width { get; init; }

    public int Epochs { get; init; }

    public int BatchSize { get; init; }

    public double LearningRate { get; init; }

    /// <summary>Grey levels.</summary>
    public double Epsilon { get; init; }

    public int Steps { get; init; }

    public int EvaluationSteps { get; init; }

    public int Seed { get; init; }

    public Precision CraftingPrecision { get; init; }

    public string Output { get; init; } = "";

    /// <summary>Between checkpoints within an epoch.</summary>
    public TimeSpan CheckpointInterval { get; init; }

    /// <exception cref="ArgumentException">An option of this program alone is out of its range; the library checks the others.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        if (CheckpointInterval <= TimeSpan.Zero)
            throw new ArgumentException($"--checkpoint-minutes is {CheckpointInterval.TotalMinutes}; expected a number above 0.");
        OptionCheck.AtLeast(1, Limit, "--limit", "image of each class");
    }

    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps };

    public PgdAttack EvaluationAttack => new(Budget.LInf(Epsilon)) { Steps = EvaluationSteps };
}
