using System.Text.Json;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>The explorer's page in Chromium.</summary>
[Collection(SharedExplorer.Name)]
public sealed class ExplorerBrowserTests(ExplorerBrowser browser) : IClassFixture<ExplorerBrowser>
{
    [Fact]
    public async Task Under_PGD_the_robust_model_keeps_its_label_and_the_plain_one_loses_it()
    {
        var page = await browser.OpenAsync();
        await PickAsync(page, await browser.TellingImageAsync());
        var before = await VerdictAsync(page, "plain");

        await AttackAsync(page);

        Assert.StartsWith("withstands: says", await VerdictAsync(page, "robust"), StringComparison.Ordinal);
        Assert.StartsWith("broken:", await VerdictAsync(page, "plain"), StringComparison.Ordinal);
        Assert.StartsWith("says", before, StringComparison.Ordinal);
        Assert.Equal("PGD-20 (L-inf 12/255, untargeted): the robust model withstands, the plain model is broken.", await page.InnerTextAsync("#attack-words"));
        Assert.Equal(2, await page.Locator("#cards svg.plot").CountAsync());
        AssertNoComplaints();
    }

    [Fact]
    public async Task A_budget_of_0_changes_nothing()
    {
        var page = await browser.OpenAsync();
        await PickAsync(page, await browser.TellingImageAsync());
        var before = await VerdictAsync(page, "plain");
        await page.FillAsync("input[name=epsilon]", "0");

        await AttackAsync(page);

        Assert.Equal(before.Replace("says", "withstands: says", StringComparison.Ordinal), await VerdictAsync(page, "plain"));
        Assert.Equal(await PixelsAsync(page, "clean"), await PixelsAsync(page, "attacked"));
        AssertNoComplaints();
    }

    [Fact]
    public async Task The_slider_answers_from_the_curve_at_once()
    {
        var page = await browser.OpenAsync();
        await PickAsync(page, await browser.TellingImageAsync());

        await page.ClickAsync("#find");
        await page.Locator("#smallest li").First.WaitForAsync();

        Assert.Contains("grey levels", await page.InnerTextAsync("#smallest li.plain"), StringComparison.Ordinal);
        await page.FillAsync("#budget", "0");
        Assert.StartsWith("withstands", await page.InnerTextAsync("#budget-cards article[data-model=plain] .verdict"), StringComparison.Ordinal);
        await page.FillAsync("#budget", "32");
        Assert.StartsWith("broken", await page.InnerTextAsync("#budget-cards article[data-model=plain] .verdict"), StringComparison.Ordinal);
        AssertNoComplaints();
    }

    [Fact]
    public async Task A_drawing_is_classified()
    {
        var page = await browser.OpenAsync();
        await page.ClickAsync("#use-drawing");
        Assert.Equal("Nothing is drawn yet.", await page.InnerTextAsync("#image-message"));
        var canvas = page.Locator("#draw");
        await canvas.ScrollIntoViewIfNeededAsync();
        var box = (await canvas.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height * 0.15f);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height * 0.85f, new() { Steps = 20 });
        await page.Mouse.UpAsync();

        await page.ClickAsync("#use-drawing");

        // An upright stroke is an I to models that have seen more letters than these.
        await page.Locator("#gallery:not(:has(input:checked))").WaitForAsync();
        await page.Locator("#cards article[data-model=robust] .verdict", new() { HasTextRegex = new Regex("^says [A-J], ") }).WaitForAsync();
        AssertNoComplaints();
    }

    [Fact]
    public async Task Bad_uploads_show_a_message()
    {
        var page = await browser.OpenAsync();

        await page.SetInputFilesAsync("#file", new FilePayload { Name = "letter.png", MimeType = "image/png", Buffer = "no image"u8.ToArray() });
        await page.Locator("#image-message", new() { HasTextString = "no image that can be read" }).WaitForAsync();
        await page.SetInputFilesAsync("#model", new FilePayload { Name = "model.onnx", MimeType = "application/octet-stream", Buffer = "no model"u8.ToArray() });
        await page.ClickAsync("#audit");
        await page.Locator("#audit-message", new() { HasTextString = "no ONNX model" }).WaitForAsync();
        AssertNoComplaints();
    }

    [Fact]
    public async Task The_keyboard_alone_picks_draws_and_attacks()
    {
        var page = await browser.OpenAsync();
        await page.FocusAsync("#gallery input:checked");
        var before = await page.GetAttributeAsync("#gallery input:checked", "value");
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.NotEqual(before, await page.GetAttributeAsync("#gallery input:checked", "value"));

        await TabToAsync(page, "draw");
        await page.Keyboard.PressAsync("Space");
        for (var step = 0; step < 15; step++)
            await page.Keyboard.PressAsync("ArrowDown");
        Assert.Equal("The pen is down.", await page.InnerTextAsync("#pen"));
        await TabToAsync(page, "use-drawing");
        await page.Keyboard.PressAsync("Enter");
        await page.Locator("#cards[data-image='']").WaitForAsync();
        await TabToAsync(page, "run");
        await page.Keyboard.PressAsync("Enter");
        await EndedAsync(page);
        AssertNoComplaints();
    }

    [Fact]
    public async Task Nothing_serious_is_found_by_axe_and_nothing_is_wider_than_the_screen()
    {
        var image = await browser.TellingImageAsync();
        foreach (var (width, isDark) in ((int, bool)[])[(1200, false), (1200, true), (390, false), (390, true)])
        {
            var page = await browser.OpenAsync(width, isDark);
            await PickAsync(page, image);
            await AttackAsync(page);
            await page.ClickAsync("#find");
            await page.Locator("#smallest li").First.WaitForAsync();
            await page.Locator("#curve-table table").WaitForAsync();
            var place = $"{width} pixels, {(isDark ? "dark" : "light")}";
            await page.ScreenshotAsync(new() { Path = Path.Combine(AppContext.BaseDirectory, $"explorer-{width}-{(isDark ? "dark" : "light")}.png"), FullPage = true });

            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{place}: the page is wider than the screen.");
            // Not as a script of the page, which its policy would forbid.
            await page.EvaluateAsync(new BundledAxeScriptProvider().GetScript());
            var found = await page.EvaluateAsync<JsonElement>("""
                async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.filter(one => ['serious', 'critical'].includes(one.impact)).map(one => `${one.id}: ${one.help}, at ${one.nodes[0].html.slice(0, 200)}`)
                """);
            Assert.True(found.GetArrayLength() == 0, $"{place}: {found}");
            await page.Context.CloseAsync();
        }
        AssertNoComplaints();
    }

    private static async Task PickAsync(IPage page, int image)
    {
        await page.CheckAsync($"#gallery input[value='{image}']", new() { Force = true });
        await page.Locator($"#cards[data-image='?image={image}']").WaitForAsync();
    }

    private static async Task AttackAsync(IPage page)
    {
        await page.ClickAsync("#run");
        await EndedAsync(page);
    }

    private static Task EndedAsync(IPage page) => page.Locator("#attack-form[data-ended=true]").WaitForAsync();

    private static Task<string> VerdictAsync(IPage page, string model) => page.InnerTextAsync($"#cards article[data-model={model}] .verdict");

    private static Task<string> PixelsAsync(IPage page, string kind) => page.EvaluateAsync<string>($"() => document.querySelector('#cards article[data-model=plain] canvas[aria-label^=\"{kind}\"]').toDataURL()");

    private static async Task TabToAsync(IPage page, string id)
    {
        for (var step = 0; step < 60; step++)
        {
            if (await page.EvaluateAsync<string>("() => document.activeElement.id") == id)
                return;
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"The tab key does not reach {id}.");
    }

    private void AssertNoComplaints() => Assert.True(browser.Complaints.Count == 0, string.Join('\n', browser.Complaints));
}
