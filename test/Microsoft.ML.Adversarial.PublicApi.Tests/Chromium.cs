namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The browser that pages are tried in, Debian's.</summary>
internal static class Chromium
{
    public static string Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .SelectMany(folder => (string[])[System.IO.Path.Combine(folder, "chromium"), System.IO.Path.Combine(folder, "google-chrome")]).FirstOrDefault(File.Exists) ?? "";

    /// <summary>A page that nobody looked at is no page that passed.</summary>
    public static void Require() => Assert.True(Path.Length > 0, "There is no Chromium on the path; build/test.sh installs it (Debian's package chromium).");
}
