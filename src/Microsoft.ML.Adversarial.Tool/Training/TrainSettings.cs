using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.Models;

namespace AdversarialTool.Training;

/// <summary>What a person asked for.</summary>
public sealed record TrainSettings
{
    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public int? Limit { get; init; }

    public int? TestLimit { get; init; }

    public bool MirrorsImages { get; init; }

    /// <summary>The ONNX file to start from; null for a residual network that starts anew.</summary>
    public string? Backbone { get; init; }

    /// <summary>What that file does not say itself.</summary>
    public NetworkFileOptions File { get; init; } = new();

    /// <summary>Of a residual network; null for the recipe's.</summary>
    public int? Depth { get; init; }

    /// <summary>Of a residual network; null for the recipe's.</summary>
    public int? Width { get; init; }

    public int Epochs { get; init; }

    public int? ConsistentEpochs { get; init; }

    public int BatchSize { get; init; }

    public double LearningRate { get; init; }

    /// <summary>A name that <see cref="NamedMethods"/> knows.</summary>
    public string Method { get; init; } = NamedMethods.Default;

    /// <summary>Grey levels.</summary>
    public double Epsilon { get; init; }

    public int Steps { get; init; }

    public int EvaluationSteps { get; init; }

    public bool IsMixture { get; init; }

    public Precision CraftingPrecision { get; init; }

    public int Seed { get; init; }

    /// <summary>Between checkpoints within an epoch.</summary>
    public TimeSpan CheckpointInterval { get; init; }

    public string Output { get; init; } = "";

    /// <summary>Whether the processes of mpirun share the work.</summary>
    public bool IsDistributed { get; init; }

    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps };

    public TrainingMethod TrainingMethod => NamedMethods.Create(Method, TrainingAttack, alsoClean: IsMixture, "--method");

    public PgdAttack EvaluationAttack => TrainingAttack with { Steps = EvaluationSteps };

    /// <exception cref="ArgumentException">An option is not as expected, or is none of this kind of training; the library checks the others.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        _ = TrainingMethod;
        OptionCheck.AtLeast(1, Limit, "--limit", "image of each class");
        OptionCheck.AtLeast(1, TestLimit, "--test-limit", "image");
        if (CheckpointInterval <= TimeSpan.Zero)
            throw new ArgumentException(FormattableString.Invariant($"--checkpoint-minutes is {CheckpointInterval.TotalMinutes}; expected a number above 0."));
        if (Backbone is null && File != new NetworkFileOptions())
            throw new ArgumentException("The command says how an ONNX file takes pixels, and names no file; expected --backbone with it.");
        if (Backbone is not null && (Depth ?? Width) is not null)
            throw new ArgumentException("--depth and --width are those of a residual network, and --backbone names another one; expected one or the other.");
        if (Backbone is not null && !System.IO.File.Exists(Backbone))
            throw new FileNotFoundException($"--backbone: there is no file '{Path.GetFullPath(Backbone)}'; expected an ONNX file.");
    }
}
