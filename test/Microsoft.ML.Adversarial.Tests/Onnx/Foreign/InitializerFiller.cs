using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign;

/// <summary>Draws the numbers that a skeleton does not have: spread as the script found them, so that values keep their size from layer to layer.</summary>
internal static class InitializerFiller
{
    /// <param name="model">A skeleton; complete afterwards, without the notes on how numbers were spread.</param>
    /// <param name="seed">Where the numbers come from.</param>
    public static void Fill(ModelProto model, Seed seed)
    {
        var initializers = model.Graph.Initializer.ToDictionary(initializer => initializer.Name);
        foreach (var note in model.MetadataProps)
        {
            var initializer = initializers[note.Key];
            var values = new float[initializer.Dims.Aggregate(1L, (product, size) => product * size)];
            // Each from a stream of its own: another network's initializers do not move these.
            Draw(values, [.. note.Value.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))], seed.For(note.Key).Random());
            initializer.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }
        model.MetadataProps.Clear();
    }

    /// <param name="values">What is drawn.</param>
    /// <param name="spread">Mean, standard deviation, minimum and maximum.</param>
    /// <param name="random">Where it comes from.</param>
    private static void Draw(float[] values, double[] spread, Random random)
    {
        for (var index = 0; index < values.Length; index += 2)
        {
            // Box and Muller 1958: two normal numbers from two uniform ones.
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sine, cosine) = Math.SinCos(2 * Math.PI * random.NextDouble());
            values[index] = Placed(radius * cosine);
            if (index + 1 < values.Length)
                values[index + 1] = Placed(radius * sine);
        }

        // Inside the range: a variance stays positive.
        float Placed(double normal) => (float)Math.Clamp(spread[0] + spread[1] * normal, spread[2], spread[3]);
    }
}
