namespace Samples.RobustnessExplorer.Images;

/// <param name="Id">From 0.</param>
/// <param name="Label">Its class, from 0 in the models' order.</param>
/// <param name="Pixels">[channels, height, width] in [0, 1], of the models' size.</param>
public sealed record GalleryImage(int Id, int Label, float[] Pixels);
