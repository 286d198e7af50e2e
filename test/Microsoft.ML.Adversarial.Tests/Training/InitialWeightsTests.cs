using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Training;

/// <summary>What a network takes over from a file of weights, and what it refuses.</summary>
public sealed class InitialWeightsTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("weights-").FullName;

    public static TheoryData<string> Kinds => TinyNetworks.NamesOfSmall;

    public static TheoryData<string> Mixtures => Normalizations.NamesOfMixtures;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void For_other_classes_the_last_layer_stays_fresh_and_everything_else_is_taken_over()
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture with { ClassCount = 7 });
        var (expected, fresh) = (TinyNetworks.State(source), TinyNetworks.State(network));

        var report = InitialWeightsFile.Read(Write(source), network);

        foreach (var (name, actual) in TinyNetworks.State(network))
            Assert.Equal(name is "fc.weight" or "fc.bias" ? fresh[name] : expected[name], actual);
        Assert.Equal($"{expected.Count - 2} tensors fit; the last layer starts anew, because the file's has 2 classes", $"{report}");
    }

    [Theory]
    [InlineData(".safetensors")]
    [InlineData(".onnx")]
    public void From_a_file_without_a_last_layer_everything_else_is_taken_over(string format)
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture);
        var (expected, fresh) = (TinyNetworks.State(source), TinyNetworks.State(network));
        var features = source.state_dict().Where(entry => !entry.Key.StartsWith("fc.", StringComparison.Ordinal)).Select(entry => (entry.Key, entry.Value));

        var report = InitialWeightsFile.Read(format == ".onnx" ? WriteOnnx(features) : Write(features), network);

        foreach (var (name, actual) in TinyNetworks.State(network))
            Assert.Equal(name is "fc.weight" or "fc.bias" ? fresh[name] : expected[name], actual);
        Assert.Equal($"{expected.Count - 2} tensors fit; the last layer starts anew, because the file has none", $"{report}");
    }

    [Fact]
    public void Initializers_of_an_ONNX_file_are_taken_over_by_name_and_others_are_left_alone()
    {
        using var scope = NewDisposeScope();
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture);
        // As torch.onnx.export writes them: counts of batches are none of a graph's constants, sizes are.
        var constants = source.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Select(entry => (entry.Key, entry.Value)).Append(("sizes", torch.tensor(new long[] { -1, 64 })));

        InitialWeightsFile.Read(WriteOnnx(constants), network);

        var expected = TinyNetworks.State(source);
        foreach (var (name, actual) in TinyNetworks.State(network))
            Assert.Equal(name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? new byte[sizeof(long)] : expected[name], actual);
    }

    [Fact]
    public void An_ONNX_file_of_a_deeper_network_is_refused_by_the_names_that_have_no_place()
    {
        using var network = Fresh(TinyNetworks.Architecture(TinyNetworks.Plain));
        using var deeper = Fresh(network.Architecture with { Backbone = network.Architecture.Backbone.WithDepth(14) });
        var path = WriteOnnx(deeper.state_dict().Select(entry => (entry.Key, entry.Value)));

        var refused = Assert.Throws<InvalidDataException>(() => InitialWeightsFile.Read(path, network));

        Assert.Contains("unexpected (layer1.1.conv1.weight, ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ONNX_file_whose_normalisation_was_folded_is_refused_with_what_takes_it_and_changes_nothing()
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture);
        var (path, before) = (WriteOnnx(source.state_dict().Where(entry => !entry.Key.Contains("bn", StringComparison.Ordinal)).Select(entry => (entry.Key, entry.Value))), TinyNetworks.State(network));

        var refused = Assert.Throws<InvalidDataException>(() => InitialWeightsFile.Read(path, network));

        Assert.Contains("missing (bn1.weight, bn1.bias, ", refused.Message, StringComparison.Ordinal);
        Assert.Contains("LoadBackbone", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNetworks.State(network));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_file_of_the_same_network_is_taken_over_whole(string kind)
    {
        using var source = TinyNetworks.Trained(kind);
        using var network = Fresh(source.Architecture);

        var report = InitialWeightsFile.Read(Write(source), network);

        Assert.Equal(TinyNetworks.State(source), TinyNetworks.State(network));
        Assert.Equal($"all {TinyNetworks.State(source).Count} tensors fit", $"{report}");
    }

    [Theory]
    [MemberData(nameof(Mixtures))]
    public void A_file_of_a_batch_network_starts_both_domains_of_a_mixture(string normalization)
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var expected = source.Copy(Normalizations.Of(normalization), ImageDomain.Clean);
        using var network = Fresh(expected.Architecture);

        InitialWeightsFile.Read(Write(source), network);

        Assert.Equal(TinyNetworks.State(expected), TinyNetworks.State(network));
    }

    [Fact]
    public void Batch_counts_may_be_missing_as_in_torchvisions_old_files()
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture);
        var path = Write(source.state_dict().Where(entry => !entry.Key.EndsWith("num_batches_tracked", StringComparison.Ordinal)).Select(entry => (entry.Key, entry.Value)));

        InitialWeightsFile.Read(path, network);

        var expected = TinyNetworks.State(source);
        foreach (var (name, actual) in TinyNetworks.State(network))
            Assert.Equal(name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ? new byte[sizeof(long)] : expected[name], actual);
    }

    public static TheoryData<string, string> OtherNetworks => new()
    {
        { "without a layer", "1 missing (layer1.0.conv1.weight)" },
        { "with a layer too many", "1 unexpected (layer4.0.conv1.weight)" },
        { "with another stem", "1 of another shape (conv1.weight [16, 1, 7, 7] for [16, 1, 3, 3])" },
        { "with half a last layer", "1 missing (fc.bias)" },
        { "with a wider last layer", "2 of another shape (fc.weight [5, 128] for [2, 64], fc.bias [5] for [2])" },
        { "with a last layer of two minds", "2 of another shape (fc.weight [5, 64] for [2, 64], fc.bias [4] for [2])" },
        { "of another depth", "unexpected (layer1.1.conv1.weight, layer1.1.bn1.weight, layer1.1.bn1.bias, layer1.1.conv2.weight, layer1.1.bn2.weight, ...)" },
        { "of a mixture", "missing (bn1.weight, bn1.bias, layer1.0.bn1.weight, layer1.0.bn1.bias, layer1.0.bn2.weight, ...); " },
    };

    [Theory]
    [MemberData(nameof(OtherNetworks))]
    public void A_file_of_another_network_is_refused_by_the_names_of_its_tensors_and_changes_nothing(string what, string tensors)
    {
        using var scope = NewDisposeScope();
        using var network = Fresh(TinyNetworks.Architecture(TinyNetworks.Plain));
        using var other = Fresh(network.Architecture with
        {
            Backbone = network.Architecture.Backbone.WithDepth(what == "of another depth" ? 14 : 8),
            Normalization = what == "of a mixture" ? Normalization.MixtureBatch : Normalization.Batch,
        });
        var state = new Dictionary<string, Tensor>(other.state_dict());
        switch (what)
        {
            case "without a layer": state.Remove("layer1.0.conv1.weight"); break;
            case "with a layer too many": state.Add("layer4.0.conv1.weight", zeros(1)); break;
            case "with another stem": state["conv1.weight"] = zeros(16, 1, 7, 7); break;
            case "with half a last layer": state.Remove("fc.bias"); break;
            case "with a wider last layer": (state["fc.weight"], state["fc.bias"]) = (zeros(5, 128), zeros(5)); break;
            case "with a last layer of two minds": (state["fc.weight"], state["fc.bias"]) = (zeros(5, 64), zeros(4)); break;
        }
        var (path, before) = (Write(state.Select(entry => (entry.Key, entry.Value))), TinyNetworks.State(network));

        var refused = Assert.Throws<InvalidDataException>(() => InitialWeightsFile.Read(path, network));

        Assert.StartsWith($"The weights of '{path}', which InitialWeights names, do not fit ResNet-8 (Batch, 1 x 16 x 16", refused.Message, StringComparison.Ordinal);
        Assert.Contains(tensors, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNetworks.State(network));
    }

    [Fact]
    public void A_file_that_is_no_safetensors_and_one_that_does_not_exist_are_refused_by_name()
    {
        var path = Path.Combine(folder, "notes.txt");
        File.WriteAllText(path, "These are no weights.");
        using var network = TinyProblem.Network();

        var strange = Assert.Throws<InvalidDataException>(() => Train(network, TinyProblem.Options with { InitialWeights = path }));
        var missing = Assert.Throws<FileNotFoundException>(() => Train(network, TinyProblem.Options with { InitialWeights = path + ".pt" }));

        Assert.StartsWith($"'{path}' is no valid safetensors file: ", strange.Message, StringComparison.Ordinal);
        Assert.Equal($"InitialWeights names the file '{path}.pt', which does not exist.", missing.Message);
        Assert.Throws<ArgumentException>(() => new TrainingOptions { InitialWeights = " " });
    }

    [Fact]
    public void A_run_from_a_file_ends_as_the_run_of_a_network_with_these_weights()
    {
        using var source = TinyProblem.Network(seed: 2);
        var path = Write(source);
        using var network = TinyProblem.Network(seed: 3);

        Train(network, TinyProblem.Options with { InitialWeights = path });
        Train(source, TinyProblem.Options);

        Assert.Equal(TinyNetworks.State(source), TinyNetworks.State(network));
    }

    [Fact]
    public void A_resumed_run_goes_on_with_the_checkpoints_weights_even_where_the_file_was_moved()
    {
        using var source = TinyProblem.Network(seed: 2);
        var options = TinyProblem.Options with { InitialWeights = Write(source) };
        using var unbroken = TinyProblem.Network();
        Train(unbroken, options);
        CancelAfterTwoUpdates(options);
        var moved = Path.Combine(folder, "moved.safetensors");
        File.Move(options.InitialWeights, moved);
        using var resumed = TinyProblem.Network(seed: 9);

        Train(resumed, options with { InitialWeights = moved, ResumeFrom = folder });

        Assert.Equal(TinyNetworks.State(unbroken), TinyNetworks.State(resumed));
    }

    [Fact]
    public void A_resumed_run_refuses_to_have_started_from_another_file()
    {
        using var source = TinyProblem.Network(seed: 2);
        using var other = TinyProblem.Network(seed: 3);
        var options = TinyProblem.Options with { InitialWeights = Write(source) };
        CancelAfterTwoUpdates(options);

        Assert.Matches(@"its initial weights file is one of \d+ bytes \([0-9a-f]{16}\) there, one of \d+ bytes \([0-9a-f]{16}\) here\.", Refusal(Write(other)));
        Assert.Contains("there, none here.", Refusal(weights: null), StringComparison.Ordinal);

        string Refusal(string? weights)
        {
            using var network = TinyProblem.Network();
            return Assert.Throws<InvalidDataException>(() => Train(network, options with { InitialWeights = weights, ResumeFrom = folder })).Message;
        }
    }

    [Fact]
    public void Reading_leaves_no_tensor_behind()
    {
        using var source = TinyNetworks.Trained(TinyNetworks.Plain);
        using var network = Fresh(source.Architecture with { Normalization = Normalization.MixtureBatch, ClassCount = 3 });
        var path = Write(source);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        InitialWeightsFile.Read(path, network);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static ImageNetwork Fresh(NetworkArchitecture architecture) => ImageNetwork.Create(architecture, CPU, new Seed(9));

    private static void Train(ImageNetwork network, TrainingOptions options, Action<TrainingMetrics>? report = null, CancellationToken? cancellation = null) =>
        TinyProblem.Train(network, options, _ => TinyProblem.Batches(0, 4, 4, 3), 3, report, cancellation: cancellation);

    private void CancelAfterTwoUpdates(TrainingOptions options)
    {
        using var cancellation = new CancellationTokenSource();
        using var network = TinyProblem.Network();
        Assert.Throws<OperationCanceledException>(() => Train(
            network, options with { Checkpoints = new CheckpointOptions(folder) },
            metrics =>
            {
                if (metrics.Batch == 2)
                    cancellation.Cancel();
            },
            cancellation.Token));
    }

    private string WriteOnnx(IEnumerable<(string Name, Tensor Tensor)> constants)
    {
        var graph = new GraphProto { Initializer = { new TensorProto { Name = "note", DataType = (int)TensorProto.Types.DataType.String, Dims = { 1 }, StringData = { ByteString.CopyFromUtf8("a text") } } } };
        foreach (var (name, tensor) in constants)
        {
            var type = tensor.is_floating_point() ? TensorProto.Types.DataType.Float : TensorProto.Types.DataType.Int64;
            graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { tensor.shape }, RawData = ByteString.CopyFrom(tensor.cpu().bytes) });
        }
        var path = Path.Combine(folder, Path.GetRandomFileName() + ".onnx");
        File.WriteAllBytes(path, new ModelProto { IrVersion = 8, ProducerName = "pytorch", Graph = graph }.ToByteArray());
        return path;
    }

    private string Write(ImageNetwork network) => Write(network.state_dict().Select(entry => (entry.Key, entry.Value)));

    private string Write(IEnumerable<(string Name, Tensor Tensor)> tensors)
    {
        var path = Path.Combine(folder, Path.GetRandomFileName() + ".safetensors");
        using var stream = File.Create(path);
        SafeTensors.Write(stream, [.. tensors]);
        return path;
    }
}
