using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.Reports;

namespace AdversarialTool.Evaluation;

/// <summary>What a person asked for.</summary>
public sealed record EvaluationSettings
{
    /// <summary>What is measured, and of which model.</summary>
    public required EvaluationPlan Plan { get; init; }

    /// <summary>What an ONNX file from elsewhere does not say itself.</summary>
    public NetworkFileOptions File { get; init; } = new();

    public double? Minimum { get; init; }

    public required string Output { get; init; }

    /// <summary>Whether the processes of mpirun share the work.</summary>
    public bool IsDistributed { get; init; }

    public bool IsOnnx => Path.GetExtension(Plan.Model).Equals(".onnx", StringComparison.OrdinalIgnoreCase);

    public RobustnessGate? Gate => Minimum is { } minimum ? new RobustnessGate { MinimumRobustAccuracy = minimum } : null;

    /// <exception cref="ArgumentException">An option is not as expected; the message names it.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Plan.Epsilon, "--epsilon");
        if (Plan.Epsilon == 0)
            throw new ArgumentException("--epsilon is 0, which leaves every image as it is; expected grey levels from 0.5 to 255.");
        OptionCheck.AtLeast(1, Plan.Limit, "--limit", "image");
        if (Minimum is { } minimum && !(minimum is >= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"--minimum is {minimum}; expected a share from 0 to 1."));
        if (!System.IO.File.Exists(Plan.Model))
            throw new FileNotFoundException($"--model: there is no file '{Path.GetFullPath(Plan.Model)}'; expected a model.zip or model.onnx. `adversarial train` writes both into the folder output.");
        if (Plan.SearchPrecision == Precision.Automatic)
            throw new ArgumentException("--search-precision is Automatic; expected Single or BFloat16.");
        _ = Plan.Attack;
    }
}
