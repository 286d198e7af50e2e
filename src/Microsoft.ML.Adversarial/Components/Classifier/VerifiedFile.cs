namespace Microsoft.ML.Adversarial;

/// <summary>A file of this library that is as it was written; from <see cref="AdversarialCatalog.Verify"/>.</summary>
public sealed class VerifiedFile
{
    /// <summary>What it is.</summary>
    public required VerifiedFileKind Kind { get; init; }

    /// <summary>64 hexadecimal digits of SHA-256: of all bytes of the file, the place of these digits taken as zeros; of a <c>model.zip</c>, of the ONNX file within.</summary>
    public required string Hash { get; init; }

    /// <summary>The version of this library that wrote it, such as <c>1.2.0</c>.</summary>
    public required string LibraryVersion { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind}, written by version {LibraryVersion}, SHA-256 {Hash}";
}
