using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Images to learn from and to be attacked.</summary>
/// <param name="Name">Of the folder that holds what was made of them.</param>
/// <param name="Training">So few that a model is there in minutes.</param>
/// <param name="Test">Other images.</param>
/// <param name="GreyLevels">The radius to train within.</param>
internal sealed record BenchmarkImages(string Name, ImageSet Training, ImageSet Test, double GreyLevels)
{
    private const int TrainingImages = 2000, Order = 1;

    public static BenchmarkImages Read(BenchmarkSettings settings)
    {
        var (training, test) = TrainingAndTestImages.Read(settings.Images, settings.TestImages, limitPerClass: null, Order, Path.Combine(settings.Folder, "letters", "images"));
        var name = settings.Images is { } folder ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) : "letters";
        return new BenchmarkImages(name, training.TakeEvenly(TrainingImages), test, settings.Images is null ? 12 : 8);
    }
}
