namespace Samples.RobustnessExplorer.Images;

/// <summary>The image that a request is about: one of the gallery, or its body.</summary>
/// <param name="Pixels">[channels, height, width] in [0, 1], of the models' size.</param>
/// <param name="Label">Its class; null of an upload, whose class nobody has told.</param>
public sealed record AskedImage(float[] Pixels, int? Label);
