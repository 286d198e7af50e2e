namespace Samples.PaperStudy.Methods;

/// <summary>Everything but the seed that decides what a method's run gives, the machine's speed aside.</summary>
public sealed record MethodSettings
{
    public required string TrainingImages { get; init; }

    public required string TestImages { get; init; }

    public required string Network { get; init; }

    public required string Method { get; init; }

    public required double Minutes { get; init; }

    public required int BatchSize { get; init; }

    public required double LearningRate { get; init; }

    public required string Schedule { get; init; }

    public required string Augmentation { get; init; }

    public required string Selection { get; init; }

    public required IReadOnlyList<string> Attacks { get; init; }

    public static MethodSettings Of(string method, MethodStudySettings settings, StudyImages images) => new()
    {
        TrainingImages = images.TrainingDescription,
        TestImages = images.TestDescription,
        Network = $"ResNet-{settings.Scale.Depth}, width {settings.Scale.Width}",
        Method = settings.Create(method).ToString()!,
        Minutes = settings.Time.TotalMinutes,
        BatchSize = settings.Scale.BatchSize,
        LearningRate = settings.Scale.LearningRate,
        Schedule = StudySettings.Schedule.ToString()!,
        Augmentation = $"{(settings.Scale.Augmentation.HorizontalFlip ? "flips, " : "")}crops with padding {settings.Scale.Augmentation.CropPadding}",
        Selection = settings.Selection.ToString(),
        Attacks = [.. settings.Attacks.Select(attack => attack.ToString())],
    };
}
