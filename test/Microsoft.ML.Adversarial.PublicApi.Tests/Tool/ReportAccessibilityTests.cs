using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Tool;

/// <summary>axe finds nothing serious in the report of an evaluation, as Chromium shows it: wide and as a telephone does, light and dark.</summary>
public sealed partial class ReportAccessibilityTests(DeployedLetters letters)
{
    /// <summary>Where the page writes what axe found, for --dump-dom to print.</summary>
    private const string Answer = "axe-answer";

    private static string Axe { get; } = new BundledAxeScriptProvider().GetScript();

    [Fact]
    public void Axe_finds_nothing_serious_in_the_report()
    {
        Chromium.Require();
        var output = Path.Combine(letters.Folder, "accessible");
        var (exitCode, text, errors) = RunningTool.Run("evaluate", "--model", letters.Zip, "--attack", "pgd", "--epsilon", "12", "--limit", "60", "--output", output);
        Assert.True(exitCode == 0, text + errors);
        var page = File.ReadAllText(Path.Combine(output, "report.html"));

        foreach (var (width, isDark) in ((int, bool)[])[(1200, false), (390, true)])
        {
            var found = Serious(page, width, isDark);
            Assert.True(found.Count == 0, $"{width} pixels, {(isDark ? "dark" : "light")}:\n{string.Join('\n', found)}");
        }
        // The eye itself is tested: a page with what axe calls serious.
        Assert.NotEmpty(Serious(page.Replace("alt=\"", "data-alt=\"", StringComparison.Ordinal), 1200, isDark: false));
        Assert.NotEmpty(Serious(page.Replace("</style>", ".faint { color: #777; background: #888 }</style>", StringComparison.Ordinal), 1200, isDark: false));
    }

    /// <returns>The rules that are broken with an impact of serious or critical, each with the first place.</returns>
    private List<string> Serious(string page, int width, bool isDark)
    {
        var path = Path.Combine(letters.Folder, "checked.html");
        File.WriteAllText(path, page.Replace("</body>", $$"""
            <script>{{Axe}}</script>
            <script>axe.run(document, { resultTypes: ['violations'] }).then(found => {
              const answer = parent.document.createElement('pre');
              answer.id = '{{Answer}}';
              answer.textContent = JSON.stringify({ dark: matchMedia('(prefers-color-scheme: dark)').matches, width: innerWidth, passed: found.passes.length, violations: found.violations.map(one =>
                ({ id: one.id, impact: one.impact, help: one.help, place: one.nodes[0].html.slice(0, 200) })) });
              parent.document.body.replaceChildren(answer);
            });</script></body>
            """, StringComparison.Ordinal));
        // A window of Chromium is no narrower than 500 pixels: a frame is, and it has the colour scheme of the page around it.
        var frame = Path.Combine(letters.Folder, "frame.html");
        File.WriteAllText(frame, $"<!DOCTYPE html><html lang=\"en\"><head><meta name=\"color-scheme\" content=\"light dark\"></head><body><iframe src=\"checked.html\" style=\"width:{width}px;height:900px;border:0\"></iframe></body></html>");
        var (exitCode, document, errors) = RunningProgram.Run(new ProcessStartInfo(Chromium.Path, [
            "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--virtual-time-budget=60000", "--window-size=1300,1000", $"--user-data-dir={Path.Combine(letters.Folder, "chromium")}",
            $"--blink-settings=preferredColorScheme={(isDark ? 0 : 1)}", "--dump-dom", new Uri(frame).AbsoluteUri])
        { RedirectStandardOutput = true, RedirectStandardError = true });
        var answer = AnswerText().Match(document);
        Assert.True(answer.Success, $"Chromium ended with {exitCode} and without axe's answer: {errors}");
        using var json = JsonDocument.Parse(System.Net.WebUtility.HtmlDecode(answer.Groups["json"].Value));
        Assert.Equal((isDark, width), (json.RootElement.GetProperty("dark").GetBoolean(), json.RootElement.GetProperty("width").GetInt32()));
        Assert.True(json.RootElement.GetProperty("passed").GetInt32() > 20, "axe looked at hardly anything");
        return [.. json.RootElement.GetProperty("violations").EnumerateArray()
            .Where(violation => violation.GetProperty("impact").GetString() is "serious" or "critical")
            .Select(violation => $"{violation.GetProperty("id")} ({violation.GetProperty("impact")}): {violation.GetProperty("help")}, at {violation.GetProperty("place")}")];
    }

    [GeneratedRegex($"<pre id=\"{Answer}\">(?<json>.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex AnswerText();
}
