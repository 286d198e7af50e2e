
namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Options that are wrong by themselves, or together, are refused before any image is read.</summary>
public sealed class BadOptionsTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly MLContext ml = new(seed: 1);

    public void Dispose() => pictures.Dispose();

    [Fact]
    public void An_unknown_depth_is_refused_with_those_that_exist()
    {
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => Fit(ToyPictures.QuickOptions with { Backbone = new ResNet(19) })), "19", "6n + 2", "18, 34, 50");
    }

    [Fact]
    public void Options_outside_their_range_are_refused_where_they_are_set()
    {
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => new ImageClassificationOptions { Epochs = 0 }), "Epochs", "from 1", "0");
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => new ImageClassificationOptions { LearningRate = double.NaN }), "LearningRate", "NaN");
        Says(Assert.Throws<ArgumentOutOfRangeException>(() => new ImageClassificationOptions { Momentum = 1 }), "Momentum", "1");
        Says(Assert.Throws<ArgumentException>(() => new ImageClassificationOptions { LabelColumnName = " " }), "LabelColumnName");
    }

    [Fact]
    public void A_schedule_that_does_not_fit_into_the_run_is_refused()
    {
        var options = ToyPictures.QuickOptions with { Schedule = LearningRateSchedule.Steps([1, 30]) };

        Says(Assert.Throws<ArgumentException>(() => Fit(options)), "epoch 30", "Epochs is 2");
    }

    [Fact]
    public void A_padded_and_a_resized_crop_together_are_refused()
    {
        var options = ToyPictures.QuickOptions with { Augmentation = new Augmentation { CropPadding = 2, ResizedCrop = new RandomResizedCrop() } };

        Says(Assert.Throws<ArgumentException>(() => Fit(options)), "CropPadding is 2", "ResizedCrop");
    }

    /// <summary>Options, with what the message about their contradiction must name.</summary>
    public static TheoryData<string, ImageClassificationOptions> Contradictions => new()
    {
        { "LogitPairingWeight is 0.5 and CleanRatio 0", DomainModels.Options with { Method = DomainModels.Mixed with { CleanRatio = 0, LogitPairingWeight = 0.5 } } },
        { "ConsistentEpochs is 5; expected at most Epochs, which is 3", DomainModels.Options with { ConsistentEpochs = 5 } },
        { "InferenceDomain is Clean, which AdversarialTraining does not train", DomainModels.Options with { Method = DomainModels.Mixed with { CleanRatio = 0 }, InferenceDomain = ImageDomain.Clean } },
        { "InferenceDomain is Adversarial, which PlainTraining", DomainModels.Options with { Method = new PlainTraining(), InferenceDomain = ImageDomain.Adversarial } },
        { "8 groups, which do not divide the 4 channels", DomainModels.Options with { Normalization = Normalization.Group } },
    };

    [Theory]
    [MemberData(nameof(Contradictions), DisableDiscoveryEnumeration = true)]
    public void Options_of_domains_and_normalisation_that_contradict_each_other_are_refused(string named, ImageClassificationOptions options) =>
        Says(Assert.Throws<ArgumentException>(() => Fit(options)), named);

    private static void Says(Exception exception, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(part, exception.Message, StringComparison.Ordinal));

    /// <summary>Without the files: whoever reads an image first complains of that.</summary>
    private void Fit(ImageClassificationOptions options)
    {
        foreach (var row in pictures.Rows)
            File.Delete(row.Path);
        ToyPictures.Pipeline(ml, options).Fit(pictures.View(ml));
    }
}
