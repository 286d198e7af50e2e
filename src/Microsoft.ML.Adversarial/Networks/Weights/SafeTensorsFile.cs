using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>Weights in safetensors.</summary>
internal sealed class SafeTensorsFile : WeightsFile
{
    private readonly Stream stream;
    private readonly string name;
    private readonly SafeTensorsHeader header;
    private readonly long firstNumber;

    /// <param name="stream">At the file's beginning; it stays the caller's.</param>
    /// <param name="name">For messages.</param>
    /// <exception cref="InvalidDataException">This is no safetensors file, or one that contradicts itself.</exception>
    public SafeTensorsFile(Stream stream, string name)
    {
        (this.stream, this.name) = (stream, name);
        header = SafeTensorsHeader.Read(stream, stream.Length, name);
        firstNumber = stream.Position;
        Shapes = header.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape, StringComparer.Ordinal);
    }

    public override IReadOnlyDictionary<string, long[]> Shapes { get; }

    public override void Read(Action<string, Tensor> use)
    {
        stream.Position = firstNumber;
        SafeTensors.Read(stream, header, name, (entry, tensor) => use(entry.Name, tensor));
    }

    public override void Dispose()
    {
    }
}
