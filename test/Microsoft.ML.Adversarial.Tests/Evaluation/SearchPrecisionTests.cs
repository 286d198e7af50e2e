using Microsoft.ML.Adversarial.Tests.Attacks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Evaluation;

/// <summary>Searches may ask a less exact network; what is broken is for the network itself to say.</summary>
public class SearchPrecisionTests
{
    private static readonly Budget Budget = Budget.LInf(16);

    /// <summary>Class 1 where the pixel is above 0.5, else class 0.</summary>
    private static LinearClassifier Threshold { get; } = new([[0], [1]], [0.5f, 0]);

    public static TheoryData<string> Attacks => ["PGD", "APGD", "FAB", "Square", "PGD and Square"];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Nothing_is_broken_that_the_network_does_not_misclassify_and_the_search_goes_on(string name)
    {
        // The searched network takes every image for the other class; the true one cannot be fooled within the budget.
        var asked = 0;
        var searched = new WatchingClassifier(new LinearClassifier([[1], [0]], [-0.5f, 0]), _ => asked++);

        var outcome = Evaluate(Attack(name), FarPixels(), searched);

        Assert.Equal([true, true, true, true], outcome.Conditions[1].Correct);
        Assert.All(outcome.Conditions[1].Members, member => Assert.Equal(0, member.Broken));
        Assert.True(asked > 1, $"{asked}");
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void What_the_search_ends_with_is_judged_by_the_network_though_the_searched_one_never_found_it_broken(string name)
    {
        // The same slope, and a threshold that cannot be reached: gradients lead the right way.
        var searched = new LinearClassifier([[0], [1]], [1.5f, 0]);
        var outcome = Evaluate(Attack(name), NearPixel(), searched);

        Assert.Equal([false], outcome.Conditions[1].Correct);
    }

    [Fact]
    public void Reported_lengths_are_judged_by_the_network_too()
    {
        var attack = new PgdAttack(Budget) { Steps = 6, ReportAt = [1, 3], StepSize = StepSize.GreyLevels(8) };

        var outcome = Evaluate(attack, NearPixel(), new LinearClassifier([[0], [1]], [1.5f, 0]));

        Assert.All(outcome.Conditions.Skip(1), condition => Assert.Equal([false], condition.Correct));
    }

    /// <summary>Black and white, labelled as they are: out of reach.</summary>
    private static ImageBatch FarPixels() => new(tensor([0.1f, 0.9f, 0.2f, 0.8f], [4, 1, 1, 1]), tensor([0L, 1L, 0L, 1L]), [0, 1, 2, 3]);

    private static ImageBatch NearPixel() => new(tensor([0.48f], [1, 1, 1, 1]), tensor([0L]), [0]);

    private static Attack Attack(string name) => name switch
    {
        "PGD" => new PgdAttack(Budget) { Steps = 5, Restarts = 3 },
        "APGD" => new ApgdAttack(Budget) { Steps = 10 },
        "FAB" => new FabAttack(Budget) { Steps = 10 },
        "Square" => new SquareAttack(Budget) { Queries = 50 },
        _ => new AttackEnsemble(name, Budget, [Attack("PGD"), Attack("Square")]),
    };

    private static EvaluationOutcome Evaluate(Attack attack, ImageBatch batch, IImageClassifier searched) =>
        new RobustnessEvaluator(Threshold, [attack], CPU, new Seed(1)) { Searched = searched }.Evaluate([batch]);
}
