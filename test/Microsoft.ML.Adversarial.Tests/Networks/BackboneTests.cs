using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What the backbones say of themselves, take and refuse.</summary>
public class BackboneTests
{
    public static TheoryData<string> Names => [.. Backbones.Keys];

    private static readonly Dictionary<string, (Backbone Deeper, Backbone Wider)> Backbones = new()
    {
        ["ResNet-8"] = (new ResNet(14) { Activation = Activation.Silu }, new ResNet(8) { Width = 32, Activation = Activation.Silu }),
        ["PreActResNet-18"] = (new PreActResNet(34) { Activation = Activation.Silu }, new PreActResNet(18) { Width = 32, Activation = Activation.Silu }),
        ["WideResNet-10-1"] = (new WideResNet(16, 1) { Activation = Activation.Silu, PadsAtEnd = true }, new WideResNet(10, 2) { Activation = Activation.Silu, PadsAtEnd = true }),
    };

    private static Backbone Plain(string name) => name switch
    {
        "ResNet-8" => new ResNet(8) { Activation = Activation.Silu },
        "PreActResNet-18" => new PreActResNet(18) { Activation = Activation.Silu },
        _ => new WideResNet(10, 1) { Activation = Activation.Silu, PadsAtEnd = true },
    };

    /// <summary>What the depth experiment varies; everything else stays.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Another_depth_or_width_is_the_same_network_but_for_that(string name)
    {
        var (deeper, wider) = Backbones[name];

        Assert.Equal(name, Plain(name).Name);
        Assert.Equal(deeper, Plain(name).WithDepth(deeper switch { ResNet net => net.Depth, PreActResNet net => net.Depth, _ => ((WideResNet)deeper).Depth }));
        Assert.Equal(wider, Plain(name).WithWidth(32));
        Assert.Equal(32, NetworkCost.Of(At(wider, 32)).Width);
    }

    /// <summary>Checkpoints from before there was a choice of activations know a ResNet by this.</summary>
    [Fact]
    public void A_ResNet_with_ReLU_is_what_it_was_and_one_with_another_activation_is_another()
    {
        Assert.Equal(["depth", "width", "family"], new ResNet(8).Identity.Entries.Select(entry => entry.Key));
        string[] hashes = [.. Enum.GetValues<Activation>().Select(activation => new ResNet(8) { Activation = activation }.Identity.Hash)];
        Assert.Equal(hashes, hashes.Distinct());
    }

    [Theory]
    [InlineData("PreActResNet-18", 65, "PreActResNet-18 is made for images of at most 64 x 64 pixels; these are 3 x 65 x 65")]
    [InlineData("WideResNet-10-1", 224, "WideResNet-10-1 is made for images of at most 64 x 64 pixels; these are 3 x 224 x 224")]
    [InlineData("PreActResNet-18", 7, "PreActResNet-18 needs images of at least 8 x 8 pixels; these are 3 x 7 x 7")]
    [InlineData("WideResNet-10-1", 3, "WideResNet-10-1 needs images of at least 4 x 4 pixels; these are 3 x 3 x 3")]
    public void Images_that_a_network_is_not_made_for_are_refused_by_its_name_and_their_size(string name, int size, string message) =>
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(() => NetworkCost.Of(At(Plain(name), size))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("PreActResNet-18", 64)]
    [InlineData("PreActResNet-18", 8)]
    [InlineData("WideResNet-10-1", 64)]
    [InlineData("WideResNet-10-1", 4)]
    public void The_largest_and_the_smallest_pass(string name, int size)
    {
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        using var network = ImageNetwork.Create(At(name[0] == 'P' ? new PreActResNet(18) { Width = 4 } : new WideResNet(10, 1), size), CPU, new Seed(1));

        Assert.Equal([2, 4], network.call(rand(2, 3, size, size), new Phase(ImageDomain.Clean, NormalizationStatistics.Batch)).shape);
    }

    [Fact]
    public void A_depth_or_width_that_no_network_has_is_refused_with_those_that_exist()
    {
        Says(() => new PreActResNet(20), "Depth is 20, ", "expected one of 18, 34, 50, ");
        Says(() => new WideResNet(30, 10), "Depth is 30, ", "expected 6n + 4 from 10 to 1204, such as 28, 34 or 70");
        Says(() => new WideResNet(10, 1).WithDepth(12), "Depth is 12, ");
        Says(() => new WideResNet(10, 1).WithWidth(24), "Width is 24, ", "expected a multiple of 16");
        Says(() => new WideResNet(10, 0), "Widening");
        Says(() => new ResNet(8) { Activation = (Activation)7 }, "Activation");

        static void Says(Func<Backbone> make, params string[] parts)
        {
            var message = Assert.ThrowsAny<ArgumentException>(make).Message;
            Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
        }
    }

    /// <summary>Sums of unnormalised branches would double the variance with each block.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_convolution_of_a_block_starts_at_zero_where_nothing_normalises_and_nowhere_else(bool normalizes)
    {
        using var network = ImageNetwork.Create(At(new WideResNet(16, 1), 8) with { Normalization = normalizes ? Normalization.Batch : Normalization.None }, CPU, new Seed(1));
        using var scope = NewDisposeScope();

        var zeroed = network.named_parameters().Where(entry => entry.parameter.dim() == 4 && entry.parameter.abs().max().item<float>() == 0).Select(entry => entry.name);

        string[] last = [.. from stage in new[] { 1, 2, 3 } from block in new[] { 0, 1 } select $"block{stage}.layer.{block}.conv2.weight"];
        Assert.Equal(normalizes ? [] : last, zeroed);
    }

    /// <summary>By their definitions, in double precision.</summary>
    [Theory]
    [InlineData(Activation.Relu)]
    [InlineData(Activation.Silu)]
    [InlineData(Activation.Softplus)]
    public void An_activation_and_its_slope_are_those_of_its_definition_and_leave_what_they_are_given(Activation activation)
    {
        using var scope = NewDisposeScope();
        var numbers = linspace(-6, 6, 50).requires_grad_();
        var before = numbers.detach().clone();

        var result = Activations.Given(numbers).Through(activation).Values;
        result.sum().backward();

        Assert.True(before.Equals(numbers));
        foreach (var (x, y, slope) in before.data<float>().ToArray().Zip(result.data<float>().ToArray(), numbers.grad!.data<float>().ToArray()))
        {
            Assert.Equal(Value(x), y, 1e-5);
            Assert.Equal((Value(x + 1e-6) - Value(x - 1e-6)) / 2e-6, slope, 1e-5);
        }

        double Value(double x) => activation switch
        {
            Activation.Relu => Math.Max(x, 0),
            Activation.Silu => x / (1 + Math.Exp(-x)),
            _ => Math.Log(1 + Math.Exp(x)),
        };
    }

    private static NetworkArchitecture At(Backbone backbone, int size) => new() { Backbone = backbone, Image = new ImageShape(3, size, size), ClassCount = 4 };
}
