using System.Globalization;
using Microsoft.ML.Adversarial.Tests.Networks;
using Microsoft.ML.Adversarial.Tests.Onnx;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Decimal commas, the Turkish i, other digits, signs and calendars: what is written and compared is the same under any culture.</summary>
public sealed class CultureTests : IDisposable
{
    private static readonly string[] Cultures = ["", "de-DE", "tr-TR", "ar-SA", "fa-IR"];

    private static readonly Attack[] Attacks = [new PgdAttack(Budget.LInf(2.5)) { Steps = 1 }];

    private readonly ToyPictures pictures = new(perClass: 2);

    public static TheoryData<string> Names => [.. Cultures];

    private ImageClassificationOptions Options => ToyPictures.QuickOptions with
    {
        Epochs = 1,
        LearningRate = 0.0125,
        Method = new AdversarialTraining(Attacks[0]) { CleanRatio = 0.5 },
        Checkpoints = new CheckpointOptions(pictures.Folder),
        ResumeFrom = pictures.Folder,
    };

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void The_cultures_are_real_ones()
    {
        Assert.Equal("2,5", 2.5.ToString(new CultureInfo("de-DE")));
        Assert.Equal("\u0130", "i".ToUpper(new CultureInfo("tr-TR")));
        Assert.NotEqual("-1", (-1).ToString(new CultureInfo("fa-IR")));
        Assert.NotEqual("2.5", 2.5.ToString(new CultureInfo("ar-SA")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_and_an_evaluation_begun_in_one_culture_go_on_in_any_other(string begun)
    {
        var (accuracies, written) = (new HashSet<double>(), new HashSet<string>());
        foreach (var culture in Cultures.OrderBy(name => name != begun))
            In(culture, () =>
            {
                var ml = new MLContext(seed: 1);
                var model = ToyPictures.Pipeline(ml, Options).Fit(pictures.View(ml));
                using var classifier = ToyPictures.ClassifierIn(model);
                var state = Path.Combine(pictures.Folder, "evaluation.state");
                var evaluation = ml.Adversarial().EvaluateRobustness(model, pictures.View(ml), Attacks, new RobustnessEvaluationOptions { StateFile = state, Seed = 1 });
                accuracies.Add(evaluation.WorstCaseAccuracy.Accuracy);
                // What is done is not written again, and the one report is the same text in every culture.
                written.Add(File.ReadAllText(state));
                Assert.Single(Cultures.Select(other => In(other, evaluation.ToJson)).Distinct());
            });

        Assert.Single(accuracies);
        Assert.Single(written);
    }

    [Fact]
    public void Weights_and_graphs_are_the_same_bytes_under_every_culture()
    {
        const string kind = "four stages, basic, small stem";
        using var network = TinyNetworks.Trained(kind);
        var weights = Cultures.Select(culture => In(culture, () =>
        {
            using var file = new MemoryStream();
            NetworkWeights.WriteSealed(file, network);
            return Convert.ToHexString(file.ToArray());
        }));
        var graphs = Cultures.Select(culture => In(culture, () => Convert.ToHexString(WrittenNetworks.Write(TinyNetworks.Group))));

        Assert.Single(weights.Distinct());
        Assert.Single(graphs.Distinct());
    }

    [Fact]
    public void What_a_thing_is_and_how_it_reads_do_not_depend_on_the_culture()
    {
        Func<string>[] texts =
        [
            () => $"{new Measured().Identity}", () => new Measured().Identity.Hash, () => $"{Attacks[0]}", () => $"{new SquareAttack(Budget.LInf(8)) { FirstShare = 0.3 }}",
            () => $"{Budget.LInf(2.5)}", () => $"{Budget.L2(0.25)}",
            () => $"{LearningRateSchedule.Cosine(warmupEpochs: 0.5)}", () => $"{new PixelRange(-1.5f, 2.25f)}", () => $"{new ImageShape(3, 32, 32)}",
            () => $"{Normalization.Group}", () => $"{new VerifiedFile { Kind = VerifiedFileKind.Onnx, Hash = "0", LibraryVersion = "1.2.3" }}",
        ];

        AreTheSame(texts);
    }

    [Fact]
    public void Texts_within_texts_do_not_depend_on_the_culture() => AreTheSame(
        () => $"{LearningRateSchedule.Steps([1.5, 2.5])}", () => $"{new Augmentation { ColorJitter = new ColorJitter(), ResizedCrop = new RandomResizedCrop() }}",
        () => $"{new PgdAttack(Budget.L2(0.5)) { StepSize = StepSize.Unit(0.25) }}", () => $"{new SquareAttack(Budget.LInf(1.5)) { FirstShare = 0.3 }}",
        () => new ImageClassificationOptions { LearningRate = 0.25, Augmentation = new Augmentation { ColorJitter = new ColorJitter() } }.Identity.ToString());

    private static void AreTheSame(params Func<string>[] texts) =>
        Assert.All(texts, text => Assert.Single(Cultures.Select(culture => In(culture, text)).Distinct()));

    private static void In(string culture, Action act) => In(culture, () =>
    {
        act();
        return true;
    });

    private static T In<T>(string culture, Func<T> make)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        try
        {
            return make();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private sealed record Measured : Described
    {
        protected override void Describe(Identity identity)
        {
            base.Describe(identity);
            identity.Add("share", -2.5);
            identity.Add("count", -1234567L);
            identity.Add("falls", [0.5, 12_345.75]);
            identity.Add("domain", ImageDomain.Clean);
            identity.Add("is mirrored", true);
        }
    }
}
