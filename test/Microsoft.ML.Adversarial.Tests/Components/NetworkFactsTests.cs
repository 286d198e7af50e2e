using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

namespace Microsoft.ML.Adversarial.Tests.Components;

/// <summary>What files tell of the networks in them.</summary>
public sealed class NetworkFactsTests : IDisposable
{
    private readonly ToyPictures pictures = new(perClass: 5);
    private readonly MLContext ml = new(seed: 1);

    [Fact]
    public void Both_files_of_a_model_tell_what_its_network_was_before_it_was_trained()
    {
        var view = pictures.View(ml);
        var options = ToyPictures.QuickOptions with { Normalization = Normalization.None, LearningRate = 0.001 };
        var model = ToyPictures.Pipeline(ml, options).Fit(view);
        using var classifier = ToyPictures.ClassifierIn(model);
        var (zip, onnx) = (Path.Combine(pictures.Folder, "model.zip"), Path.Combine(pictures.Folder, "model.onnx"));
        ml.Model.Save(model, view.Schema, zip);
        classifier.ExportOnnx(onnx);

        using var fromZip = ml.Adversarial().LoadNetwork(zip);
        using var fromOnnx = ml.Adversarial().LoadNetwork(onnx);

        var cost = NetworkCost.Of(new NetworkArchitecture { Backbone = options.Backbone, Image = fromOnnx.ImageShape, ClassCount = 3, Normalization = Normalization.None });
        var facts = fromOnnx.Facts;
        Assert.Equal(facts, fromZip.Facts);
        // The scale of each channel is folded into the convolution before it: of 4 + 2 x 4 channels, then of 3 x 8 and 3 x 16, with the shortcuts'.
        Assert.Equal((cost.Parameters - 84, cost.MultiplyAdds), (facts.Parameters, facts.MultiplyAdds));
        // Eight on the longest path, and two shortcuts.
        Assert.Equal(10, facts.Layers);
        Assert.Equal("float32", facts.NumberTypes);
        Assert.StartsWith("Microsoft.ML.Adversarial ", facts.Producer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_from_elsewhere_tells_its_own()
    {
        using var network = ml.Adversarial().LoadNetwork(ForeignNetworks.Write("letters", pictures.Folder));

        var numbers = ForeignNetworks.Skeleton("letters").Graph.Initializer.Where(constant => constant.DataType == (int)TensorProto.Types.DataType.Float).ToList();
        Assert.Equal("pytorch 1.13.0", network.Facts.Producer);
        Assert.Equal("float32", network.Facts.NumberTypes);
        Assert.Equal(numbers.Sum(constant => constant.Dims.Aggregate(1L, (product, size) => product * size)), network.Facts.Parameters);
        Assert.Equal(numbers.Count / 2, network.Facts.Layers);
        Assert.InRange(network.Facts.MultiplyAdds, network.Facts.Parameters, long.MaxValue);
    }

    public void Dispose() => pictures.Dispose();
}
