namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>The pages that people read: the front page, those behind it, and the packages'.</summary>
internal static class DocumentPages
{
    public static IReadOnlyList<string> All { get; } =
        [Path.Combine(RunningProgram.Root, "README.md"), Path.Combine(RunningProgram.Root, "src/Microsoft.ML.Adversarial.Tool/README.md"), .. Directory.GetFiles(Path.Combine(RunningProgram.Root, "docs"), "*.md").Order(StringComparer.Ordinal), .. Directory.GetFiles(Path.Combine(RunningProgram.Root, "nuget"), "README.md", SearchOption.AllDirectories)];

    public static TheoryData<string> Names => [.. All.Select(page => Path.GetRelativePath(RunningProgram.Root, page)).Where(page => !page.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj"]).Any())];
}
