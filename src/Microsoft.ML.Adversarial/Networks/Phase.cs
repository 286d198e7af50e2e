namespace Microsoft.ML.Adversarial;

/// <summary>In what a forward pass differs from others through the same weights.</summary>
/// <param name="Domain">Whose normalisation to pass through.</param>
/// <param name="Statistics">What batch normalisation normalises with.</param>
/// <param name="Precision">In which numbers convolutions and what lies between them compute.</param>
/// <param name="Shared">With whom batch statistics are computed together; null for those of the images passing through alone.</param>
internal readonly record struct Phase(ImageDomain Domain, NormalizationStatistics Statistics, Precision Precision = Precision.Single, SharedStatistics? Shared = null);
