using System.Collections.Concurrent;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Curves;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Models;

/// <summary>How far the preparation is, and the models once they are there.</summary>
public sealed class ExplorerState : IDisposable
{
    private readonly ConcurrentDictionary<string, TrainingProgress> trainings = [];
    private volatile ModelPair? models;
    private volatile Gallery? gallery;
    private volatile AccuracyCurves? curves;
    private volatile string? failure;

    /// <exception cref="RefusedException">They are not there yet.</exception>
    public ModelPair Models => models ?? throw RefusedException.Busy(failure ?? "The models are still being trained.", retryAfterSeconds: 2);

    /// <exception cref="RefusedException">The models are not there yet.</exception>
    public Gallery Gallery => gallery ?? throw RefusedException.Busy(failure ?? "The models are still being trained.", retryAfterSeconds: 2);

    /// <summary>Null while they are being measured.</summary>
    public AccuracyCurves? Curves
    {
        get => curves;
        set => curves = value;
    }

    public bool IsReady => gallery is not null;

    /// <summary>Why there will be no models; null where nothing went wrong.</summary>
    public string? Failure
    {
        get => failure;
        set => failure = value;
    }

    public IReadOnlyDictionary<string, TrainingProgress> Trainings => trainings;

    public void Report(string model, TrainingMetrics metrics) => trainings[model] = TrainingProgress.Of(metrics);

    public void Complete(ModelPair pair, Gallery images) => (models, gallery) = (pair, images);

    public void Dispose() => models?.Dispose();
}
