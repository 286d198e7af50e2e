using System.Buffers.Binary;
using System.Text;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

public class SafeTensorsTests
{
    [Fact]
    public void A_file_is_a_length_a_header_and_the_numbers()
    {
        using var scope = NewDisposeScope();
        using var file = new MemoryStream();

        SafeTensors.Write(file, [("a", tensor(new[,] { { 1f, 2f } })), ("b", tensor(3L))]);

        var header = """{"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]}}""";
        header = header.PadRight((header.Length + 7) / 8 * 8);
        byte[] expected = [
            .. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header),
            .. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f), .. BitConverter.GetBytes(3L)];
        Assert.Equal(expected, file.ToArray());
    }

    [Fact]
    public void What_was_written_is_read_with_names_types_and_shapes()
    {
        using var scope = NewDisposeScope();
        using var generator = new Seed(1).TorchGenerator();
        var (weights, count) = (rand([3, 4, 2], generator: generator).permute(2, 0, 1), tensor(7L));
        using var file = new MemoryStream();
        SafeTensors.Write(file, [("conv1.weight", weights), ("bn1.num_batches_tracked", count)]);
        file.Position = 0;

        var header = SafeTensorsHeader.Read(file, file.Length, "weights");
        var read = new Dictionary<string, Tensor>();
        SafeTensors.Read(file, header, "weights", (entry, numbers) => read.Add(entry.Name, numbers.clone().DetachFromDisposeScope()));

        Assert.True(weights.equal(read["conv1.weight"]).all().item<bool>());
        Assert.Equal(7, read["bn1.num_batches_tracked"].item<long>());
        Assert.Equal([2, 3, 4], read["conv1.weight"].shape);
        foreach (var numbers in read.Values)
            numbers.Dispose();
    }

    [Theory]
    [InlineData("", "it has 3 bytes; expected at least the 8")]
    [InlineData("[]", "its header is no JSON object")]
    [InlineData("{", "its header is no JSON")]
    [InlineData("""{"a":1}""", "'a' has no dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "'a' has no dtype, shape and data_offsets")]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", "'a' has the type 'C64'; expected one of F64, F32, F16, BF16, I64, I32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "'a' of F32 [2] does not take the bytes from 0 to 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", "does not take the bytes from 0 to 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "the numbers of 'a' begin at 4; expected 0")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", "the numbers of 'b' begin at 2; expected 4")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "it names 'a' twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}}""", "its tensors take 4000000 bytes and it has 8 for them")]
    [InlineData("""{"__metadata__":{"a":1}}""", "its metadata 'a' are no text")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "text that is no Unicode")]
    public void A_header_that_contradicts_itself_is_refused_with_the_reason(string header, string reason)
    {
        byte[] file = header == "" ? [1, 2, 3] : [.. BitConverter.GetBytes((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[8]];

        var exception = Assert.Throws<InvalidDataException>(() => SafeTensorsHeader.Read(new MemoryStream(file), file.Length, "weights"));

        Assert.StartsWith("'weights' is no valid safetensors file: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_refused_before_it_is_read()
    {
        var file = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(file, ulong.MaxValue);

        var exception = Assert.Throws<InvalidDataException>(() => SafeTensorsHeader.Read(new MemoryStream(file), file.Length, "weights"));

        Assert.Contains("its header claims 18446744073709551615 bytes; expected at most 56", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_another_network_is_told_apart_by_name()
    {
        using var scope = NewDisposeScope();
        using var network = TinyNetworks.Fresh("three stages, depth 8, grey");
        using var deeper = ImageNetwork.Create(network.Architecture with { Backbone = network.Architecture.Backbone.WithDepth(14), ClassCount = 5 }, CPU, new Seed(1));
        using var file = new MemoryStream();
        NetworkWeights.Write(file, deeper);
        file.Position = 0;

        var report = NetworkWeights.Compare(new SafeTensorsFile(file, "weights"), network);

        Assert.False(report.IsComplete);
        Assert.Empty(report.Missing);
        Assert.Contains("layer1.1.conv1.weight", report.Unexpected);
        Assert.Equal(["fc.weight [5, 64] for [2, 64]", "fc.bias [5] for [2]"], report.Reshaped.Select(tensor => $"{tensor}"));
        Assert.Contains("of another shape (fc.weight [5, 64] for [2, 64], fc.bias [5] for [2])", report.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_networks_weights_and_statistics_come_back_bit_for_bit()
    {
        const string kind = "four stages, basic, small stem";
        using var network = TinyNetworks.Trained(kind);
        using var other = TinyNetworks.Fresh(kind, seed: 9);
        using var file = new MemoryStream();
        NetworkWeights.Write(file, network);
        file.Position = 0;

        var weights = new SafeTensorsFile(file, "weights");
        NetworkWeights.Read(weights, other, NetworkWeights.Compare(weights, other));

        Assert.Equal(TinyNetworks.State(network), TinyNetworks.State(other));
    }
}
