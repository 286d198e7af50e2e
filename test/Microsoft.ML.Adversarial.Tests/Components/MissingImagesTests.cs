using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Classes and validation sets without an image.</summary>
public sealed class MissingImagesTests : IDisposable
{
    private readonly ToyPictures pictures = new();
    private readonly MLContext ml = new(seed: 1);

    private static ImageClassificationOptions Selecting { get; } = ToyPictures.QuickOptions with { Selection = new ModelSelection(PgdAttack.Fgsm(Budget.LInf(8))) };

    [Fact]
    public void Selecting_on_images_set_apart_where_none_can_be_is_refused_before_training()
    {
        pictures.Rows.RemoveRange(3, pictures.Rows.Count - 3);

        var refused = Assert.Throws<InvalidDataException>(() => Trainer(Selecting).Fit(Prepared(pictures.Rows)));

        Assert.StartsWith("Selection measures epochs on images that are set apart, and with one image of each class none can be;", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Selecting_on_empty_validation_data_is_refused_before_training()
    {
        var refused = Assert.Throws<InvalidDataException>(() => Trainer(Selecting).Fit(Prepared(pictures.Rows), Prepared([])));

        Assert.StartsWith("The validation data has no rows;", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validation_data_of_unreadable_images_alone_are_refused_before_training()
    {
        var broken = Path.Combine(pictures.Folder, "broken.png");
        File.WriteAllText(broken, "not an image");
        var options = Selecting with { UnreadableImages = UnreadableImages.Skip, MetricsCallback = _ => Assert.Fail("trained") };

        var refused = Assert.Throws<InvalidDataException>(() => Trainer(options).Fit(Prepared(pictures.Rows), Prepared([new ToyRow { Path = broken, Label = "left" }])));

        Assert.StartsWith("None of the images can be read.", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>One image of a class: the fold that holds it out trains without.</summary>
    [Fact]
    public void A_class_without_an_image_in_a_fold_is_warned_of_and_not_predicted()
    {
        var warnings = new List<string>();
        ml.Log += (_, message) => { if (message.Kind == ChannelMessageKind.Warning) warnings.Add(message.Message); };
        var rows = pictures.Rows.Where(row => row.Label != "left").Append(pictures.Rows.First(row => row.Label == "left")).ToList();

        var folds = ml.MulticlassClassification.CrossValidate(Prepared(rows), Trainer(ToyPictures.QuickOptions with { Epochs = 4 }), numberOfFolds: 2);

        Assert.Equal(2, folds.Count);
        Assert.Contains(warnings, warning => warning.EndsWith("Of class 'left' of label column 'Label' there is no training image: the model learns never to predict it.", StringComparison.Ordinal));
        Assert.Contains(folds, fold => fold.Model.Transform(Prepared(pictures.Rows)).GetColumn<uint>("PredictedLabel").All(label => label != 2));
    }

    [Fact]
    public void Fewer_than_two_classes_with_an_image_are_refused()
    {
        var refused = Assert.Throws<InvalidDataException>(() => Trainer(ToyPictures.QuickOptions).Fit(Prepared([.. pictures.Rows.Where(row => row.Label == "right")])));

        Assert.Equal("Of the 3 classes of label column 'Label' only 'right' has images; expected at least 2 that have.", refused.Message);
    }

    public void Dispose() => pictures.Dispose();

    private ImageClassificationTrainer Trainer(ImageClassificationOptions options) => ml.Adversarial().Trainers.ImageClassification(options);

    /// <summary>With the classes of all rows, whichever are there.</summary>
    private IDataView Prepared(List<ToyRow> rows) => ToyPictures.Preparation(ml).Fit(Classes()).Transform(ml.Data.LoadFromEnumerable(rows));

    private IDataView Classes() => ml.Data.LoadFromEnumerable(new[] { "bottom", "left", "right" }.Select(label => new ToyRow { Path = pictures.Rows[0].Path, Label = label }).ToList());
}
