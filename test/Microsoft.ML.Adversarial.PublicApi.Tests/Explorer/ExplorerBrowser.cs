using Microsoft.Playwright;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Chromium, and the explorer that all tests share.</summary>
public sealed class ExplorerBrowser(SharedExplorer shared) : IAsyncLifetime
{
    /// <summary>Milliseconds that a page may take for a step: a failure, never a measurement.</summary>
    private const int Patience = 180_000;

    private IPlaywright? playwright;
    private int? tellingImage;

    public IBrowser Browser { get; private set; } = null!;

    internal RunningExplorer Explorer { get; } = shared.Explorer;

    public string Address => Explorer.Client.BaseAddress!.ToString();

    public async ValueTask InitializeAsync()
    {
        Chromium.Require();
        playwright = await Playwright.Playwright.CreateAsync();
        Browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium.Path, Args = ["--no-sandbox"], Timeout = Patience });
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
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        page.Console += (_, message) =>
        {
            // A refused upload is told by the browser, too.
            if (message.Type == "error" && !message.Text.Contains("Failed to load resource", StringComparison.Ordinal))
                Complaints.Add(message.Text);
        };
        page.PageError += (_, error) => Complaints.Add(error);
        await page.GotoAsync(Address);
        await page.Locator("article[data-model=robust] .verdict", new() { HasTextString = "says" }).First.WaitForAsync();
        return page;
    }

    /// <summary>Errors in the consoles of all pages, among them what the content security policy forbade.</summary>
    public List<string> Complaints { get; } = [];

    /// <returns>An image of the gallery that both models are right of, and that PGD-20 within 12 grey levels breaks the plain one with and not the robust one.</returns>
    public async Task<int> TellingImageAsync()
    {
        for (var image = 0; tellingImage is null && image < 40; image++)
        {
            var clean = await Explorer.PostJsonAsync($"api/predictions?image={image}");
            var label = clean.GetProperty("label").GetInt32();
            if (((string[])["robust", "plain"]).Any(model => clean.GetProperty("models").GetProperty(model).GetProperty("class").GetInt32() != label))
                continue;
            var isBroken = (await Explorer.AttackAsync($"image={image}")).Where(told => told.Name == "end")
                .ToDictionary(told => told.Data.GetProperty("model").GetString()!, told => told.Data.GetProperty("isBroken").GetBoolean());
            if (isBroken["plain"] && !isBroken["robust"])
                tellingImage = image;
        }
        return tellingImage ?? throw new InvalidOperationException("No image of the gallery tells the two models apart.");
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
            await Browser.DisposeAsync();
        playwright?.Dispose();
    }
}
