using Microsoft.ML.Adversarial.Tests.Training;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Either domain of a model can be evaluated, and the attacks go through that very domain.</summary>
public sealed class EvaluationDomainTests : IDisposable
{
    private static readonly PgdAttack Pgd = new(Budget.LInf(24)) { Steps = 3 };

    private readonly ToyPictures pictures = new(perClass: 6);
    private readonly MLContext ml = new(seed: 1);
    private readonly IDataView view;
    private readonly ImageClassificationTransformer model;

    public EvaluationDomainTests()
    {
        view = DomainModels.Prepared(ml, pictures);
        model = DomainModels.Fit(ml, view, DomainModels.Options);
    }

    public void Dispose()
    {
        model.Dispose();
        pictures.Dispose();
    }

    [Fact]
    public void Evaluating_in_a_domain_gives_the_numbers_of_the_model_turned_to_it()
    {
        using var clean = model.WithDomain(ImageDomain.Clean);

        var own = Evaluate(model, null);
        var inClean = Evaluate(model, ImageDomain.Clean);

        Assert.Equal(Numbers(Evaluate(clean, null)), Numbers(inClean));
        Assert.Equal(Numbers(own), Numbers(Evaluate(clean, ImageDomain.Adversarial)));
        Assert.Equal(Numbers(own), Numbers(Evaluate(model, ImageDomain.Adversarial)));
        Assert.Equal((ImageDomain.Adversarial, ImageDomain.Clean), (own.Domain, inClean.Domain));
        Assert.True(Math.Abs(own.Clean.LogLoss - inClean.Clean.LogLoss) > 1e-3);
        Assert.True(Math.Abs(own.Attacks[0].Metrics.LogLoss - inClean.Attacks[0].Metrics.LogLoss) > 1e-3);
    }

    [Theory]
    [InlineData(ImageDomain.Clean)]
    [InlineData(ImageDomain.Adversarial)]
    public void An_attack_is_given_the_network_in_the_domain_that_is_evaluated(ImageDomain domain)
    {
        var logits = new List<float[]>();
        using var images = DomainModels.Images(view);
        var attack = new RecordingAttack(Pgd, (network, _) =>
        {
            using var scope = NewDisposeScope();
            logits.Add(network.Logits(images).data<float>().ToArray());
        });

        ml.Adversarial().EvaluateRobustness(model, view, [attack], new RobustnessEvaluationOptions { Domain = domain });

        using var frozen = model.Freeze(domain);
        using var expected = frozen.Logits(images);
        Assert.Equal([expected.data<float>().ToArray()], logits);
    }

    [Fact]
    public void Evaluating_the_other_domain_leaves_the_model_as_it_was()
    {
        var before = DomainModels.Scores(model, view);
        var live = TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Evaluate(model, ImageDomain.Clean);

        Assert.Equal(live, TorchSharp.DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        Assert.Equal(before, DomainModels.Scores(model, view));
        Assert.Equal(ImageDomain.Adversarial, model.Domain);
    }

    private RobustnessEvaluation Evaluate(ITransformer evaluated, ImageDomain? domain) =>
        ml.Adversarial().EvaluateRobustness(evaluated, view, [Pgd], new RobustnessEvaluationOptions { Domain = domain, Seed = 5 });

    private static string Numbers(RobustnessEvaluation evaluation) => string.Join(
        ' ', evaluation.Domain, evaluation.CleanAccuracy, evaluation.Clean.LogLoss, evaluation.WorstCaseAccuracy,
        evaluation.Attacks[0].Metrics.LogLoss, evaluation.Attacks[0].LargestDistance, string.Concat(evaluation.Attacks[0].IsCorrect.Select(correct => correct ? 1 : 0)));
}
