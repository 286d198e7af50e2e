using System.Reflection;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Whatever is set and changes what a run computes changes its identity, by which checkpoints are told apart; what does not has its reason here.</summary>
public sealed class RunIdentityTests : IDisposable
{
    private static readonly Dictionary<string, string> Harmless = new()
    {
        [nameof(TrainingOptions.Checkpoints)] = "where and how often a run is written down",
        [nameof(TrainingOptions.ResumeFrom)] = "where a run is found",
        [nameof(TrainingOptions.PauseAfterEpoch)] = "a paused run goes on as if it had not paused",
        [nameof(TrainingOptions.EventDirectory)] = "reports alone",
        [nameof(TrainingOptions.MaximumTrainingTime)] = "when a run is stopped, not what it computes until then",
        [nameof(TrainingOptions.WhenStopped)] = "what becomes of a run that is stopped",
        [nameof(TrainingOptions.MeasureEvery)] = "accuracies in the reports alone",
        [nameof(TrainingOptions.Distributed)] = "a run goes on with another number of ranks",
        [nameof(TrainingOptions.ActivationCheckpointing)] = "memory against time: the weights come out the same",
        [nameof(ImageClassificationOptions.LabelColumnName)] = "the data are told by their content",
        [nameof(ImageClassificationOptions.FeatureColumnName)] = "the data are told by their content",
        [nameof(ImageClassificationOptions.LookAheadBatches)] = "batches are the same however early they are read",
        [nameof(ImageClassificationOptions.MetricsCallback)] = "hears of the run",
        [nameof(ImageClassificationOptions.CancellationToken)] = "when a run is stopped, not what it computes until then",
        [nameof(ImageClassificationOptions.Seed)] = "the identity has the seed that the run uses, stated or drawn",
    };

    private readonly string file = Path.GetTempFileName();

    private static PgdAttack Attack { get; } = new(Budget.LInf(8));

    private static IDataView Rows { get; } = new MLContext().Data.LoadFromEnumerable<ToyRow>([]);

    public static TheoryData<string> OptionNames => [.. typeof(ImageClassificationOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Every_option_changes_the_identity_or_has_a_reason_not_to(string name)
    {
        var options = new ImageClassificationOptions();
        var property = typeof(ImageClassificationOptions).GetProperty(name)!;
        if (Harmless.ContainsKey(name))
            return;

        var changed = options with { };
        property.SetValue(changed, Another(property, options));

        Assert.NotEqual(Hash(options), Hash(changed));
        Assert.NotNull(Identity.Difference(Of(options).Entries, Of(changed).Entries));
    }

    [Fact]
    public void Every_reason_is_that_of_an_option() => Assert.Empty(Harmless.Keys.Except(OptionNames.Select(row => row.Data)));

    private static readonly Func<Described>[] MadeParts =
    [
        () => new AdversarialTraining(Attack), () => new PlainTraining(), () => new Trades(Attack), () => new Mart(Attack), () => new FreeAdversarialTraining(Budget.LInf(8)),
        () => new AdversarialWeightPerturbation(new Trades(Attack)), () => new GradientAlignment(new Trades(Attack)), () => new ModelSelection(Attack), () => new Augmentation(), () => new ColorJitter(),
        () => new RandomResizedCrop(), () => new RandomErasing(), () => new CutMix(), () => new ExtraImages(Rows),
    ];

    public static TheoryData<string, string> Parts => [.. MadeParts.Select(make => make().GetType())
        .SelectMany(type => type.GetProperties().Where(property => property.CanWrite).Select(property => (type.Name, property.Name)))];

    [Theory]
    [MemberData(nameof(Parts))]
    public void Every_property_of_a_part_changes_the_parts_identity(string type, string name)
    {
        var make = MadeParts.Single(make => make().GetType().Name == type);
        var (part, changed) = (make(), make());
        var property = part.GetType().GetProperty(name)!;

        property.SetValue(changed, Another(property, part));

        Assert.NotEqual(part.Identity.Hash, changed.Identity.Hash);
    }

    [Fact]
    public void Another_attack_schedule_average_seed_data_or_network_is_another_run()
    {
        var options = new ImageClassificationOptions();
        Described[] schedules = [LearningRateSchedule.OneCycle(), LearningRateSchedule.OneCycle(0.2), LearningRateSchedule.OneCycle(0.3, 20), LearningRateSchedule.OneCycle(0.3, 25, 20),
            LearningRateSchedule.Cosine(), LearningRateSchedule.Cosine(1), LearningRateSchedule.Steps([1, 2]), LearningRateSchedule.Steps([1]), LearningRateSchedule.Steps([1, 2], 0.2), LearningRateSchedule.Steps([1, 2], 0.1, 1),
            WeightAveraging.Exponential(), WeightAveraging.Exponential(0.9), WeightAveraging.Stochastic(1), WeightAveraging.Stochastic(2),
            new AdversarialTraining(Attack), new AdversarialTraining(Attack with { Steps = 3 }), new ModelSelection(Attack), new ModelSelection(Attack with { Steps = 3 }), PixelRange.Unit, PixelRange.Signed];
        string[] runs = [Hash(options), Hash(options, seed: 2), Hash(options, data: "others"), Hash(options, validation: "others"), Hash(options, depth: 14)];

        Assert.Equal(schedules.Length, schedules.Select(part => part.Identity.Hash).Distinct().Count());
        Assert.Equal(runs.Length, runs.Distinct().Count());
    }

    [Fact]
    public void A_method_that_does_not_say_what_it_is_is_refused_where_checkpoints_are_asked_for_with_the_remedy()
    {
        using var network = Training.TinyProblem.Network();
        var options = Training.TinyProblem.Options with { Method = new Silent(), Checkpoints = new CheckpointOptions(Path.GetTempPath()) };

        var refused = Assert.Throws<ArgumentException>(() => Training.TinyProblem.Train(network, options, _ => throw new InvalidOperationException("asked for a batch"), 1));

        Assert.StartsWith("Silent does not say what it is", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Override Describe", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(file);

    private static string Hash(ImageClassificationOptions options, int seed = 1, string data = "toys", string? validation = null, int depth = 8) => Of(options, seed, data, validation, depth).Hash;

    private static Identity Of(ImageClassificationOptions options, int seed = 1, string data = "toys", string? validation = null, int depth = 8) =>
        RunIdentity.Of(options, Training.TinyProblem.Architecture with { Backbone = new ResNet(depth) { Width = 16 } }, new Seed((ulong)seed), data, validation);

    /// <summary>A value that is allowed and is not the one there is.</summary>
    private object Another(PropertyInfo property, object owner) => (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property.GetValue(owner)) switch
    {
        (var type, _) when type == typeof(TrainingMethod) => new PlainTraining(),
        (var type, _) when type == typeof(Backbone) => new ResNet(8),
        (var type, _) when type == typeof(Normalization) => Normalization.Group,
        (var type, _) when type == typeof(PixelNormalization) => PixelNormalization.ImageNet,
        (var type, _) when type == typeof(LearningRateSchedule) => LearningRateSchedule.Cosine(),
        (var type, _) when type == typeof(WeightAveraging) => WeightAveraging.Exponential(),
        (var type, _) when type == typeof(ModelSelection) => new ModelSelection(Attack),
        (var type, _) when type == typeof(ImageShape) => new ImageShape(1, 8, 8),
        (var type, _) when type == typeof(PixelRange) => PixelRange.Unit,
        (var type, _) when type == typeof(Augmentation) => new Augmentation { HorizontalFlip = true },
        (var type, _) when type == typeof(RandomResizedCrop) => new RandomResizedCrop(),
        (var type, _) when type == typeof(ColorJitter) => new ColorJitter(),
        (var type, _) when type == typeof(RandomErasing) => RandomErasing.Cutout,
        (var type, _) when type == typeof(CutMix) => new CutMix(),
        (var type, _) when type == typeof(ExtraImages) => new ExtraImages(Rows),
        (var type, _) when type == typeof(Attack) => Attack with { Steps = 3 },
        (var type, _) when type == typeof(ProcessGroup) => ProcessGroup.Alone,
        (var type, _) when type == typeof(string) => file,
        (var type, _) when type == typeof(ImageDomain) => ImageDomain.Clean,
        (var type, var value) when type.IsEnum => Enum.GetValues(type).Cast<object>().First(other => !other.Equals(value)),
        (_, bool value) => !value,
        (_, int value) => value + 1,
        (_, double value) => value == 0 ? 0.5 : value / 2,
        (var type, null) when type == typeof(int) => 3,
        (var type, null) when type == typeof(double) => 0.5,
        var (type, _) => throw new InvalidOperationException($"{property.Name} is a {type}, for which this test has no other value."),
    };

    private sealed record Silent : TrainingMethod
    {
        protected internal override void Step(UpdateContext step) => step.Update(network => CrossEntropy(network.Logits(step.Images, ImageDomain.Clean), step.Labels));
    }
}
