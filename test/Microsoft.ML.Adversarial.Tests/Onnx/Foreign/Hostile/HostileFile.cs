using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Hostile;

/// <summary>A network or a single operator with something wrong, the same one for the same index.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="IsClassifier">Whether what it was made of gives scores of classes.</param>
/// <param name="What">What it was made of and what was done to it; for people.</param>
internal sealed record HostileFile(byte[] Bytes, bool IsClassifier, string What)
{
    private static readonly string[] Networks =
    [
        "letters", "interleaved", "interleaved_fixed", "attention", "mixer", "mixer_old", "swin", "swin_fixed", "decoder", "decoder_first", "heads", "heads_old", "perceptron", "probabilities",
        "activations_old", "convnext", "convnext_old", "vit_fixed", "pre_activation",
    ];

    private static readonly Dictionary<string, byte[]> Models = [];

    private static readonly Lazy<OperatorCase[]> Cases = new(() => [.. OperatorCases.All.Where(one => one.InputShape.Length == 4)]);

    public static HostileFile Of(int index)
    {
        var random = new Seed(7).For(index).Random();
        var isClassifier = random.Next(3) == 0;
        var (name, intact) = isClassifier ? Network(random) : Case(random);
        if (random.Next(5) == 0)
            return new HostileFile(Damage(intact, random, out var how), isClassifier, $"{name}: {how}");
        var model = ModelProto.Parser.ParseFrom(intact);
        List<string> changes = [];
        for (var count = Math.Max(1, random.Next(-2, 4)); count > 0; count--)
            changes.Add(HostileChanges.Apply(model, random));
        return new HostileFile(model.ToByteArray(), isClassifier, $"{name}: {string.Join(", ", changes)}");
    }

    private static (string, byte[]) Network(Random random)
    {
        var name = Networks[random.Next(Networks.Length)];
        if (!Models.TryGetValue(name, out var bytes))
            Models[name] = bytes = ForeignNetworks.Model(name).ToByteArray();
        return (name, bytes);
    }

    /// <summary>With a batch that is free, or one.</summary>
    private static (string, byte[]) Case(Random random)
    {
        var one = Cases.Value[random.Next(Cases.Value.Length)];
        var model = ModelProto.Parser.ParseFrom(one.Model);
        model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = random.Next(2) == 0 ? OnnxGraph.Batch.Clone() : OnnxGraph.Size(1);
        return (one.Name, model.ToByteArray());
    }

    private static byte[] Damage(byte[] intact, Random random, out string how)
    {
        byte[] file = [.. intact];
        // The graph stands before and behind the weights: that is where a byte means something.
        int Place() => random.Next(3) switch { 0 => random.Next(file.Length), 1 => random.Next(Math.Min(2000, file.Length)), _ => file.Length - 1 - random.Next(Math.Min(2000, file.Length)) };
        switch (random.Next(4))
        {
            case 0:
                how = "cut short";
                return file[..Place()];
            case 1:
                how = "spliced";
                return [.. file[..Place()], .. file[Place()..]];
            case 2:
                how = "with bits turned";
                for (var count = random.Next(1, 20); count > 0; count--)
                    file[Place()] ^= (byte)(1 << random.Next(8));
                return file;
            default:
                how = "with another byte";
                file[Place()] = (byte)random.Next(256);
                return file;
        }
    }
}
