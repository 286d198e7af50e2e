using System.Diagnostics;

namespace Letters;

/// <summary>What dpkg knows of an installed package: its version and its font files below the font roots.</summary>
internal sealed class DebianPackages(IReadOnlyList<string> fontRoots)
{
    private static readonly string[] _extensions = [".otf", ".ttf"];

    private readonly string[] _roots = [.. fontRoots.Select(root => Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)) + "/")];

    public static string Version(string package) => Query("--show", "--showformat=${Version}", package).Trim();

    /// <summary>Ordered by file name, so that the result does not depend on the order in which dpkg unpacked.</summary>
    public IReadOnlyList<string> FontFiles(string package)
        => [.. Query("--listfiles", package)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(path => _extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            .Where(path => _roots.Any(root => path.StartsWith(root, StringComparison.Ordinal)))
            .OrderBy(Path.GetFileName, StringComparer.Ordinal)
            .ThenBy(path => path, StringComparer.Ordinal)];

    private static string Query(params string[] arguments)
    {
        var start = new ProcessStartInfo("dpkg-query", arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dpkg-query did not start.");
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                $"dpkg-query {string.Join(' ', arguments)} ended with {process.ExitCode}; is the package installed?");
    }
}
