using Microsoft.ML.Data;
using Microsoft.ML.Transforms;
using Microsoft.ML.Transforms.Onnx;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Fitted pipelines of ML.NET's own stages, ONNX graphs with a linear trainer behind them, are attacked end to end with gradients.</summary>
public sealed class PipelineNetworkTests : IDisposable
{
    private static readonly NetworkFileOptions Usual = new();

    private readonly ToyPictures pictures = new(perClass: 8);
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Theory]
    [InlineData("Lbfgs")]
    [InlineData("Sdca")]
    [InlineData("SdcaNonCalibrated")]
    public void The_network_gives_the_pipelines_scores_and_an_attack_lowers_its_accuracy(string trainer)
    {
        using var scope = NewDisposeScope();
        var view = pictures.View(ml);
        var model = FeaturePipelines.Features(ml).Append(Trainer(trainer)).Append(ml.Transforms.Conversion.MapKeyToValue("Name", "PredictedLabel")).Fit(view);
        using var network = ml.Adversarial().LoadNetwork(model, Usual);

        var scored = model.Transform(view);
        var logits = network.Network.Logits(FeaturePipelines.ImagesIn(scored));
        var expected = scored.GetColumn<float[]>("Score").SelectMany(score => score).ToArray();
        Assert.InRange(DomainModels.Difference(expected, (trainer == "SdcaNonCalibrated" ? logits : logits.softmax(1)).data<float>().ToArray()), 0, 1e-4);
        Assert.Equal(FeaturePipelines.Pixels, network.FeatureColumnName);
        Assert.Equal(["bottom", "left", "right"], network.ClassNames);
        Assert.Equal(expected, network.Transform(view).GetColumn<float[]>("Score").SelectMany(score => score));

        var evaluation = ml.Adversarial().EvaluateRobustness(network, view, new PgdAttack(Budget.LInf(64)) { Steps = 5 });
        Assert.Equal(ml.MulticlassClassification.Evaluate(scored).MicroAccuracy, evaluation.CleanAccuracy.Accuracy, 6);
        Assert.InRange(evaluation.CleanAccuracy.Accuracy, 0.9, 1);
        Assert.InRange(evaluation.Attacks[0].Accuracy.Accuracy, 0, 0.5);
    }

    [Fact]
    public void Its_gradients_are_those_of_the_pipelines_own_scores()
    {
        using var scope = NewDisposeScope();
        var view = pictures.View(ml);
        var model = FeaturePipelines.Features(ml).Append(Trainer("Lbfgs")).Fit(view);
        using var network = ml.Adversarial().LoadNetwork(model, Usual);
        var images = FeaturePipelines.ImagesIn(model.Transform(view))[..1];

        var variable = images.detach().requires_grad_();
        var margin = Margin(network.Network.Logits(variable)).sum();
        var gradient = autograd.grad([margin], [variable])[0];

        // All of its pixels move a little: graphs of ReLU and means are all but linear there.
        const double Step = 1e-3;
        var direction = gradient.sign();
        using var noGradient = no_grad();
        var claimed = gradient.abs().sum().item<float>();
        var measured = (Margin(Scores(model, images.PlusScaled(direction, Step))).item<float>() - Margin(Scores(model, images.PlusScaled(direction, -Step))).item<float>()) / (2 * Step);
        Assert.True(claimed > 0.1);
        Assert.InRange(measured / claimed, 0.97, 1.03);

        static Tensor Margin(Tensor logits) => logits[TensorIndex.Colon, 0].sub(logits[TensorIndex.Colon, 1]);
    }

    [Fact]
    public void A_pipeline_that_was_saved_and_loaded_is_the_same()
    {
        var view = pictures.View(ml);
        var model = FeaturePipelines.Features(ml).Append(Trainer("Sdca")).Fit(view);
        var path = Path.Combine(pictures.Folder, "pipeline.zip");
        ml.Model.Save(model, view.Schema, path);
        using var fitted = ml.Adversarial().LoadNetwork(model, Usual);
        using var loaded = ml.Adversarial().LoadNetwork(ml.Model.Load(path, out _), Usual);

        var attack = new PgdAttack(Budget.LInf(24)) { Steps = 3 };
        var options = new RobustnessEvaluationOptions { Seed = 3 };
        Assert.Equal(ml.Adversarial().EvaluateRobustness(fitted, view, [attack], options).Attacks[0].IsCorrect, ml.Adversarial().EvaluateRobustness(loaded, view, [attack], options).Attacks[0].IsCorrect);
    }

    [Fact]
    public void A_graph_that_gives_probabilities_itself_needs_no_trainer()
    {
        using var scope = NewDisposeScope();
        var view = pictures.View(ml);
        var model = FeaturePipelines.Classifier(ml).Fit(view);
        using var network = ml.Adversarial().LoadNetwork(model, Usual with { ClassNames = ["bottom", "left", "right"] });

        var scored = model.Transform(view);
        var expected = scored.GetColumn<float[]>("Probabilities").SelectMany(score => score).ToArray();
        Assert.InRange(DomainModels.Difference(expected, network.Network.Logits(FeaturePipelines.ImagesIn(scored)).softmax(1).data<float>().ToArray()), 0, 1e-5);
        Assert.Equal(24, ml.Adversarial().EvaluateRobustness(network, view, new PgdAttack(Budget.LInf(8)) { Steps = 1 }).Examples);
    }

    [Fact]
    public void The_pipeline_stays_the_callers_and_nothing_is_left_behind()
    {
        var view = pictures.View(ml);
        var model = FeaturePipelines.Features(ml).Append(Trainer("Lbfgs")).Fit(view);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        var network = ml.Adversarial().LoadNetwork(model, Usual);
        ml.Adversarial().EvaluateRobustness(network, view, new PgdAttack(Budget.LInf(8)) { Steps = 1 });
        network.Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(24, model.Transform(view).GetColumn<float[]>("Score").Count());
    }

    [Fact]
    public void Stages_that_are_not_understood_are_refused_by_name_with_what_can_be_done()
    {
        var view = pictures.View(ml);
        var trees = ml.MulticlassClassification.Trainers.OneVersusAll(ml.BinaryClassification.Trainers.FastForest(numberOfTrees: 2, numberOfLeaves: 2, minimumExampleCountPerLeaf: 1));

        Refuses(FeaturePipelines.Features(ml).Append(trees), "OneVersusAllModelParameters", "LbfgsMaximumEntropy", "EvaluateBlackBox");
        Refuses(FeaturePipelines.Features(ml).Append(ml.Transforms.NormalizeMinMax("Features")).Append(Trainer("Lbfgs")), "NormalizingTransformer", "EvaluateBlackBox");
        Refuses(FeaturePipelines.Images(ml).Append(ml.Transforms.Conversion.MapValueToKey("Label")).Append(ml.Transforms.CopyColumns("Features", FeaturePipelines.Pixels)).Append(Trainer("Lbfgs")), "no ONNX stage", "MulticlassPredictionTransformer", "EvaluateBlackBox");
        Refuses(FeaturePipelines.Features(ml).Append(ml.Transforms.Conversion.ConvertType("Other", "Number", DataKind.Single)).Append(ml.Transforms.Concatenate("Features", "Features", "Other")).Append(Trainer("Lbfgs")), "does not work on the pixels alone", "Number");

        void Refuses(IEstimator<ITransformer> pipeline, params string[] parts) => Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(pipeline.Fit(view), Usual)), parts);
    }

    [Fact]
    public void Options_that_state_what_the_pipeline_says_itself_are_refused()
    {
        var model = FeaturePipelines.Features(ml).Append(Trainer("Lbfgs")).Fit(pictures.View(ml));

        Refuses(Usual with { PixelNormalization = PixelNormalization.ImageNet }, "PixelNormalization", "expected PixelRange alone");
        Refuses(Usual with { OutputName = "Pooled" }, "OutputName is 'Pooled'", "predictor's");
        Refuses(Usual with { FeatureColumnName = "Image" }, "'Image'", $"takes '{FeaturePipelines.Pixels}'");
        Refuses(Usual with { PixelRange = new PixelRange(10, 20) }, "PixelRange is 10..20");

        void Refuses(NetworkFileOptions options, params string[] parts) => Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(model, options)), parts);
    }

    [Fact]
    public void A_pipeline_is_sent_on_by_EvaluateRobustness_and_one_of_this_library_by_LoadNetwork()
    {
        var view = pictures.View(ml);
        var model = FeaturePipelines.Features(ml).Append(Trainer("Lbfgs")).Fit(view);
        var own = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 1 }).Fit(view);
        var path = Path.Combine(pictures.Folder, "model.zip");
        ml.Model.Save(own, view.Schema, path);

        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().EvaluateRobustness(model, view)), "LoadNetwork(model, options)");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(own, Usual)), "ImageClassificationTransformer", "EvaluateRobustness");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(ml.Model.Load(path, out _), Usual)), "of this library", "path of the model.zip");
        using var classifier = ToyPictures.ClassifierIn(own);
    }

    [Fact]
    public void A_network_with_other_scores_than_the_pipelines_is_refused_with_the_difference()
    {
        var model = FeaturePipelines.Features(ml).Append(Trainer("Lbfgs")).Fit(pictures.View(ml));
        var scores = PipelineScores.Of(ml, model, Usual);
        var other = scores with { Linear = scores.Linear! with { Biases = [.. scores.Linear.Biases.Select((bias, index) => bias + index)] } };

        var refused = Assert.Throws<InvalidDataException>(() => PipelineNetwork.Read(other, model, Usual, CPU, _ => { }));

        Says(refused, "differ by up to 0.", "'Score'", "expected at most 0.001", "EvaluateBlackBox");
    }

    private IEstimator<ITransformer> Trainer(string name) => name switch
    {
        "Lbfgs" => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(),
        "Sdca" => ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(maximumNumberOfIterations: 40),
        _ => ml.MulticlassClassification.Trainers.SdcaNonCalibrated(maximumNumberOfIterations: 40),
    };

    private static void Says(Exception exception, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    /// <summary>The logarithms of the pipeline's own scores, asked through ML.NET alone.</summary>
    private Tensor Scores(ITransformer model, Tensor images)
    {
        IDataView view = ml.Data.LoadFromEnumerable(images.split(1).Select(image => new PixelRow { Raw = image.Times(255).contiguous().data<float>().ToArray() }).ToList());
        foreach (var stage in EvaluatedModel.Flatten(model).SkipWhile(stage => stage is not OnnxTransformer).Where(stage => stage is not ValueToKeyMappingTransformer))
            view = stage.Transform(view);
        var scores = view.GetColumn<float[]>("Score").ToArray();
        return tensor(scores.SelectMany(score => score).ToArray(), [scores.Length, scores[0].Length]).log();
    }

    private sealed class PixelRow
    {
        [VectorType(3, ToyPictures.Size, ToyPictures.Size)]
        public float[] Raw { get; set; } = [];
    }
}
