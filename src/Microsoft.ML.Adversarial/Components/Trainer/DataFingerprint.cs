using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Microsoft.ML.Adversarial;

/// <summary>Tells whether a checkpoint was made on the same data: every label, and the pixels of the first images.</summary>
internal static class DataFingerprint
{
    private const int Images = 256;

    public static string Of(ImageReader reader, ClassLabels classes)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var count = 0;
        foreach (var label in reader.ReadLabels())
        {
            hash.AppendData(BitConverter.GetBytes(label));
            count++;
        }
        var pixels = new float[reader.Format.Shape.Length];
        foreach (var image in reader.Read().Take(Images))
        {
            for (var i = 0; i < pixels.Length; i++)
                pixels[i] = image[i];
            hash.AppendData(MemoryMarshal.AsBytes(pixels.AsSpan()));
        }
        var sum = Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
        return $"{count} images of the classes {string.Join(", ", classes.Names)} ({sum})";
    }
}
