using Microsoft.ML.Adversarial.Tests.Distributed;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Ranks that evaluate together find what one process finds, of every image.</summary>
public sealed class SharedEvaluationTests : IDisposable
{
    private static readonly Attack[] Attacks = [new PgdAttack(Budget.LInf(8)) { Steps = 4, ReportAt = [2] }, new SquareAttack(Budget.LInf(8)) { Queries = 10 }];

    private readonly ToyPictures pictures = new(perClass: 5);
    private readonly MLContext ml = new(seed: 1);
    private readonly ITransformer model;

    public SharedEvaluationTests() => model = ToyPictures.Pipeline(ml, ToyPictures.QuickOptions with { Epochs = 2 }).Fit(pictures.View(ml));

    /// <summary>15 images in 4 batches.</summary>
    private RobustnessEvaluationOptions Options { get; } = new() { Seed = 4, BatchSize = 4 };

    private string StateFile => Path.Combine(pictures.Folder, "state.jsonl");

    public void Dispose()
    {
        (model as IDisposable)?.Dispose();
        pictures.Dispose();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    public void Every_rank_has_the_outcome_of_one_process(int ranks)
    {
        var alone = Evaluate(Options);

        var together = ThreadGroup.Run(ranks, group => Evaluate(Options with { Distributed = group }));

        foreach (var rank in together)
            AssertSame(alone, rank);
    }

    [Fact]
    public void What_three_ranks_wrote_before_one_was_stopped_two_others_need_not_do_again_and_one_file_is_left_with_everything()
    {
        var alone = Evaluate(Options);
        using var stop = new CancellationTokenSource();
        var options = Options with { StateFile = StateFile };

        Assert.All(
            Assert.Throws<AggregateException>(() => ThreadGroup.Run(3, group => Evaluate(options with
            {
                Distributed = group,
                CancellationToken = group.Rank == 1 ? stop.Token : default,
                ProgressCallback = progress => Stop(group.Rank == 1 && progress.Condition == "PGD-2"),
            }))).InnerExceptions,
            exception => Assert.IsAssignableFrom<OperationCanceledException>(exception));
        var linesBefore = File.ReadAllLines(StateFile).Length;
        Assert.True(File.Exists(StateFile + ".rank1"));

        var together = ThreadGroup.Run(2, group => Evaluate(options with { Distributed = group }));
        foreach (var rank in together)
            AssertSame(alone, rank);
        Assert.True(linesBefore > 1);
        Assert.False(File.Exists(StateFile + ".rank1"));

        var lines = File.ReadAllLines(StateFile);
        AssertSame(alone, Evaluate(options));
        Assert.Equal(lines, File.ReadAllLines(StateFile));

        void Stop(bool now)
        {
            if (now)
                stop.Cancel();
        }
    }

    private RobustnessEvaluation Evaluate(RobustnessEvaluationOptions options) => new MLContext(seed: 1).Adversarial().EvaluateRobustness(model, pictures.View(ml), Attacks, options);

    private static void AssertSame(RobustnessEvaluation expected, RobustnessEvaluation actual)
    {
        Assert.Equal(expected.IsCorrectClean, actual.IsCorrectClean);
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(3, actual.Attacks.Count);
        foreach (var (one, other) in expected.Attacks.Zip(actual.Attacks))
        {
            Assert.Equal(one.IsCorrect, other.IsCorrect);
            Assert.Equal(one.Predictions, other.Predictions);
            Assert.Equal(one.LargestDistance, other.LargestDistance);
        }
    }
}
