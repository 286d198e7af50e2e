using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.ImageData;

namespace AdversarialTool.Evaluation;

/// <summary>What became of every image, as text with commas.</summary>
public sealed class ImageTable(MLContext ml, ImageSet images)
{
    public void Write(RobustnessEvaluation evaluation, string path)
    {
        var rows = images.Images.Select((image, row) => new Row
        {
            File = image.Path,
            Label = image.Label,
            PredictedClean = evaluation.CleanPredictions[row].ClassName ?? "",
            ConfidenceClean = evaluation.CleanPredictions[row].Confidence,
            CorrectClean = evaluation.IsCorrectClean[row],
            PredictedAttacked = evaluation.Attacks[0].Predictions[row].ClassName ?? "",
            ConfidenceAttacked = evaluation.Attacks[0].Predictions[row].Confidence,
            CorrectAttacked = evaluation.Attacks[0].IsCorrect[row],
        });
        using var file = File.Create(path);
        ml.Data.SaveAsText(ml.Data.LoadFromEnumerable(rows), file, separatorChar: ',', schema: false);
    }

    private sealed class Row
    {
        public string File { get; init; } = "";

        public string Label { get; init; } = "";

        public string PredictedClean { get; init; } = "";

        public float ConfidenceClean { get; init; }

        public bool CorrectClean { get; init; }

        public string PredictedAttacked { get; init; } = "";

        public float ConfidenceAttacked { get; init; }

        public bool CorrectAttacked { get; init; }
    }
}
