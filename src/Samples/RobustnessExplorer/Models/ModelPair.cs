using Microsoft.ML.Adversarial;
using Tooling.ImageData;

namespace Samples.RobustnessExplorer.Models;

/// <summary>Two networks that tell the same classes apart in images of the same size, and images to ask them about.</summary>
public sealed class ModelPair : IDisposable
{
    /// <exception cref="InvalidDataException">The two do not fit each other, or the images.</exception>
    public ModelPair(DeployedClassifier robust, DeployedClassifier plain, ImageSet images)
    {
        if (!robust.ClassNames.SequenceEqual(plain.ClassNames))
            throw new InvalidDataException($"The robust model tells apart {string.Join(", ", robust.ClassNames)} and the plain one {string.Join(", ", plain.ClassNames)}; expected the same classes.");
        if (robust.ImageShape != plain.ImageShape)
            throw new InvalidDataException($"The robust model takes images of {robust.ImageShape} and the plain one of {plain.ImageShape}; expected the same size.");
        if (robust.ImageShape.Channels is not (1 or 3))
            throw new InvalidDataException($"The models take images of {robust.ImageShape}; expected 1 channel or 3.");
        if (images.Classes.FirstOrDefault(name => !robust.ClassNames.Contains(name)) is { } stranger)
            throw new InvalidDataException($"The images are of a class '{stranger}', which the models do not know; expected folders among {string.Join(", ", robust.ClassNames)}.");
        (Robust, Plain, Images) = (new ExplorerModel("robust", robust), new ExplorerModel("plain", plain), images);
    }

    public ExplorerModel Robust { get; }

    public ExplorerModel Plain { get; }

    public ImageSet Images { get; }

    public IReadOnlyList<ExplorerModel> Both => [Robust, Plain];

    public ImageShape Shape => Robust.Shape;

    public IReadOnlyList<string> Classes => Robust.Classes;

    public void Dispose()
    {
        Robust.Dispose();
        Plain.Dispose();
    }
}
