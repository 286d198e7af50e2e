using System.Text.RegularExpressions;

namespace Microsoft.ML.Adversarial.PublicApi.Tests;

/// <summary>Pages lead where they say, and name projects that are there.</summary>
public partial class DocumentPagesTests
{
    public static TheoryData<string> Pages => DocumentPages.Names;

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_link_leads_to_a_file_and_to_a_heading_that_is_there(string name)
    {
        var page = Path.Combine(RunningProgram.Root, name);
        foreach (Match link in Link().Matches(File.ReadAllText(page)))
        {
            var (target, heading) = (link.Groups["target"].Value, link.Groups["heading"].Value);
            if (target.Contains("://", StringComparison.Ordinal))
                continue;
            var file = target.Length == 0 ? page : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, target));
            Assert.True(File.Exists(file) || Directory.Exists(file), $"{name} leads to '{target}', which is not there.");
            if (heading.Length > 0)
                Assert.Contains(heading[1..], File.ReadAllLines(file).Where(line => line.StartsWith('#')).Select(Anchor));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_command_names_a_project_that_is_there(string name)
    {
        foreach (Match command in Project().Matches(File.ReadAllText(Path.Combine(RunningProgram.Root, name))))
            Assert.True(Directory.Exists(Path.Combine(RunningProgram.Root, command.Groups["project"].Value)), $"{name} runs '{command.Value}', which is not there.");
    }

    [Fact]
    public void Every_page_is_reached_from_the_front_page()
    {
        var front = File.ReadAllText(Path.Combine(RunningProgram.Root, "README.md"));

        Assert.All(Directory.GetFiles(Path.Combine(RunningProgram.Root, "docs"), "*.md"), page => Assert.Contains($"(docs/{Path.GetFileName(page)}", front, StringComparison.Ordinal));
    }

    /// <summary>As GitHub makes it of a heading.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant().Where(letter => char.IsLetterOrDigit(letter) || letter is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<target>[^)#\s]*)(?<heading>#[^)\s]*)?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"--project (?<project>[\w./-]+)")]
    private static partial Regex Project();
}
