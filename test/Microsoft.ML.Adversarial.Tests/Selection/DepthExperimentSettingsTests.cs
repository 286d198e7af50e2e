
namespace Microsoft.ML.Adversarial.Tests.Selection;

public class DepthExperimentSettingsTests
{
    public static TheoryData<string, DepthExperimentSettings> Contradictions { get; } = new()
    {
        { "Training.Checkpoints", With(new() { Checkpoints = new CheckpointOptions("somewhere") }) },
        { "Training.ResumeFrom", With(new() { ResumeFrom = "somewhere" }) },
        { "Training.MaximumTrainingTime", With(new() { MaximumTrainingTime = TimeSpan.FromMinutes(1) }) },
        { "Training.Distributed", With(new() { Distributed = ProcessGroup.Alone }) },
        { "Training.PauseAfterEpoch", With(new() { PauseAfterEpoch = 1 }) },
        { "PlainTraining has no attack to validate with; expected a ValidationAttack", With(new() { Method = new PlainTraining() }) },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void What_contradicts_is_refused_by_name(string message, DepthExperimentSettings settings) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => new MLContext().Adversarial().CreateDepthExperiment(settings)).Message, StringComparison.Ordinal);

    [Fact]
    public void Empty_lists_and_numbers_out_of_range_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new DepthExperimentSettings { Depths = [] });
        Assert.Throws<ArgumentException>(() => new DepthExperimentSettings { Widths = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepthExperimentSettings { MaximumModels = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepthExperimentSettings { MaximumExperimentTime = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepthExperimentSettings { MaximumLatency = TimeSpan.Zero });
        Assert.Throws<ArgumentOutOfRangeException>(() => new DepthExperimentSettings { Halvings = 11 });
    }

    [Fact]
    public void Every_combination_is_tried_once()
    {
        var settings = new DepthExperimentSettings { Depths = [8, 14, 8], Widths = [4, 8], Normalizations = [Normalization.Batch, Normalization.MixtureBatch] };

        settings = settings with { Methods = [new Trades(Budget.LInf(8)), new Mart(Budget.LInf(8)), new Trades(Budget.LInf(8))] };

        Assert.Equal(16, settings.Trials.Count());
        Assert.Equal(16, settings.Trials.Select(trial => trial.ToString()).Distinct().Count());
        Assert.Equal(16, settings.Trials.Select(trial => trial.DirectoryName).Distinct().Count());
        Assert.All(settings.Trials, trial => Assert.Matches($"^depth-{trial.Depth}-[0-9a-f]{{16}}$", trial.DirectoryName));
        Assert.All(settings.Trials, trial => Assert.NotEqual(trial.DirectoryName, settings.PlainOf(trial).DirectoryName));
    }

    [Fact]
    public void The_validation_attack_is_the_stated_one_then_the_selections_then_the_methods()
    {
        var (stated, selected, trained) = (Pgd(3), Pgd(2), Pgd(1));
        var training = new ImageClassificationOptions { Method = new AdversarialTraining(trained) };
        var selecting = training with { Selection = new ModelSelection(selected) { Patience = 7 } };

        Assert.Equal(trained, AttackOf(With(training)));
        Assert.Equal(selected, AttackOf(With(selecting)));
        Assert.Equal(stated, AttackOf(With(selecting) with { ValidationAttack = stated }));
        Assert.Equal(7, With(selecting).SelectionFor(new DepthTrial(8)).Patience);
    }

    [Fact]
    public void A_method_without_an_attack_is_for_comparison_and_not_to_be_chosen()
    {
        var settings = new DepthExperimentSettings { Methods = [new Mart(Budget.LInf(8)), new PlainTraining()] };

        Assert.StartsWith("Methods holds PlainTraining, which has no attack,", Assert.Throws<ArgumentException>(settings.Check).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_belongs_to_attacks_is_left_out_where_networks_are_trained_plainly_for_comparison()
    {
        var settings = With(new ImageClassificationOptions { Selection = new ModelSelection(Pgd(2)) { StopsOnCatastrophicOverfitting = true } });

        Assert.True(settings.SelectionFor(new DepthTrial(8)).StopsOnCatastrophicOverfitting);
        Assert.False(settings.SelectionFor(new DepthTrial(8) { Method = new PlainTraining() }).StopsOnCatastrophicOverfitting);
    }

    [Fact]
    public void Plain_networks_are_chosen_by_their_clean_accuracy()
    {
        var settings = new DepthExperimentSettings { OptimizingMetric = SelectionMetric.HarmonicMean };

        Assert.Equal(SelectionMetric.HarmonicMean, settings.SelectionFor(new DepthTrial(8)).Metric);
        Assert.Equal(SelectionMetric.CleanAccuracy, settings.SelectionFor(new DepthTrial(8) { Method = new PlainTraining() }).Metric);
    }

    private static Attack AttackOf(DepthExperimentSettings settings) => settings.SelectionFor(new DepthTrial(8)).Attack;

    private static PgdAttack Pgd(int steps) => new(Budget.LInf(8)) { Steps = steps };

    private static DepthExperimentSettings With(ImageClassificationOptions training) => new() { Training = training };
}
