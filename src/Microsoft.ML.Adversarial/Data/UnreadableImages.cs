namespace Microsoft.ML.Adversarial;

/// <summary>What becomes of a row whose image cannot be read: a missing, empty or corrupt file.</summary>
public enum UnreadableImages
{
    /// <summary>Training stops with an exception that names the row and its text columns, such as the path.</summary>
    Throw,

    /// <summary>The row is left out, and a warning names the first such row and their number.</summary>
    Skip,
}
