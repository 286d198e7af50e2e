namespace Microsoft.ML.Adversarial;

/// <summary>
/// Which distribution an image comes from. Layers that keep statistics by domain (Xie &amp; Yuille 2020, section 4.1) are told it with every forward pass;
/// it is never inferred from a position in a batch.
/// </summary>
public enum ImageDomain
{
    /// <summary>Images as they were taken.</summary>
    Clean,

    /// <summary>Images that an attack has perturbed, and the images while it perturbs them.</summary>
    Adversarial,
}
