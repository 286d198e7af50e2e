using Microsoft.ML.Data;
using Microsoft.ML.Transforms.Image;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>Adversarial examples of a column of images, and of a classifier that was read back from its file.</summary>
public sealed class AdversarialImagesTests(AttackedPictures toys) : IClassFixture<AttackedPictures>
{
    private readonly MLContext ml = toys.Ml;

    [Fact]
    public void Images_come_out_as_images_of_whole_levels_no_farther_than_the_pixels_were_moved()
    {
        // One step: a rounded image may be found at another step than the vector.
        var options = toys.Options with { Attack = PgdAttack.Fgsm(Budget.LInf(24)) };
        var vectors = toys.Attacked(options).GetColumn<float[]>("Attacked").ToList();
        var clean = toys.Prepared.GetColumn<float[]>("Features").ToList();

        var view = toys.Attacked(options with { InputColumnName = "Image" });

        Assert.Equal(new ImageDataViewType(ToyPictures.Size, ToyPictures.Size), view.Schema["Attacked"].Type);
        List<float[]> images = [.. view.GetColumn<MLImage>("Attacked").Select(PlanarLevels)];
        Assert.Equal(vectors.Count, images.Count);
        for (var row = 0; row < images.Count; row++)
        {
            Assert.InRange(DomainModels.Difference(vectors[row], images[row]), 0, 1);
            Assert.InRange(DomainModels.Difference(clean[row], images[row]), 20, 24);
            Assert.All(images[row].Zip(vectors[row], clean[row]), level => Assert.True(Math.Abs(level.First - level.Third) <= Math.Abs(level.Second - level.Third) + 1e-3));
        }
    }

    [Fact]
    public void Attacked_images_may_replace_their_originals_and_be_scored_and_saved_to_files()
    {
        var rows = toys.Pictures.View(ml);
        var pipeline = ToyPictures.Preparation(ml)
            .Append(ml.Adversarial().Transforms.AdversarialExamples(toys.Classifier, AttackedPictures.Attack, inputColumnName: "Image"))
            .Append(ml.Transforms.ExtractPixels("Features", "Image"));
        var view = pipeline.Fit(rows).Transform(rows);
        var promised = pipeline.GetOutputSchema(ShapeSpy.ShapeOf(ml, rows)).Single(column => column.Name == "Image");

        var before = ml.MulticlassClassification.Evaluate(toys.Classifier.Transform(toys.Prepared)).LogLoss;
        var after = ml.MulticlassClassification.Evaluate(toys.Classifier.Transform(view)).LogLoss;
        Assert.True(after > before, $"{before} {after}");
        Assert.IsType<ImageDataViewType>(promised.ItemType);
        Assert.Single(view.Schema, column => column.Name == "Image" && !column.IsHidden);

        using var image = view.GetColumn<MLImage>("Image").First();
        var path = Path.Combine(toys.Pictures.Folder, "attacked.png");
        image.Save(path);
        using var again = MLImage.CreateFromFile(path);
        Assert.Equal(PlanarLevels(image), PlanarLevels(again));
    }

    [Fact]
    public void A_deployed_classifier_is_attacked_as_the_fitted_one_is()
    {
        var expected = toys.Attacked(toys.Options).GetColumn<float[]>("Attacked").ToList();
        var (onnx, zip) = (Path.Combine(toys.Pictures.Folder, "model.onnx"), Path.Combine(toys.Pictures.Folder, "model.zip"));
        toys.Classifier.ExportOnnx(onnx);
        ml.Model.Save(new TransformerChain<ITransformer>(toys.Preparation, toys.Classifier), toys.Pictures.View(ml).Schema, zip);

        foreach (var path in (string[])[onnx, zip])
        {
            using var deployed = ml.Adversarial().LoadNetwork(path);
            var view = toys.Attacked(toys.Options with { Classifier = deployed, InputColumnName = "Features" });
            Assert.All(expected.Zip(view.GetColumn<float[]>("Attacked")), pair => Assert.InRange(DomainModels.Difference(pair.First, pair.Second), 0, 1e-3));
        }
    }

    [Fact]
    public void Of_a_deployed_classifier_another_domain_or_a_disposed_network_is_refused()
    {
        var path = Path.Combine(toys.Pictures.Folder, "refused.onnx");
        toys.Classifier.ExportOnnx(path);
        var deployed = ml.Adversarial().LoadNetwork(path);
        var options = toys.Options with { Classifier = deployed, InputColumnName = "Features" };

        var refused = Assert.Throws<InvalidOperationException>(() => toys.Attacked(options with { Domain = Adversarial.ImageDomain.Clean }));
        Assert.Contains("Adversarial domain alone", refused.Message, StringComparison.Ordinal);
        var view = toys.Attacked(options);
        deployed.Dispose();

        Assert.Throws<ObjectDisposedException>(() => toys.Attacked(options));
        Assert.Throws<ObjectDisposedException>(() => view.GetColumn<float[]>("Attacked").Count());
    }

    /// <summary>[3, height, width], as ExtractPixels makes it.</summary>
    private static float[] PlanarLevels(MLImage image)
    {
        var plane = image.Width * image.Height;
        int[] places = image.PixelFormat == MLPixelFormat.Rgba32 ? [0, 1, 2] : [2, 1, 0];
        var bytes = image.Pixels.ToArray();
        return [.. places.SelectMany(colour => Enumerable.Range(0, plane).Select(place => (float)bytes[place * 4 + colour]))];
    }
}
