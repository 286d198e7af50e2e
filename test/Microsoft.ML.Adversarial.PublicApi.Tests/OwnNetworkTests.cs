using Microsoft.ML.Data;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>A network that this library did not make is attacked with its gradients.</summary>
public sealed class OwnNetworkTests : IDisposable
{
    private static readonly NetworkEvaluationOptions Options = new() { ImageShape = new ImageShape(1, 8, 8), ClassNames = ["dark", "bright"], Seed = 3, BatchSize = 5 };

    private readonly MLContext ml = new(seed: 1);
    private readonly nn.Module<Tensor, Tensor> module = Brightness();

    public void Dispose() => module.Dispose();

    [Fact]
    public void A_TorchSharp_module_is_evaluated_under_attacks_by_gradient_and_by_score()
    {
        var network = ImageClassifier.Of(module, classCount: 2);

        var evaluation = ml.Adversarial().EvaluateRobustness(network, View(), [new PgdAttack(Budget.LInf(2)), new PgdAttack(Budget.LInf(60)), new SquareAttack(Budget.LInf(60)) { Queries = 50 }], Options);

        // Dark images lie 31 and bright ones 37 levels and more from the threshold, so 60 levels break all and 2 break none.
        Assert.Equal([1, 1, 0], new[] { evaluation.CleanAccuracy, evaluation.Attacks[0].Accuracy, evaluation.Attacks[1].Accuracy }.Select(accuracy => accuracy.Accuracy));
        Assert.True(evaluation.Attacks[2].Accuracy.Accuracy < 1);
        Assert.Null(evaluation.Domain);
        Assert.Equal(["dark", "bright"], evaluation.Classes.Select(one => one.Name));
        Assert.StartsWith("Accuracy on 12 images: 100.0 % clean, 100.0 % under PGD", evaluation.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluation_leaves_modes_gradients_and_statistics_of_the_module_as_they_were()
    {
        var normalization = (BatchNorm2d)module.named_children().First().module;
        var weight = module.parameters().Last();
        module.train();
        normalization.eval();
        weight.requires_grad_(false);
        var before = module.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());

        ml.Adversarial().EvaluateRobustness(ImageClassifier.Of(module, 2), View(), [new PgdAttack(Budget.LInf(8)) { Steps = 2 }], Options);

        Assert.True(module.training);
        Assert.Equal([false, true, true], module.named_children().Select(child => child.module.training));
        Assert.Equal([true, true, true, false], module.parameters().Select(parameter => parameter.requires_grad));
        Assert.All(module.parameters(), parameter => Assert.True(parameter.grad is null));
        Assert.All(module.state_dict(), entry => Assert.True(entry.Value.equal(before[entry.Key]).all().item<bool>()));
    }

    [Fact]
    public void Images_of_MLNet_are_attacked_as_well_as_vectors()
    {
        var rows = Images().Select(row => new ImageRow
        {
            Label = row.Label,
            Image = MLImage.CreateFromPixels(8, 8, MLPixelFormat.Rgba32, [.. row.Features.SelectMany(value => new byte[] { (byte)value, (byte)value, (byte)value, 255 })]),
        }).ToList();
        var view = Keyed(ml.Data.LoadFromEnumerable(rows));

        var evaluation = ml.Adversarial().EvaluateRobustness(
            ImageClassifier.Of(module, 2), view, [new PgdAttack(Budget.LInf(60))], Options with { FeatureColumnName = nameof(ImageRow.Image) });

        Assert.Equal((1, 0), (evaluation.CleanAccuracy.Accuracy, evaluation.Attacks[0].Accuracy.Accuracy));
    }

    [Fact]
    public void Columns_and_classes_of_other_names_are_stated_and_wrong_ones_are_refused()
    {
        var network = ImageClassifier.Of(module, 2);
        var renamed = ml.Transforms.CopyColumns("Pixels", "Features").Append(ml.Transforms.CopyColumns("Class", "Label")).Append(ml.Transforms.DropColumns("Features", "Label")).Fit(View()).Transform(View());

        Assert.Equal(12, ml.Adversarial().EvaluateRobustness(network, renamed, [], Options with { FeatureColumnName = "Pixels", LabelColumnName = "Class" }).Examples);
        Says(() => ml.Adversarial().EvaluateRobustness(network, renamed, [], Options), "no column 'Features'");
        Says(() => ml.Adversarial().EvaluateRobustness(network, View(), [], Options with { ClassNames = ["bright", "dark"] }), "ClassNames says bright, dark", "same order");
        Says(() => ml.Adversarial().EvaluateRobustness(ImageClassifier.Of(module, 3), View(), [], Options), "3 classes", "dark, bright");
    }

    [Fact]
    public void A_network_whose_scores_have_no_gradient_is_refused_by_name_to_attacks_that_need_one()
    {
        Says(() => ml.Adversarial().EvaluateRobustness(new Closed(), View(), [new PgdAttack(Budget.LInf(8))], Options), "needs gradients");

        Assert.Equal(12, ml.Adversarial().EvaluateRobustness(new Closed(), View(), [new SquareAttack(Budget.LInf(8)) { Queries = 5 }], Options).Examples);
    }

    [Fact]
    public void A_fitted_models_own_network_gives_the_models_own_numbers()
    {
        var attack = new PgdAttack(Budget.LInf(30)) { Steps = 3 };
        using var model = ml.Adversarial().Trainers.ImageClassification(new ImageClassificationOptions { Backbone = new ResNet(8) { Width = 4 }, Epochs = 1, BatchSize = 4, Seed = 1, ImageShape = new ImageShape(1, 8, 8) }).Fit(View());

        var usual = ml.Adversarial().EvaluateRobustness(model, View(), [attack], new RobustnessEvaluationOptions { Seed = 3 });
        var own = ml.Adversarial().EvaluateRobustness(model.Network, View(), [attack], Options);

        Assert.Equal(usual.Clean.LogLoss, own.Clean.LogLoss);
        Assert.Equal(usual.Attacks[0].Metrics.LogLoss, own.Attacks[0].Metrics.LogLoss, 6);
        // The network is the model's: an evaluation does not free it.
        Assert.Equal(2, model.Network.Logits(zeros(1, 1, 8, 8)).shape[1]);
    }

    private static void Says(Action action, params string[] parts)
    {
        var refused = Assert.Throws<ArgumentException>(action);
        Assert.All(parts, part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
    }

    /// <summary>Normalises, adds the pixels up, and calls bright what is above 120 on the average.</summary>
    private static nn.Module<Tensor, Tensor> Brightness()
    {
        var linear = nn.Linear(64, 2);
        using (no_grad())
        {
            linear.weight!.copy_(stack([full(64, -1f / 16), full(64, 1f / 16)]));
            linear.bias!.copy_(tensor(new[] { 4 * 120 / 255f, -4 * 120 / 255f }));
        }
        return nn.Sequential(("normalization", nn.BatchNorm2d(1)), ("flatten", nn.Flatten()), ("linear", linear));
    }

    private static List<Row> Images()
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, 12).Select(index => new Row
        {
            Label = index % 2 == 0 ? "dark" : "bright",
            Features = [.. Enumerable.Range(0, 64).Select(_ => (index % 2 == 0 ? 70f : 150f) + random.Next(20))],
        })];
    }

    private IDataView View() => Keyed(ml.Data.LoadFromEnumerable(Images()));

    private IDataView Keyed(IDataView view) => ml.Transforms.Conversion.MapValueToKey("Label").Fit(view).Transform(view);

    private sealed class Row
    {
        public string Label { get; set; } = "";

        [VectorType(64)]
        public float[] Features { get; set; } = [];
    }

    private sealed class ImageRow
    {
        public string Label { get; set; } = "";

        [Microsoft.ML.Transforms.Image.ImageType(8, 8)]
        public MLImage? Image { get; set; }
    }

    /// <summary>Bright or dark by the mean, without a gradient.</summary>
    private sealed class Closed : IImageClassifier
    {
        public int ClassCount => 2;

        public Tensor Logits(Tensor images)
        {
            var mean = images.detach().mean([1, 2, 3]);
            return stack([full_like(mean, 120f / 255), mean], 1);
        }
    }
}
