using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.ML;
using Tooling.ImageData;
using TorchSharp;

namespace Samples.TrainRobustClassifier;

/// <summary>The results for programs to read: report.json.</summary>
public static class ReportFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public static void Write(string path, SampleSettings settings, ImageSet training, ImageSet test, IReadOnlyList<TrainedModel> models)
    {
        var report = new
        {
            models = models.Select(model => new
            {
                name = model.Name,
                clean = model.Evaluation.CleanAccuracy.Accuracy,
                examples = model.Evaluation.Examples,
                attacks = model.Evaluation.Attacks.Select(attack => new
                {
                    name = attack.Attack.Name,
                    accuracy = attack.Accuracy.Accuracy,
                    examples = attack.IsCorrect.Count,
                    attack = attack.Attack.ToString(),
                    largestDistance = attack.LargestDistance,
                }),
                worstCase = model.Evaluation.WorstCaseAccuracy.Accuracy,
                trainingSeconds = Math.Round(model.TrainingSeconds, 1),
            }),
            settings = new
            {
                trainingImages = training.Images.Count,
                testImages = test.Images.Count,
                classes = training.Classes,
                depth = settings.Depth,
                width = settings.Width,
                epochs = settings.Epochs,
                batchSize = settings.BatchSize,
                learningRate = settings.LearningRate,
                epsilonGreyLevels = settings.Epsilon,
                trainingAttack = settings.TrainingAttack.ToString(),
                craftingPrecision = settings.CraftingPrecision.ToString(),
                seed = settings.Seed,
            },
            versions = new
            {
                library = typeof(MLContextExtensions).Assembly.GetName().Version?.ToString(3),
                mlNet = typeof(MLContext).Assembly.GetName().Version?.ToString(3),
                torch = torch.__version__,
                runtime = RuntimeInformation.FrameworkDescription,
                system = RuntimeInformation.OSDescription,
                processors = Environment.ProcessorCount,
            },
        };
        File.WriteAllText(path, JsonSerializer.Serialize(report, Format));
    }
}
