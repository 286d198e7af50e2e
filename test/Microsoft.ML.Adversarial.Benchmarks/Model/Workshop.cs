namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What several benchmarks work on, made when the first of them asks.</summary>
internal sealed class Workshop(BenchmarkSettings settings, CancellationToken cancellation) : IDisposable
{
    private readonly Lazy<BenchmarkImages> images = new(() => BenchmarkImages.Read(settings));
    private TrainedModel? model;

    public BenchmarkImages Images => images.Value;

    public TrainedModel Model => model ??= TrainedModel.Train(Images, Folder("model"), cancellation);

    /// <summary>One that lives on after the run.</summary>
    public string Folder(string name) => Path.Combine(settings.Folder, Images.Name, name);

    public void Dispose() => model?.Dispose();
}
