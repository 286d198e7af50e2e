using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Curves;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Serving;
using Tooling.CommandLine;
using Tooling.ImageData;

namespace Samples.RobustnessExplorer.Models;

/// <summary>Makes or reads the models beside the page, which shows how far it is, and then measures both.</summary>
public sealed class Preparation(ExplorerSettings settings, ExplorerState state, ScratchFolder scratch, ILogger<Preparation> logger, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => Prepare(stoppingToken), stoppingToken);

    /// <summary>What is wrong is shown in the page, which lives on: the console of a service is not where its visitors look.</summary>
    private void Prepare(CancellationToken cancellation)
    {
        try
        {
            var models = Load(cancellation);
            state.Complete(models, Gallery.Of(models, settings.ImagePixels));
            logger.LogInformation("The models are ready.");
            state.Curves = new AccuracyMeasurement(models, settings.Cache, cancellation).FindOrMeasure();
            logger.LogInformation("The accuracies are measured.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
        }
        catch (Exception exception)
        {
            state.Failure = $"The models cannot be prepared: {exception.Message}";
            logger.LogError(exception, "The models cannot be prepared.");
            if (!state.IsReady && settings.Robust is not null)
            {
                // What the command line names will not get better by itself.
                Environment.ExitCode = ExitCode.Failure;
                lifetime.StopApplication();
            }
        }
    }

    private ModelPair Load(CancellationToken cancellation)
    {
        using var line = new LiveLine();
        var (robust, plain) = settings.Robust is null
            ? new LetterModels(settings, Report, cancellation).FindOrTrain()
            : (settings.Robust, settings.Plain!);
        var images = settings.Images is { } folder
            ? ImageFolder.Read(folder, limitPerClass: null, seed: 1, mayDiffer: true)
            : TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 1, seed: 1, Path.Combine(new OutputFolder(settings.Cache).Path, "letters")).Test;
        var ml = new MLContext(seed: 1);
        var first = Read(ml, robust, images);
        try
        {
            return new ModelPair(first, Read(ml, plain, images), images);
        }
        catch
        {
            first.Dispose();
            throw;
        }

        void Report(string name, TrainingMetrics metrics)
        {
            state.Report(name, metrics);
            line.Show(metrics, $"{name,-6}  ");
        }
    }

    private DeployedClassifier Read(MLContext ml, string path, ImageSet images)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"There is no model '{Path.GetFullPath(path)}'; expected an ONNX file or a model.zip.");
        try
        {
            return ModelFile.Load(ml, File.ReadAllBytes(path), int.MaxValue, scratch.Path, images.Classes);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"'{path}': {exception.Message}", exception);
        }
    }
}
