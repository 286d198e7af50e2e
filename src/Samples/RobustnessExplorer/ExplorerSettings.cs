using Tooling.CommandLine;

namespace Samples.RobustnessExplorer;

/// <summary>What the command line says: the models, and the bounds that keep one visitor from the work of the others.</summary>
public sealed record ExplorerSettings
{
    /// <summary>An ONNX file or model.zip; null, as <see cref="Plain"/> then is, to train on the letters.</summary>
    public string? Robust { get; init; }

    public string? Plain { get; init; }

    /// <summary>Test images, one folder for each class; null for the letters.</summary>
    public string? Images { get; init; }

    /// <summary>The folder for what is worth keeping: trained models, measured curves, unpacked letters.</summary>
    public string Cache { get; init; } = "output/explorer";

    public string Urls { get; init; } = "http://localhost:5080";

    /// <summary>Training images of each class. 150 and the recipe's 14 epochs take about a minute for both models on 2 idle cores.</summary>
    public int TrainingImages { get; init; } = 150;

    /// <summary>Attacks, curves and audits' imports that run at a time.</summary>
    public int ConcurrentAttacks { get; init; } = 2;

    /// <summary>Requests that may wait for such a turn; beyond it 503.</summary>
    public int WaitingAttacks { get; init; } = 8;

    /// <summary>The longest time for an attack or a curve from its turn on.</summary>
    public int AttackSeconds { get; init; } = 60;

    /// <summary>The longest time for an audit.</summary>
    public int AuditSeconds { get; init; } = 900;

    /// <summary>The largest uploaded image.</summary>
    public int ImageBytes { get; init; } = 4 << 20;

    /// <summary>The most pixels of an uploaded image, width times height; decoded, each takes 4 bytes.</summary>
    public int ImagePixels { get; init; } = 4 << 20;

    /// <summary>The largest uploaded model, and the largest that a zip may hold.</summary>
    public int ModelBytes { get; init; } = 32 << 20;

    /// <summary>The longest time for an upload to arrive.</summary>
    public int UploadSeconds { get; init; } = 30;

    /// <exception cref="ArgumentException">An option is out of its range, or misses another.</exception>
    public void Check()
    {
        if (Robust is null != Plain is null)
            throw new ArgumentException($"{(Robust is null ? "--plain" : "--robust")} is given without {(Robust is null ? "--robust" : "--plain")}; expected both, or neither to train on the letters.");
        if (Robust is null && Images is not null)
            throw new ArgumentException("--images is given without models; expected --robust and --plain beside it.");
        OptionCheck.AtLeast(2, TrainingImages, "--training-images", "images of each class");
        OptionCheck.AtLeast(1, ConcurrentAttacks, "--concurrent-attacks", "attack");
        OptionCheck.AtLeast(0, WaitingAttacks, "--waiting-attacks", "waiting requests");
        OptionCheck.AtLeast(1, AttackSeconds, "--attack-seconds", "second");
        OptionCheck.AtLeast(1, AuditSeconds, "--audit-seconds", "second");
        OptionCheck.AtLeast(1, UploadSeconds, "--upload-seconds", "second");
        OptionCheck.AtLeast(1, ImageBytes, "--image-bytes", "byte");
        OptionCheck.AtLeast(1, ImagePixels, "--image-pixels", "pixel");
        OptionCheck.AtLeast(1, ModelBytes, "--model-bytes", "byte");
    }
}
