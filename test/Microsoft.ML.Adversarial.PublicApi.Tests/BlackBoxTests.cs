using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>ML.NET's own linear model over pixels, attacked through its public Transform.</summary>
public sealed class BlackBoxTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("black-box-").FullName;

    [Fact]
    public void Square_takes_more_than_half_of_the_clean_accuracy_of_logistic_regression_on_the_letters()
    {
        var ml = new MLContext(seed: 1);
        var (training, test) = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 100, seed: 1, lettersFolder: Path.Combine(folder, "letters"));
        var model = ImagePreparation.Create(ml, training).Append(ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Fit(training.AsView(ml));

        var evaluation = ml.Adversarial().EvaluateBlackBox(
            model, test.TakeEvenly(200).AsView(ml), [new SquareAttack(Budget.LInf(12)) { Queries = 200 }], new BlackBoxEvaluationOptions { Seed = 1 });

        Assert.Equal(200, evaluation.Examples);
        // Letters come bright on dark and dark on bright: a linear model does little better than chance, which is 10 %.
        Assert.InRange(evaluation.CleanAccuracy.Accuracy, 0.11, 0.6);
        Assert.True(evaluation.Attacks[0].Accuracy.Accuracy < evaluation.CleanAccuracy.Accuracy / 2, $"{evaluation.CleanAccuracy} {evaluation.Attacks[0].Accuracy}");
        Assert.InRange(evaluation.Attacks[0].LargestDistance, 11.9 / 255, 12.01 / 255);
        TestContext.Current.TestOutputHelper?.WriteLine($"{evaluation.CleanAccuracy} {evaluation.Attacks[0].Accuracy}");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
