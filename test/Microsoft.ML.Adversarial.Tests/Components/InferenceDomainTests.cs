using Microsoft.ML.Adversarial.Tests.Training;
using TorchSharp;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>A fitted model classifies in one domain, and <see cref="ImageClassificationTransformer.WithDomain"/> makes one of the other.</summary>
public sealed class InferenceDomainTests : IDisposable
{
    /// <summary>Probabilities through ONNX Runtime instead of torch.</summary>
    private const double Tolerance = 1e-4;

    private static readonly AdversarialTraining Attacked = DomainModels.Mixed with { CleanRatio = 0 };

    private readonly ToyPictures pictures = new(perClass: 6);
    private readonly MLContext ml = new(seed: 1);
    private readonly IDataView view;

    public InferenceDomainTests() => view = DomainModels.Prepared(ml, pictures);

    public void Dispose() => pictures.Dispose();

    [Theory]
    [InlineData(null, ImageDomain.Adversarial, ImageDomain.Clean)]
    [InlineData(ImageDomain.Clean, ImageDomain.Clean, ImageDomain.Adversarial)]
    public void A_model_scores_as_the_network_does_in_its_domain_and_WithDomain_as_it_does_in_the_other(ImageDomain? stated, ImageDomain own, ImageDomain other)
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { InferenceDomain = stated });
        using var turned = model.WithDomain(other);

        Assert.Equal((own, other), (model.Domain, turned.Domain));
        Assert.InRange(DomainModels.Difference(DomainModels.ScoresOfTheNetwork(model, own, view), DomainModels.Scores(model, view)), 0, Tolerance);
        Assert.InRange(DomainModels.Difference(DomainModels.ScoresOfTheNetwork(model, other, view), DomainModels.Scores(turned, view)), 0, Tolerance);
        Assert.True(DomainModels.Difference(DomainModels.Scores(model, view), DomainModels.Scores(turned, view)) > 100 * Tolerance, "the domains are alike: the test sees nothing");
        using var images = DomainModels.Images(view);
        using var logits = turned.Network.Logits(images);
        using var frozen = model.Freeze(other);
        using var expected = frozen.Logits(images);
        Assert.True(expected.Equals(logits));
    }

    [Fact]
    public void Either_of_two_models_lives_on_when_the_other_is_disposed()
    {
        var model = DomainModels.Fit(ml, view, DomainModels.Options);
        var (adversarial, clean) = (DomainModels.Scores(model, view), DomainModels.ScoresOfTheNetwork(model, ImageDomain.Clean, view));

        model.WithDomain(ImageDomain.Clean).Dispose();
        Assert.Equal(adversarial, DomainModels.Scores(model, view));

        using var turned = model.WithDomain(ImageDomain.Clean);
        model.Dispose();
        Assert.InRange(DomainModels.Difference(clean, DomainModels.Scores(turned, view)), 0, Tolerance);
        using var back = turned.WithDomain(ImageDomain.Adversarial);
        Assert.Equal(adversarial, DomainModels.Scores(back, view));
        Assert.Throws<ObjectDisposedException>(() => model.WithDomain(ImageDomain.Clean));
    }

    [Fact]
    public void Turning_a_model_and_disposing_it_leaves_no_tensor_behind()
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        model.WithDomain(ImageDomain.Clean).Dispose();

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_domain_that_was_never_trained_is_refused(bool sharesStatistics)
    {
        var options = DomainModels.Options with { Epochs = 1, Normalization = Normalization.MixtureBatch with { SharesStatistics = sharesStatistics } };
        using var attacked = DomainModels.Fit(ml, view, options with { Method = Attacked });
        using var plain = DomainModels.Fit(ml, view, options with { Method = new PlainTraining() });

        Refuses(ImageDomain.Clean, attacked);
        Refuses(ImageDomain.Adversarial, plain);

        void Refuses(ImageDomain domain, ImageClassificationTransformer model)
        {
            foreach (var use in (Action[])[() => model.WithDomain(domain), () => ml.Adversarial().EvaluateRobustness(model, view, [], new RobustnessEvaluationOptions { Domain = domain })])
            {
                var refused = Assert.Throws<InvalidOperationException>(use);
                Assert.StartsWith($"The {domain} domain of ResNet-8 (MixtureBatch", refused.Message, StringComparison.Ordinal);
                Assert.Contains($"was never trained: no image of it entered an update. Expected {model.Domain}, or", refused.Message, StringComparison.Ordinal);
            }
            model.WithDomain(model.Domain).Dispose();
        }
    }

    /// <summary>Statistics that never moved are no sign of a domain that was never trained.</summary>
    [Fact]
    public void A_model_whose_epochs_were_all_consistent_is_evaluated_and_turned()
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { Epochs = 1, ConsistentEpochs = 1 });

        model.WithDomain(ImageDomain.Clean).Dispose();
        Assert.Equal(pictures.Rows.Count, ml.Adversarial().EvaluateRobustness(model, view).Examples);
    }

    /// <summary>A ratio above 0 that rounds to no image, and a method of one's own that claims both domains: the model would classify with a normalisation nobody trained.</summary>
    [Fact]
    public void A_model_for_a_domain_of_which_no_image_came_is_refused_after_the_first_epoch()
    {
        var reports = new List<TrainingMetrics>();
        var options = DomainModels.Options with { MetricsCallback = reports.Add };

        Refuses(ImageDomain.Clean, options with { Method = Attacked with { CleanRatio = 0.05 }, InferenceDomain = ImageDomain.Clean });
        Refuses(ImageDomain.Adversarial, options with { Method = new HandMethod((network, images, _, _) => network.Logits(images, ImageDomain.Clean).sum()) });

        void Refuses(ImageDomain domain, ImageClassificationOptions trained)
        {
            reports.Clear();
            var refused = Assert.Throws<InvalidOperationException>(() => DomainModels.Fit(ml, view, trained));
            Assert.StartsWith($"No image of the {domain} domain entered an update in the first epoch,", refused.Message, StringComparison.Ordinal);
            Assert.All(reports, report => Assert.Equal(1, report.Epoch));
        }
    }

    /// <summary>Where domains are not told apart, both names stand for the one there is.</summary>
    [Theory]
    [InlineData("Batch")]
    [InlineData("Group")]
    public void Without_a_mixture_both_domains_are_the_same_model(string normalization)
    {
        var options = DomainModels.Options with { Epochs = 1, Method = Attacked, Backbone = new ResNet(8) { Width = 8 }, Normalization = normalization == "Batch" ? Normalization.Batch : Normalization.Group };
        using var model = DomainModels.Fit(ml, view, options);
        using var turned = model.WithDomain(ImageDomain.Clean);

        Assert.Equal(DomainModels.Scores(model, view), DomainModels.Scores(turned, view));
    }

    [Fact]
    public void The_domain_follows_from_the_method_unless_it_is_stated()
    {
        var options = DomainModels.Options with { Epochs = 1 };

        Assert.Equal(ImageDomain.Clean, DomainOf(options with { Method = new PlainTraining() }));
        Assert.Equal(ImageDomain.Adversarial, DomainOf(options with { Method = Attacked }));
        Assert.Equal(ImageDomain.Adversarial, DomainOf(options));
        Assert.Equal(ImageDomain.Clean, DomainOf(options with { InferenceDomain = ImageDomain.Clean }));

        ImageDomain DomainOf(ImageClassificationOptions trained)
        {
            using var model = DomainModels.Fit(ml, view, trained);
            return model.Domain;
        }
    }

    [Fact]
    public void A_domain_that_no_name_stands_for_is_refused()
    {
        using var model = DomainModels.Fit(ml, view, DomainModels.Options with { Epochs = 1 });

        Assert.Throws<ArgumentOutOfRangeException>(() => model.WithDomain((ImageDomain)7));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RobustnessEvaluationOptions { Domain = (ImageDomain)7 });
    }
}
