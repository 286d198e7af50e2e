using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Data;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>What became of every image: what it was taken for, how surely, and what that adds up to.</summary>
public sealed partial class ImagePredictionTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private static readonly AttackEnsemble Both = new("both", Budget.LInf(24), [AttackedPictures.Attack, new SquareAttack(Budget.LInf(24)) { Queries = 20 }]);

    private readonly RobustnessEvaluation evaluation = toys.Ml.Adversarial().EvaluateRobustness(
        toys.Classifier, toys.Prepared, [AttackedPictures.Attack, Both], new RobustnessEvaluationOptions { Seed = 5 });

    [Fact]
    public void Predictions_say_which_images_were_broken_and_what_they_were_taken_for()
    {
        Assert.Equal(toys.Pictures.Rows.Select(row => row.Label), evaluation.Labels);
        Assert.Equal(evaluation.IsCorrectClean, Correct(evaluation.CleanPredictions));
        Assert.All(evaluation.Attacks, attacked => Assert.Equal(attacked.IsCorrect, Correct(attacked.Predictions)));
        Assert.InRange(evaluation.Attacks[0].IsCorrect.Count(isCorrect => isCorrect), 1, toys.Pictures.Rows.Count - 1);
        // Of three classes the likeliest has at least a third.
        Assert.All(evaluation.CleanPredictions.Concat(evaluation.Attacks[0].Predictions), prediction => Assert.InRange(prediction.Confidence, 1 / 3f, 1));
    }

    [Fact]
    public void Predictions_are_those_of_the_attacked_images_themselves()
    {
        var attacked = toys.Attacked(toys.Options);
        var answers = toys.Classifier.Transform(toys.Ml.Transforms.CopyColumns("Features", "Attacked").Fit(attacked).Transform(attacked));
        var scores = answers.GetColumn<float[]>("Score").ToList();

        for (var row = 0; row < scores.Count; row++)
        {
            Assert.Equal(evaluation.Classes[Array.IndexOf(scores[row], scores[row].Max())].Name, evaluation.Attacks[0].Predictions[row].ClassName);
            Assert.Equal(scores[row].Max(), evaluation.Attacks[0].Predictions[row].Confidence, 1e-4);
        }
    }

    [Fact]
    public void Mlnets_confusion_matrix_under_an_attack_counts_the_predictions()
    {
        string[] names = [.. evaluation.Classes.Select(one => one.Name)];

        foreach (var (attacked, number) in evaluation.Attacks.Select((attacked, number) => (attacked, number)))
        {
            var matrix = attacked.Metrics.ConfusionMatrix;
            Assert.Contains(matrix.Counts.SelectMany((counts, label) => counts.Where((count, given) => given != label)), count => count > 0);
            for (var label = 0; label < names.Length; label++)
            {
                Assert.Equal(
                    names.Select(given => (double)evaluation.Labels.Zip(attacked.Predictions).Count(pair => pair.First == names[label] && pair.Second.ClassName == given)), matrix.Counts[label]);
                Assert.Equal(evaluation.Classes[label].AttackAccuracies[number].Accuracy, matrix.PerClassRecall[label], 1e-9);
            }
        }
    }

    [Fact]
    public void An_evaluation_that_goes_on_from_its_state_file_tells_the_same_of_every_image()
    {
        using var source = new CancellationTokenSource();
        var options = new RobustnessEvaluationOptions { Seed = 5, BatchSize = 4, StateFile = Path.Combine(toys.Pictures.Folder, "images.jsonl") };
        Assert.ThrowsAny<OperationCanceledException>(() => toys.Ml.Adversarial().EvaluateRobustness(
            toys.Classifier, toys.Prepared, [AttackedPictures.Attack, Both],
            options with { ProgressCallback = progress => { if (progress.Condition == "both" && progress.Examples == 8) source.Cancel(); }, CancellationToken = source.Token }));

        var resumed = toys.Ml.Adversarial().EvaluateRobustness(toys.Classifier, toys.Prepared, [AttackedPictures.Attack, Both], options);
        var whole = toys.Ml.Adversarial().EvaluateRobustness(toys.Classifier, toys.Prepared, [AttackedPictures.Attack, Both], options with { StateFile = null });

        Assert.Equal(whole.CleanPredictions, resumed.CleanPredictions);
        Assert.All(whole.Attacks.Zip(resumed.Attacks), pair => Assert.Equal(pair.First.Predictions, pair.Second.Predictions));
        Assert.Equal(Seconds().Replace(whole.ToJson(), ""), Seconds().Replace(resumed.ToJson(), ""));
    }

    [Fact]
    public void The_report_has_every_image_in_a_line_and_what_became_of_what()
    {
        var text = evaluation.ToJson();
        using var report = JsonDocument.Parse(text);

        var images = report.RootElement.GetProperty("images").EnumerateArray().ToList();
        Assert.Equal(evaluation.Labels, images.Select(image => image.GetProperty("label").GetString()));
        Assert.Equal(evaluation.CleanPredictions, images.Select(image => Read(image.GetProperty("clean"))));
        Assert.Equal(evaluation.Attacks[1].Predictions, images.Select(image => Read(image.GetProperty("attacks")[1])));
        Assert.Equal(images.Count, text.Split('\n').Count(line => line.TrimStart().StartsWith("{\"label\":", StringComparison.Ordinal) && line.Contains("\"clean\":", StringComparison.Ordinal)));
        var confusion = report.RootElement.GetProperty("attacks")[0].GetProperty("confusion").EnumerateArray().ToList();
        Assert.Equal(images.Count, confusion.Sum(entry => entry.GetProperty("images").GetInt32()));
        Assert.All(confusion, entry => Assert.Equal(
            evaluation.Labels.Zip(evaluation.Attacks[0].Predictions).Count(pair => (pair.First, pair.Second.ClassName) == (entry.GetProperty("label").GetString(), entry.GetProperty("predicted").GetString())),
            entry.GetProperty("images").GetInt32()));
    }

    [Fact]
    public void An_image_whose_scores_are_no_numbers_has_no_class_and_no_confidence()
    {
        var ml = new MLContext(seed: 1);
        var rows = new[] { 50f, 200f, 60f }.Select(level => new Levels { Label = level < 100 ? "dark" : "bright", Features = [level, level, level, level] });
        var view = ml.Transforms.Conversion.MapValueToKey("Label").Fit(ml.Data.LoadFromEnumerable(rows)).Transform(ml.Data.LoadFromEnumerable(rows));

        var silent = ml.Adversarial().EvaluateRobustness(new SilentAboutBright(), view, [new PgdAttack(Budget.LInf(2))], new NetworkEvaluationOptions { ImageShape = new ImageShape(1, 2, 2) });

        Assert.Equal(["dark", null, "dark"], silent.CleanPredictions.Select(prediction => prediction.ClassName));
        Assert.Equal("no class", $"{silent.Attacks[0].Predictions[1]}");
        using var report = JsonDocument.Parse(silent.ToJson());
        var clean = report.RootElement.GetProperty("images")[1].GetProperty("clean");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (clean.GetProperty("class").ValueKind, clean.GetProperty("confidence").ValueKind));
    }

    private IEnumerable<bool> Correct(IReadOnlyList<ImagePrediction> predictions) => predictions.Zip(evaluation.Labels, (prediction, label) => prediction.ClassName == label);

    private static ImagePrediction Read(JsonElement prediction) => new() { ClassName = prediction.GetProperty("class").GetString(), Confidence = prediction.GetProperty("confidence").GetSingle() };

    [GeneratedRegex("\"seconds\": [0-9.]+")]
    private static partial Regex Seconds();

    /// <summary>Answers bright images with no numbers.</summary>
    private sealed class SilentAboutBright : IImageClassifier
    {
        public int ClassCount => 2;

        public Tensor Logits(Tensor images)
        {
            var brightness = images.flatten(1).mean([1]).Plus(-0.5);
            // The root of what is below nothing is no number.
            return stack([brightness.neg().sqrt(), brightness], 1);
        }
    }

    private sealed class Levels
    {
        public string Label { get; init; } = "";

        [VectorType(4)]
        public float[] Features { get; init; } = [];
    }
}
