using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Data;

/// <summary>A labelled image file.</summary>
internal sealed class ImageRow
{
    public string Path { get; set; } = "";

    /// <summary>The class from 0, as ML.NET reads a key out of an object; 3, beyond the count, is a missing label.</summary>
    [KeyType(3)]
    public uint Label { get; set; }
}
