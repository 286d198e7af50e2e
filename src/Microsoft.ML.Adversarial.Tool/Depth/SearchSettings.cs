using Microsoft.ML.Adversarial;
using Tooling.CommandLine;

namespace AdversarialTool.Depth;

/// <summary>What the command line says.</summary>
public sealed record SearchSettings
{
    private const int ValidationSteps = 10;

    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public int? Limit { get; init; }

    public bool MirrorsImages { get; init; }

    public double Minutes { get; init; }

    public IReadOnlyList<int> Depths { get; init; } = [];

    public int Width { get; init; }

    public int Epochs { get; init; }

    public int BatchSize { get; init; }

    public int Halvings { get; init; }

    public TimeSpan? MaximumLatency { get; init; }

    /// <summary>Grey levels.</summary>
    public double Epsilon { get; init; }

    public int Steps { get; init; }

    /// <summary>Steps of the attack that the best network meets at the end.</summary>
    public int EvaluationSteps { get; init; }

    public int Seed { get; init; }

    public string Output { get; init; } = "";

    public bool IsDistributed { get; init; }

    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps };

    public PgdAttack ValidationAttack => TrainingAttack with { Steps = ValidationSteps };

    public PgdAttack TestAttack => TrainingAttack with { Steps = EvaluationSteps };

    public TimeSpan Time => TimeSpan.FromMinutes(Minutes);

    /// <exception cref="ArgumentException">An option of this program alone is out of its range; the library checks the others.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        OptionCheck.AtLeast(2, Limit, "--limit", "images of each class, one to train and one to validate");
        if (!(Minutes is >= 0.1 and <= 50_000))
            throw new ArgumentException(FormattableString.Invariant($"--minutes is {Minutes}; expected from 0.1 to 50000."));
    }
}
