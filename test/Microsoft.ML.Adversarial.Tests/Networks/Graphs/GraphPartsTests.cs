using Google.Protobuf;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks.Graphs;

/// <summary>A graph is cut where one value goes on alone; part by part it gives the same scores and the same gradient.</summary>
public class GraphPartsTests
{
    [Theory]
    [InlineData("resnet18", 12)]
    [InlineData("densenet121", 8)]
    [InlineData("vit", 4)]
    [InlineData("perceptron", 1)]
    public void The_parts_give_the_scores_of_the_whole_and_their_gradients_follow_one_another(string name, int least)
    {
        using var scope = NewDisposeScope();
        using var foreign = Adversarial.ForeignNetwork.Read(OnnxFile.Read(new MemoryStream(ForeignNetworks.Model(name).ToByteArray()), name, folder: null), new NetworkFileOptions(), isClassifier: true);
        using var network = foreign.Freeze(CPU);
        var whole = Assert.Single(network.Layers.OfType<FrozenGraph>());
        var image = ForeignNetworks.Images(name, 1);
        var weights = randn([1, network.ClassCount], generator: new Seed(3).TorchGenerator());

        var parts = GraphParts.Of(whole);
        var scores = parts.Aggregate(image, (value, part) => Scores(part, value));
        var gradient = GraphParts.Gradient(parts, Scores, image, weights)!;

        Assert.InRange(parts.Count, least, whole.Plan.Steps.Count);
        Assert.Equal(whole.Plan.Steps, parts.SelectMany(part => part.Plan.Steps));
        Assert.True(scores.allclose(Scores(whole, image)));
        Assert.True(gradient.allclose(GraphParts.Gradient([whole], Scores, image, weights)!, rtol: 1e-4, atol: 1e-6));
        Assert.NotEqual(0, gradient.abs().max().item<float>());
    }

    [Fact]
    public void Without_a_gradient_to_the_image_there_is_none()
    {
        using var scope = NewDisposeScope();
        using var foreign = Adversarial.ForeignNetwork.Read(OnnxFile.Read(new MemoryStream(ForeignNetworks.Model("resnet18").ToByteArray()), "resnet18", folder: null), new NetworkFileOptions(), isClassifier: true);
        using var network = foreign.Freeze(CPU);
        var parts = GraphParts.Of(Assert.Single(network.Layers.OfType<FrozenGraph>()));
        var stopped = parts[1];

        var gradient = GraphParts.Gradient(parts, (part, value) => part == stopped ? Scores(part, value).detach().requires_grad_() : Scores(part, value), ForeignNetworks.Images("resnet18", 1), ones(1, network.ClassCount));

        Assert.Null(gradient);
    }

    private static Tensor Scores(FrozenGraph part, Tensor value) => part.Forward(Activations.Given(value)).Values;
}
