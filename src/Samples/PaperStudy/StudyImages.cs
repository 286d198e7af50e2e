using System.Security.Cryptography;
using System.Text;
using Tooling.ImageData;

namespace Samples.PaperStudy;

/// <summary>The images of all cells, and the same in words.</summary>
public sealed class StudyImages
{
    /// <summary>Decides the order of the images and which are held back for testing: the same for all seeds of a study.</summary>
    private const int Order = 1;

    public StudyImages(ImageSet training, ImageSet test)
    {
        Training = training;
        Test = test;
        TrainingDescription = Describe(training);
        TestDescription = Describe(test);
    }

    public ImageSet Training { get; }

    public ImageSet Test { get; }

    public string TrainingDescription { get; }

    public string TestDescription { get; }

    public static StudyImages Read(StudySettings settings, string lettersFolder)
    {
        var (training, test) = TrainingAndTestImages.Read(settings.Images, settings.TestImages, settings.Limit, Order, lettersFolder);
        return new StudyImages(training, settings.TestLimit is { } limit ? test.TakeEvenly(limit) : test);
    }

    /// <summary>With a checksum of classes, files and their order, so that other images are not taken for the same.</summary>
    private static string Describe(ImageSet set)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var image in set.Images)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{image.Label}\n"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(image.Path)));
        }
        var checksum = Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
        return $"{set.Images.Count} of {set.Classes.Count} classes, {set.Width} x {set.Height} {(set.IsGrey ? "grey" : "colour")}, {checksum}";
    }
}
