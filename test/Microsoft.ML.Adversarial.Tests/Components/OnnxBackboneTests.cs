using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>A classifier that comes as an ONNX file is attacked as if it were this library's own, trained further, and handed on as a model.</summary>
public sealed class OnnxBackboneTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly MLContext ml = new(1);
    private readonly IDataView prepared;

    public OnnxBackboneTests() => prepared = DomainModels.Prepared(ml, pictures);

    private string File => Path.Combine(pictures.Folder, "plain.onnx");

    /// <summary>What another program would have to say of a file of this library.</summary>
    private static NetworkFileOptions AsForeign { get; } = new()
    {
        ReadsChangedFiles = true,
        OutputName = "Logits",
        PixelNormalization = PixelNormalization.GreyLevels,
        ClassNames = ["bottom", "left", "right"],
    };

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void AutoAttack_on_a_graph_from_elsewhere_judges_every_image_as_on_the_network_itself()
    {
        using var own = Plain();
        using var foreign = ml.Adversarial().LoadNetwork(File, AsForeign);
        Attack[] attacks = [new PgdAttack(Budget.LInf(16)) { Steps = 5 }, AutoAttack.Standard(Budget.LInf(16))];
        var options = new RobustnessEvaluationOptions { Seed = 1 };

        var (expected, actual) = (ml.Adversarial().EvaluateRobustness(own, prepared, attacks, options), ml.Adversarial().EvaluateRobustness(foreign, prepared, attacks, options));

        Assert.InRange(expected.WorstCaseAccuracy.Accuracy, 0, expected.CleanAccuracy.Accuracy - 0.1);
        foreach (var (one, other) in expected.Attacks.Zip(actual.Attacks))
            Assert.Equal(one.IsCorrect, other.IsCorrect);
        Assert.InRange(DomainModels.Difference(DomainModels.Scores(own, prepared), DomainModels.Scores(foreign, prepared)), 0, 1e-5);
    }

    [Fact]
    public void Fine_tuned_with_a_normalisation_for_each_domain_both_are_exported_and_the_clean_one_is_more_accurate_on_clean_images()
    {
        Plain().Dispose();
        var backbone = ml.Adversarial().LoadBackbone(File);

        using var model = Fit(DomainModels.Options with { Backbone = backbone, Method = new AdversarialTraining(new NegativeAttack()) { CleanRatio = 1 }, Epochs = 30, LearningRate = 0.05, ConsistentEpochs = 0 });
        using var clean = model.WithDomain(ImageDomain.Clean);

        Assert.InRange(Accuracy(clean) - Accuracy(model), 0.2, 1);
        foreach (var domain in new[] { model, clean })
        {
            var path = Path.Combine(pictures.Folder, $"{domain.Domain}.onnx");
            domain.ExportOnnx(path);
            using var read = ml.Adversarial().LoadNetwork(path);
            Assert.Equal(domain.Domain, read.Domain);
            Assert.InRange(DomainModels.Difference(DomainModels.Scores(domain, prepared), DomainModels.Scores(read, prepared)), 0, 1e-5);
            Assert.InRange(DomainModels.Difference(DomainModels.Scores(domain, prepared), DomainModels.ScoresOfTheNetwork(model, domain.Domain, prepared)), 0, 1e-5);
        }
    }

    [Fact]
    public void A_run_that_paused_goes_on_from_its_checkpoint_to_the_same_weights_and_another_file_is_another_run()
    {
        Plain().Dispose();
        var checkpoints = Path.Combine(pictures.Folder, "checkpoints");
        var options = ToyPictures.QuickOptions with { Backbone = ml.Adversarial().LoadBackbone(File) };
        using var whole = Fit(options);
        Fit(options with { Checkpoints = new CheckpointOptions(checkpoints), PauseAfterEpoch = 1 }).Dispose();

        using var resumed = Fit(options with { Backbone = ml.Adversarial().LoadBackbone(File), ResumeFrom = checkpoints });

        Assert.Equal(DomainModels.Scores(whole, prepared), DomainModels.Scores(resumed, prepared));
        Plain(epochs: 1).Dispose();
        var refused = Assert.Throws<InvalidDataException>(() => Fit(options with { Backbone = ml.Adversarial().LoadBackbone(File), ResumeFrom = checkpoints }));
        Assert.Contains("content", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_fit_the_file_is_refused_with_what_was_expected()
    {
        Plain().Dispose();
        var backbone = ml.Adversarial().LoadBackbone(File);

        Says(Assert.Throws<ArgumentException>(() => Fit(ToyPictures.QuickOptions with { Backbone = backbone, PixelNormalization = PixelNormalization.ImageNet })), "PixelNormalization is", "left out");
        var other = ToyPictures.Preparation(ml).Append(ml.Transforms.ResizeImages("Image", 16, 16)).Append(ml.Transforms.ExtractPixels("Features", "Image"));
        Says(Assert.Throws<ArgumentException>(() => other.Append(ml.Adversarial().Trainers.ImageClassification(ToyPictures.QuickOptions with { Backbone = backbone })).Fit(pictures.View(ml))), "3 x 12 x 12", "3 x 16 x 16");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadBackbone(File, AsForeign)), "class names");
        Says(Assert.Throws<ArgumentException>(() => ml.Adversarial().LoadNetwork(File, AsForeign with { ReadsChangedFiles = false })), "says itself");
        Says(Assert.Throws<FileNotFoundException>(() => ml.Adversarial().LoadBackbone("nowhere.onnx")), "nowhere.onnx");
        Assert.Throws<NotSupportedException>(() => backbone.WithDepth(20));

        static void Says(Exception exception, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));
    }

    private ImageClassificationTransformer Plain(int epochs = 6)
    {
        var model = Fit(ToyPictures.QuickOptions with { Method = new PlainTraining(), Epochs = epochs, LearningRate = 0.1 });
        model.ExportOnnx(File);
        return model;
    }

    private ImageClassificationTransformer Fit(ImageClassificationOptions options) => DomainModels.Fit(ml, prepared, options);

    private double Accuracy(ImageClassificationTransformer model) => ml.MulticlassClassification.Evaluate(model.Transform(prepared)).MicroAccuracy;

    /// <summary>Makes black of white: what is adversarial has statistics of its own.</summary>
    private sealed record NegativeAttack() : Attack(Budget.LInf(255))
    {
        public override string Name => "negative";

        protected internal override Search Begin(SearchInput input) => Search.Once(input, input.Images.neg().Plus(1));

        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.AddNothing();
        }
    }
}
