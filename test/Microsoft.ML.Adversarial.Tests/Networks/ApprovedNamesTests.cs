using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>Names, shapes and order of a network's tensors are a file format: torchvision's. The lists come from Approved/make-lists.py.</summary>
public class ApprovedNamesTests
{
    [Theory]
    [InlineData("resnet-18", 18, 3, 224, 1000)]
    [InlineData("resnet-50", 50, 3, 224, 1000)]
    [InlineData("resnet-638", 638, 3, 224, 1000)]
    [InlineData("resnet-8-grey", 8, 1, 32, 26)]
    [InlineData("resnet-50-small", 50, 3, 64, 200)]
    public void Parameters_and_buffers_have_the_approved_names_and_shapes(string list, int depth, int channels, int size, int classes)
    {
        using var network = OnMeta(depth, channels, size, classes);

        IsAsApproved(list, network);
    }

    /// <summary>A mixture that shares everything is a batch network by name, too.</summary>
    [Theory]
    [InlineData("resnet-8-grey-mixture", "MixtureBatch")]
    [InlineData("resnet-8-grey-mixture-shared-affine", "MixtureBatch, shared affine")]
    [InlineData("resnet-8-grey-mixture-shared-statistics", "MixtureBatch, shared statistics")]
    [InlineData("resnet-8-grey", "MixtureBatch, shared affine, shared statistics")]
    [InlineData("resnet-8-grey-affine", "Group, 4 groups")]
    [InlineData("resnet-8-grey-affine", "None")]
    public void Other_normalisations_have_the_approved_names_and_shapes(string list, string normalization)
    {
        using var network = OnMeta(8, 1, 32, 26, Normalizations.Of(normalization));

        IsAsApproved(list, network);
    }

    /// <summary>The numbers torchvision publishes for its models.</summary>
    [Theory]
    [InlineData(18, 11_689_512)]
    [InlineData(34, 21_797_672)]
    [InlineData(50, 25_557_032)]
    [InlineData(101, 44_549_160)]
    [InlineData(152, 60_192_808)]
    public void There_are_as_many_parameters_as_in_torchvision(int depth, long parameters)
    {
        using var network = OnMeta(depth, 3, 224, 1000);

        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    /// <summary>The names of the public checkpoints of networks that normalise first.</summary>
    [Theory]
    [InlineData("preact-18", "PreActResNet-18")]
    [InlineData("preact-34", "PreActResNet-34")]
    [InlineData("preact-50", "PreActResNet-50")]
    [InlineData("wide-28-10", "WideResNet-28-10")]
    [InlineData("wide-34-10", "WideResNet-34-10")]
    [InlineData("wide-70-16", "WideResNet-70-16")]
    public void Networks_of_the_literature_on_robustness_have_the_approved_names_and_shapes(string list, string name)
    {
        using var network = OnMeta(name);

        IsAsApproved(list, network);
    }

    /// <summary>Zagoruyko and Komodakis 2016, table 4 (28-10 has 36.5 million); Gowal et al. 2020, table 1 (34-10 has 46, 70-16 has 267); the first by adding up pytorch-cifar's.</summary>
    [Theory]
    [InlineData("PreActResNet-18", 11_172_170)]
    [InlineData("WideResNet-28-10", 36_479_194)]
    [InlineData("WideResNet-34-10", 46_160_474)]
    [InlineData("WideResNet-70-16", 266_796_506)]
    public void They_have_as_many_parameters_as_the_literature_says(string name, long parameters)
    {
        using var network = OnMeta(name);

        Assert.Equal(parameters, network.parameters().Sum(parameter => parameter.numel()));
    }

    [Fact]
    public void Buffers_are_not_trained_and_parameters_are()
    {
        using var network = OnMeta(8, 1, 32, 26);

        Assert.All(network.named_parameters(), entry => Assert.True(entry.parameter.requires_grad && !entry.name.Contains("running", StringComparison.Ordinal)));
        Assert.All(network.named_buffers(), entry => Assert.False(entry.buffer.requires_grad));
    }

    private static void IsAsApproved(string list, ImageNetwork network)
    {
        // TorchSharp lists all parameters before all buffers, torchvision layer by layer: the order is compared within each.
        var approved = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Networks", "Approved", list + ".txt")).ToLookup(IsBuffer);
        Assert.Equal(approved[false], network.named_parameters().Select(entry => Line(entry.name, entry.parameter)));
        Assert.Equal(approved[true], network.named_buffers().Select(entry => Line(entry.name, entry.buffer)));
        Assert.Equal(approved.SelectMany(lines => lines).Order(), network.state_dict().Select(entry => Line(entry.Key, entry.Value)).Order());
    }

    private static ImageNetwork OnMeta(string name)
    {
        int[] numbers = [.. name.Split('-').Skip(1).Select(int.Parse)];
        Backbone backbone = numbers.Length == 1 ? new PreActResNet(numbers[0]) : new WideResNet(numbers[0], numbers[1]);
        Assert.Equal(name, backbone.Name);
        return new ImageNetwork(new NetworkArchitecture { Backbone = backbone, Image = new ImageShape(3, 32, 32), ClassCount = 10 }, META);
    }

    private static string Line(string name, Tensor tensor) => $"{name} [{string.Join(", ", tensor.shape)}]";

    private static bool IsBuffer(string line) => line.Contains("running_", StringComparison.Ordinal) || line.Contains("num_batches_tracked", StringComparison.Ordinal);

    /// <summary>Shapes without memory: ResNet-638 has 179 million parameters.</summary>
    private static ImageNetwork OnMeta(int depth, int channels, int size, int classes, Normalization? normalization = null)
    {
        var family = size <= 64 && depth is 18 or 50 ? NetworkFamily.FourStage : NetworkFamily.Automatic;
        var architecture = new NetworkArchitecture { Backbone = new ResNet(depth) { Family = family }, Image = new ImageShape(channels, size, size), ClassCount = classes };
        return new ImageNetwork(architecture with { Normalization = normalization ?? Normalization.Batch }, META);
    }
}
