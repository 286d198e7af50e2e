using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Where a tensor lies in a safetensors file, and what it is.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">Of its numbers.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Begin">Its first byte, counted behind the header.</param>
/// <param name="End">The byte after its last one.</param>
internal sealed record SafeTensorsEntry(string Name, ScalarType Type, long[] Shape, long Begin, long End)
{
    public override string ToString() => $"{Name} {Type} [{string.Join(", ", Shape)}]";
}
