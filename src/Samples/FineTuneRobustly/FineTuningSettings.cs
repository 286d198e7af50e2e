using Microsoft.ML.Adversarial;
using Tooling.CommandLine;

namespace Samples.FineTuneRobustly;

/// <summary>What the command line says.</summary>
public sealed record FineTuningSettings
{
    private static readonly string Shipped = Path.Combine(AppContext.BaseDirectory, "DnnImageModels");

    public string? Model { get; init; }

    public NetworkFileOptions File { get; init; } = new();

    public string? Images { get; init; }

    public string? TestImages { get; init; }

    public int? Limit { get; init; }

    public int? TestLimit { get; init; }

    public int Epochs { get; init; }

    public int BatchSize { get; init; }

    public double LearningRate { get; init; }

    /// <summary>Grey levels.</summary>
    public double Epsilon { get; init; }

    public int Steps { get; init; }

    public int EvaluationSteps { get; init; }

    public bool IsMixture { get; init; }

    public int? ConsistentEpochs { get; init; }

    public bool MirrorsImages { get; init; }

    public Precision CraftingPrecision { get; init; }

    public int Seed { get; init; }

    public string Output { get; init; } = "";

    /// <summary>The file to start from.</summary>
    public string ModelPath => Model ?? Path.Combine(Shipped, "ResNet18Onnx", "ResNet18.onnx");

    /// <summary>ResNet-18 as the package ships it takes grey levels, blue first, without a mean image; a file beside it makes these of pixels.</summary>
    public NetworkFileOptions ModelOptions => Model is not null ? File : File with
    {
        PreparationPath = Path.Combine(Shipped, "ResNetPrepOnnx", "ResNetPreprocess.onnx"),
        PixelNormalization = PixelNormalization.GreyLevels,
    };

    public PgdAttack TrainingAttack => new(Budget.LInf(Epsilon)) { Steps = Steps };

    public PgdAttack EvaluationAttack => new(Budget.LInf(Epsilon)) { Steps = EvaluationSteps };

    /// <exception cref="ArgumentException">An option of this program alone is out of its range; the library checks the others.</exception>
    public void Check()
    {
        OptionCheck.GreyLevels(Epsilon, "--epsilon");
        OptionCheck.AtLeast(1, Limit, "--limit", "image of each class");
        OptionCheck.AtLeast(1, TestLimit, "--test-limit", "image");
        if (!System.IO.File.Exists(ModelPath))
            throw new FileNotFoundException($"--model: there is no file '{Path.GetFullPath(ModelPath)}'; expected an ONNX file.");
    }
}
