namespace Microsoft.ML.Adversarial;

/// <summary>What becomes of a row whose image cannot be read: a missing, empty or corrupt file.</summary>
/// <remarks>
/// A file that is cut off counts as read: ML.NET's LoadImages makes the pixels that are missing black or grey, and says nothing. Images black in every pixel are warned of, of which those
/// transparent throughout are some, since ExtractPixels leaves their transparency out; a half file cannot be told from a picture. Where files may be cut off, check them before.
/// </remarks>
public enum UnreadableImages
{
    /// <summary>Training stops with an exception that names the row and its text columns, such as the path.</summary>
    Throw,

    /// <summary>The row is left out, and a warning names the first such row and their number.</summary>
    Skip,
}
