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
            CorrectClean = evaluation.IsCorrectClean[row],
            CorrectAttacked = evaluation.Attacks[0].IsCorrect[row],
        });
        using var file = File.Create(path);
        ml.Data.SaveAsText(ml.Data.LoadFromEnumerable(rows), file, separatorChar: ',', schema: false);
    }

    private sealed class Row
    {
        public string File { get; init; } = "";

        public string Label { get; init; } = "";

        public bool CorrectClean { get; init; }

        public bool CorrectAttacked { get; init; }
    }
}
