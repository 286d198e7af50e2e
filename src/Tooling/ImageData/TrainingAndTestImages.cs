namespace Tooling.ImageData;

/// <summary>The images of a run: a folder's, or the embedded letters.</summary>
public static class TrainingAndTestImages
{
    /// <param name="images">Training images, one folder for each class (<c>--images</c>); null for the embedded letters.</param>
    /// <param name="testImages">Test images in the same classes (<c>--test-images</c>); null to hold back a fifth of the training images.</param>
    /// <param name="limitPerClass">The most training images of a class; null for all.</param>
    /// <param name="seed">Decides the order, and so what is held back.</param>
    /// <param name="lettersFolder">Where the letters are unpacked.</param>
    /// <param name="mayDiffer">Whether images may be of different sizes, and grey or not, since they are resized to another one.</param>
    /// <exception cref="ArgumentException">There are test images without training images.</exception>
    /// <exception cref="InvalidDataException">The test images do not fit the training images.</exception>
    public static (ImageSet Training, ImageSet Test) Read(string? images, string? testImages, int? limitPerClass, int seed, string lettersFolder, bool mayDiffer = false)
    {
        if (images is null && testImages is not null)
            throw new ArgumentException("--test-images is given without --images; expected both, or neither for the embedded letters.");
        if (images is not null)
        {
            var training = ImageFolder.Read(images, limitPerClass, seed, mayDiffer);
            return testImages is not null
                ? (training, Checked(ImageFolder.Read(testImages, null, seed, mayDiffer), training, mayDiffer))
                : training.Split(0.2);
        }
        var (train, test) = EmbeddedLetters.UnpackTo(lettersFolder);
        return (ImageFolder.Read(train, limitPerClass, seed), ImageFolder.Read(test, null, seed));
    }

    private static ImageSet Checked(ImageSet test, ImageSet training, bool mayDiffer)
    {
        if (test.Classes.Except(training.Classes).FirstOrDefault() is { } unknown)
            throw new InvalidDataException($"The test images have a class '{unknown}' that the training images lack; expected {string.Join(", ", training.Classes)}.");
        if (mayDiffer)
            return test;
        if ((test.Width, test.Height) != (training.Width, training.Height))
            throw new InvalidDataException($"The test images are {test.Width} x {test.Height} pixels; expected {training.Width} x {training.Height}, as the training images are.");
        // Grey files read as colours hold the same level three times; colours read as grey would lose two of three.
        if (training.IsGrey && !test.IsGrey)
            throw new InvalidDataException("The training images are grey and the test images are not; expected both grey or both in colour.");
        return test with { IsGrey = training.IsGrey };
    }
}
