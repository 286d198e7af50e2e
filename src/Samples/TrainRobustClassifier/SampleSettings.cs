using Microsoft.ML.Adversarial.Attacks;

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

    public double Epsilon { get; init; }

    public int Steps { get; init; }

    public int EvaluationSteps { get; init; }

    public int Seed { get; init; }

    public string Output { get; init; } = "";

    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps };

    public PgdAttack EvaluationAttack => new(Budget.LInf(Epsilon)) { Steps = EvaluationSteps };
}
