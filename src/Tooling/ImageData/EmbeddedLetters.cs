using System.IO.Compression;

namespace Tooling.ImageData;

/// <summary>The letters A to J in the faces of many fonts, 32 x 32 grey; FONTS.md tells their origin. Test fonts do not occur in training.</summary>
public static class EmbeddedLetters
{
    /// <summary>Unpacks the letters into a folder, once: <c>train</c> and <c>test</c>, each with one folder for each letter.</summary>
    /// <returns>The two folders.</returns>
    public static (string Train, string Test) UnpackTo(string folder)
    {
        var train = Path.Combine(folder, "train");
        if (!Directory.Exists(train))
        {
            if (Directory.Exists(folder))
                throw new IOException($"'{folder}' exists and holds no folder 'train'; expected the unpacked letters or nothing of that name. Choose another output folder.");
            // Unpacked aside and moved into place, so that an interrupted run leaves no half of it.
            var aside = folder + ".unpacking";
            if (Directory.Exists(aside))
                Directory.Delete(aside, recursive: true);
            using var resource = typeof(EmbeddedLetters).Assembly.GetManifestResourceStream("letters.zip")
                ?? throw new InvalidOperationException("The assembly holds no letters.zip.");
            ZipFile.ExtractToDirectory(resource, aside);
            Directory.Move(aside, folder);
        }
        return (train, Path.Combine(folder, "test"));
    }
}
