using Microsoft.ML.Adversarial;
using Tooling.CommandLine;

namespace AdversarialTool.Evaluation;

/// <summary>What a person asked for.</summary>
public sealed record EvaluationSettings
{
    private static readonly double[] CurveShares = [0.25, 0.5, 1, 1.5, 2];

    private static readonly int[] CurveSteps = [1, 2, 5, 10, 20, 50];

    public required string Model { get; init; }

    /// <summary>What an ONNX file from elsewhere does not say itself.</summary>
    public NetworkFileOptions File { get; init; } = new();

    public string? Images { get; init; }

    public required string AttackName { get; init; }

    public double Epsilon { get; init; }

    public int? Limit { get; init; }

    public double? Minimum { get; init; }

    public int Seed { get; init; }

    public Precision SearchPrecision { get; init; }

    public required string Output { get; init; }

    /// <summary>Whether the processes of mpirun share the work.</summary>
    public bool IsDistributed { get; init; }

    public bool IsOnnx => Path.GetExtension(Model).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    public Attack Attack => AttackName switch
    {
        "pgd" => new PgdAttack(Budget.LInf(Epsilon)) { Steps = 50 },
        "autoattack" => AutoAttack.Standard(Budget.LInf(Epsilon)),
        "square" => new SquareAttack(Budget.LInf(Epsilon)),
        _ => throw new ArgumentException($"--attack is '{AttackName}'; expected pgd, autoattack or square."),
    };

    /// <summary>PGD-20 from small budgets to twice the asked one.</summary>
    public IReadOnlyList<PgdAttack> EpsilonCurve => [.. CurveShares.Select(share => Epsilon * share).Where(levels => levels is >= 0.5 and <= 255).Select(levels => new PgdAttack(Budget.LInf(levels)) { Steps = 20 })];

    /// <summary>PGD at the asked budget with more and more steps.</summary>
    public IReadOnlyList<PgdAttack> StepsCurve => [.. CurveSteps.Select(steps => new PgdAttack(Budget.LInf(Epsilon)) { Steps = steps })];

    public RobustnessGate? Gate => Minimum is { } minimum ? new RobustnessGate { MinimumRobustAccuracy = minimum } : null;

    /// <exception cref="ArgumentException">An option is not as expected; the message names it.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        if (Epsilon == 0)
            throw new ArgumentException("--epsilon is 0, which leaves every image as it is; expected grey levels from 0.5 to 255.");
        OptionCheck.AtLeast(1, Limit, "--limit", "image");
        if (Minimum is { } minimum && !(minimum is >= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"--minimum is {minimum}; expected a share from 0 to 1."));
        if (!System.IO.File.Exists(Model))
            throw new FileNotFoundException($"--model: there is no file '{Path.GetFullPath(Model)}'; expected a model.zip or model.onnx. `adversarial train` writes both into the folder output.");
        if (SearchPrecision == Precision.Automatic)
            throw new ArgumentException("--search-precision is Automatic; expected Single or BFloat16.");
        _ = Attack;
    }
}
