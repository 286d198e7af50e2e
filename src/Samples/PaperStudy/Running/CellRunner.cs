using System.Diagnostics;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Microsoft.ML.Data;
using Samples.PaperStudy.Cells;
using Samples.PaperStudy.Results;
using Tooling.ImageData;

namespace Samples.PaperStudy.Running;

/// <summary>Trains and evaluates a cell with one seed.</summary>
public sealed class CellRunner(StudySettings settings, StudyImages images, TimeLeft timeLeft, StudyDisplay display, CancellationToken cancellation)
{
    /// <summary>One weight update on one image of each class: what does not fit is told now and not after hours of other cells.</summary>
    public void TryOut(Cell cell)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ml = new MLContext(seed: 1);
        var options = Options(cell, seed: 1) with { MetricsCallback = _ => enough.Cancel(), CancellationToken = enough.Token };
        try
        {
            Fit(ml, options, images.Training.TakeEvenly(images.Training.Classes.Count)).Dispose();
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The update is done.
        }
        catch (ArgumentException exception)
        {
            throw new ArgumentException($"The cell '{cell.Name}' cannot run: {exception.Message}", exception);
        }
    }

    public CellResult Run(Cell cell, int seed)
    {
        var ml = new MLContext(seed);
        var trainingCost = CellCost.OfTraining(cell, settings, images.Training.Images.Count);
        var options = Options(cell, seed) with
        {
            MetricsCallback = metrics =>
            {
                timeLeft.Report(trainingCost * (metrics.Epoch - 1 + (double)metrics.Batch / metrics.Batches) / metrics.Epochs);
                display.ShowTraining(cell, seed, metrics);
            },
            CancellationToken = cancellation,
        };
        var clock = Stopwatch.StartNew();
        using var fitted = Fit(ml, options, images.Training);
        var trainingSeconds = clock.Elapsed.TotalSeconds;
        timeLeft.Finish(trainingCost);

        clock.Restart();
        DomainResult[] domains = [.. cell.Domains.Select(domain => Evaluate(ml, fitted, cell, seed, domain))];
        return new CellResult(
            cell.Name, seed, CellSettings.Of(cell, settings, images), domains, Math.Round(trainingSeconds, 1), Math.Round(clock.Elapsed.TotalSeconds, 1));
    }

    private static TransformerChain<ImageClassificationTransformer> Fit(MLContext ml, ImageClassificationOptions options, ImageSet training) =>
        ImagePreparation.Create(ml, training).Append(ml.Adversarial().Trainers.ImageClassification(options)).Fit(training.AsView(ml));

    private DomainResult Evaluate(MLContext ml, ITransformer fitted, Cell cell, int seed, ImageDomain domain)
    {
        var attack = settings.EvaluationAttackOf(cell);
        var costs = new Dictionary<string, double>();
        var evaluation = ml.Adversarial().EvaluateRobustness(fitted, images.Test.AsView(ml), [attack], new RobustnessEvaluationOptions
        {
            Domain = domain,
            Seed = seed,
            ProgressCallback = progress =>
            {
                costs[progress.Condition] = progress.Condition == attack.Name ? CellCost.OfMeasuring(cell, attack.Steps, progress.Examples) : 0;
                timeLeft.Report(costs.Values.Sum());
                display.ShowEvaluation(cell, seed, domain, progress);
            },
            CancellationToken = cancellation,
        });
        timeLeft.Finish(CellCost.OfEvaluation(cell, settings, images.Test.Images.Count));
        return new DomainResult(
            domain,
            evaluation.CleanAccuracy.Accuracy,
            evaluation.Examples,
            [.. evaluation.Attacks.Select(measured => new AttackResult(((PgdAttack)measured.Attack).Steps, measured.Accuracy.Accuracy, measured.IsCorrect.Count))]);
    }

    private ImageClassificationOptions Options(Cell cell, int seed) => new()
    {
        Backbone = new ResNet(cell.Depth) { Width = settings.Width },
        Normalization = cell.Normalization,
        Method = cell.IsPlain
            ? new PlainTraining()
            : new AdversarialTraining(settings.TrainingAttack) { CleanStartProbability = 0.2, CleanRatio = cell.CleanRatio, LogitPairingWeight = cell.LogitPairingWeight },
        Epochs = settings.Epochs,
        ConsistentEpochs = cell.ConsistentEpochs,
        BatchSize = settings.BatchSize,
        LearningRate = settings.LearningRate,
        Schedule = StudySettings.Schedule,
        Augmentation = settings.Augmentation,
        PixelLayout = PixelLayout.Planar,
        CacheImages = true,
        Seed = seed,
    };
}
