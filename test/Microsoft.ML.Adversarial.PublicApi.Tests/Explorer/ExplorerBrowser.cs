using Microsoft.Playwright;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Chromium, and an explorer with letter models that it has trained itself. ADVERSARIAL_EXPLORER names a cache folder of an earlier run, whose models are then not trained again.</summary>
public sealed class ExplorerBrowser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private RunningExplorer? explorer;
    private string? folder;

    /// <summary>As a user follows the README: train on the first start, within 6 minutes.</summary>
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(6);

    public static bool IsWanted => Environment.GetEnvironmentVariable("ADVERSARIAL_BROWSER") == "true";

    public IBrowser Browser { get; private set; } = null!;

    internal RunningExplorer Explorer => explorer!;

    public string Address => Explorer.Client.BaseAddress!.ToString();

    public async ValueTask InitializeAsync()
    {
        if (!IsWanted)
            return;
        var chromium = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(path => Path.Combine(path, "chromium")).FirstOrDefault(File.Exists);
        Assert.True(chromium is not null, "There is no Chromium on the path (Debian package chromium).");
        playwright = await Playwright.Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = ["--no-sandbox"] });
        var kept = Environment.GetEnvironmentVariable("ADVERSARIAL_EXPLORER");
        folder = kept is null ? Directory.CreateTempSubdirectory("explorer-").FullName : null;
        explorer = new RunningExplorer("--cache", kept ?? folder!);
        await explorer.WaitUntilReadyAsync(LongestStart);
    }

    /// <param name="width">390 for a telephone.</param>
    /// <param name="isDark">What the visitor's system prefers.</param>
    /// <returns>The page, with an image picked. Whatever it says to the console in error fails the test through <see cref="Complaints"/>.</returns>
    public async Task<IPage> OpenAsync(int width = 1200, bool isDark = false)
    {
        var context = await Browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // A refused upload is told by the browser, too.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                Complaints.Add(message.Text);
        };
        page.PageError += (_, error) => Complaints.Add(error);
        await page.GotoAsync(Address);
        await page.Locator("article[data-model=robust] .verdict", new() { HasTextString = "says" }).First.WaitForAsync(new() { Timeout = 60_000 });
        return page;
    }

    /// <summary>Errors in the consoles of all pages, among them what the content security policy forbade.</summary>
    public List<string> Complaints { get; } = [];

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        playwright?.Dispose();
        explorer?.Dispose();
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
    }
}
