using Samples.PaperStudy.Cells;

namespace Samples.PaperStudy.Results;

/// <summary>Everything but the seed that decides what a cell gives: two results belong into one table only where all of it is the same.</summary>
public sealed record CellSettings
{
    public required string TrainingImages { get; init; }

    public required string TestImages { get; init; }

    public required int Depth { get; init; }

    public required int Width { get; init; }

    public required string Normalization { get; init; }

    public required bool IsPlain { get; init; }

    public required double CleanRatio { get; init; }

    public required double LogitPairingWeight { get; init; }

    public required int Epochs { get; init; }

    public required int ConsistentEpochs { get; init; }

    public required int BatchSize { get; init; }

    public required double LearningRate { get; init; }

    public required string Schedule { get; init; }

    public required bool MirrorsImages { get; init; }

    public required int CropPadding { get; init; }

    /// <summary>Empty in plain training.</summary>
    public required string TrainingAttack { get; init; }

    /// <summary>For each domain its attacks.</summary>
    public required IReadOnlyList<string> Evaluation { get; init; }

    public static CellSettings Of(Cell cell, StudySettings settings, StudyImages images) => new()
    {
        TrainingImages = images.TrainingDescription,
        TestImages = images.TestDescription,
        Depth = cell.Depth,
        Width = settings.Width,
        Normalization = cell.Normalization.ToString()!,
        IsPlain = cell.IsPlain,
        CleanRatio = cell.CleanRatio,
        LogitPairingWeight = cell.LogitPairingWeight,
        Epochs = settings.Epochs,
        ConsistentEpochs = cell.ConsistentEpochs,
        BatchSize = settings.BatchSize,
        LearningRate = settings.LearningRate,
        Schedule = StudySettings.Schedule.ToString()!,
        MirrorsImages = settings.Augmentation.HorizontalFlip,
        CropPadding = settings.Augmentation.CropPadding,
        TrainingAttack = cell.IsPlain ? "" : settings.TrainingAttack.ToString(),
        Evaluation = [.. cell.Domains.Select(domain => $"{domain}: {string.Join("; ", settings.EvaluationAttackOf(cell).Reported)}")],
    };

    /// <summary>The first setting that is not the same, with both values; null where all are.</summary>
    public string? DifferenceTo(CellSettings expected) => ResultJson.Difference(this, expected);
}
