using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>What the explorer does not do, and what it says instead.</summary>
[Collection(SharedExplorer.Name)]
public sealed class ExplorerBoundsTests(SharedExplorer shared)
{
    private readonly ExplorerModels models = shared.Models;
    private readonly RunningExplorer explorer = shared.Explorer;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private byte[] Image => File.ReadAllBytes(models.TestImage.Path);

    [Theory]
    [InlineData("api/predictions?image=40", "expected a number from 0 to 39")]
    [InlineData("api/predictions?image=x", "expected a number from 0 to 39")]
    [InlineData("api/predictions", "expected an image")]
    [InlineData("api/attacks?image=0&attack=evil", "attack is 'evil'")]
    [InlineData("api/attacks?image=0&epsilon=0.2", "epsilon is '0.2'")]
    [InlineData("api/attacks?image=0&epsilon=65", "expected 0, or a number from 0.5 to 64")]
    [InlineData("api/attacks?image=0&epsilon=NaN", "epsilon is 'NaN'")]
    [InlineData("api/attacks?image=0&norm=l1", "norm is 'l1'")]
    [InlineData("api/attacks?image=0&steps=101", "steps is '101'")]
    [InlineData("api/attacks?image=0&attack=fgsm&steps=3", "FGSM has one")]
    [InlineData("api/attacks?image=0&attack=square&target=3", "Square knows no target")]
    [InlineData("api/attacks?image=0&target=10", "target is '10'")]
    [InlineData("api/audits?images=9", "images is '9'")]
    [InlineData("api/audits?attack=fab", "attack is 'fab'")]
    [InlineData("api/audits", "expected an ONNX file or a model.zip")]
    public async Task A_request_that_cannot_be_served_is_told_why(string path, string detail)
    {
        using var answer = await explorer.PostAsync(path);

        await AssertProblem(answer, HttpStatusCode.BadRequest, detail);
    }

    [Fact]
    public async Task Uploads_are_bounded_in_bytes_and_in_pixels()
    {
        using var bounded = await RunningExplorer.StartAsync(models, "--image-bytes", "5000", "--image-pixels", "1024", "--model-bytes", "20000");

        using (var answer = await bounded.PostAsync("api/predictions", new byte[5001]))
            await AssertProblem(answer, HttpStatusCode.RequestEntityTooLarge, "larger than 5000 bytes");
        using (var answer = await bounded.PostAsync("api/predictions", MalformedUploads.Png(33, 32)))
            await AssertProblem(answer, HttpStatusCode.UnprocessableEntity, "33 x 32 pixels; expected at most 1024");
        using (var answer = await bounded.PostAsync("api/audits", new byte[20_001]))
            await AssertProblem(answer, HttpStatusCode.RequestEntityTooLarge, "larger than 20000 bytes");
        using (var answer = await bounded.PostAsync("api/audits", MalformedUploads.Zip("OnnxModel", new byte[1_000_000])))
            await AssertProblem(answer, HttpStatusCode.UnprocessableEntity, "larger than 20000 bytes");
        using (var answer = await bounded.PostAsync("api/predictions", Image))
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task More_attacks_than_may_wait_are_sent_away_and_told_when_to_come_back()
    {
        using var bounded = await RunningExplorer.StartAsync(models, "--concurrent-attacks", "1", "--waiting-attacks", "1");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => bounded.PostAsync("api/attacks?attack=pgd&steps=100&epsilon=0", Image)));

        Assert.All(answers, answer => Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}"));
        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable).ToList();
        Assert.NotEmpty(refused);
        await AssertProblem(refused[0], HttpStatusCode.ServiceUnavailable, "1 requests are worked on and 1 wait");
        Assert.Equal(TimeSpan.FromSeconds(5), refused[0].Headers.RetryAfter?.Delta);
        foreach (var answer in answers)
            answer.Dispose();
        // Turns are given back.
        Assert.Equal("done", (await bounded.AttackAsync("steps=2", Image))[^1].Name);
    }

    [Fact]
    public async Task An_attack_that_takes_longer_than_it_may_is_stopped()
    {
        using var bounded = await RunningExplorer.StartAsync(models, "--attack-seconds", "1", "--concurrent-attacks", "10");

        var clock = Stopwatch.StartNew();
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bounded.PostAsync("api/budgets", Image)));

        await AssertProblem(Assert.Single(answers.Where(answer => answer.StatusCode == HttpStatusCode.ServiceUnavailable).Take(1)), HttpStatusCode.ServiceUnavailable, "stopped after 1 seconds");
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(0.9), TimeSpan.FromSeconds(30));
        foreach (var answer in answers)
            answer.Dispose();
        var told = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => bounded.AttackAsync("attack=pgd&steps=100&epsilon=0", Image)));
        Assert.Contains(told, events => events[^1].Name == "stopped" && events[^1].Data.GetProperty("message").GetString()!.Contains("after 1 seconds", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_reads_no_further_leaves_no_attack_behind()
    {
        using var bounded = await RunningExplorer.StartAsync(models, "--concurrent-attacks", "1", "--waiting-attacks", "0");
        for (var reader = 0; reader < 3; reader++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "api/attacks?image=0&attack=apgd&steps=100&epsilon=0") { Headers = { { "X-Token", bounded.Token } } };
            using var answer = await bounded.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            using (var stream = new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation)))
                Assert.Equal("event: begin", await stream.ReadLineAsync(Cancellation));
            // The only turn is given back: the next one gets it, at once or a moment later.
            var clock = Stopwatch.StartNew();
            while (true)
            {
                using var next = await bounded.PostAsync("api/attacks?image=0&steps=1");
                if (next.StatusCode == HttpStatusCode.OK)
                    break;
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), "The turn is not given back.");
                await Task.Delay(100, Cancellation);
            }
        }
    }

    [Fact]
    public async Task A_post_without_the_token_is_refused()
    {
        using var strange = new HttpClient { BaseAddress = explorer.Client.BaseAddress };

        using var answer = await strange.PostAsync(new Uri("api/predictions?image=0", UriKind.Relative), null, Cancellation);

        await AssertProblem(answer, HttpStatusCode.BadRequest, "lacks the token");
    }

    [Fact]
    public async Task The_page_runs_nothing_but_its_own_files_and_answers_to_its_own_names()
    {
        using var page = await explorer.Client.GetAsync("", Cancellation);
        var policy = string.Join(' ', page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'; script-src 'self'; style-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(page.Headers.GetValues("X-Content-Type-Options")));
        var text = await page.Content.ReadAsStringAsync(Cancellation);
        Assert.DoesNotContain(" style=", text, StringComparison.Ordinal);
        Assert.DoesNotMatch("<script(?! type=\"module\" src=)", text);

        using var request = new HttpRequestMessage(HttpMethod.Get, "api/state") { Headers = { Host = "evil.example" } };
        using var answer = await explorer.Client.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        using var missing = await explorer.Client.GetAsync("no-such-page", Cancellation);
        await AssertProblem(missing, HttpStatusCode.NotFound, null);
        using var audit = await explorer.Client.GetAsync("api/audits/none/report", Cancellation);
        await AssertProblem(audit, HttpStatusCode.NotFound, "There is no audit 'none'");
    }

    [Fact]
    public async Task The_health_is_that_of_the_models() => Assert.Equal("Healthy", await explorer.Client.GetStringAsync("health", Cancellation));

    [Fact]
    public async Task What_a_killed_process_left_is_removed_at_the_next_start_and_what_a_living_one_has_is_not()
    {
        var cache = Directory.CreateTempSubdirectory("explorer-scratch-").FullName;
        var scratch = Path.Combine(cache, "scratch");
        var left = Directory.CreateDirectory(Path.Combine(scratch, "left")).FullName;
        await File.WriteAllTextAsync(Path.Combine(left, "in-use"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(left, "half.onnx"), "half", Cancellation);

        using (var first = await RunningExplorer.StartAsync(models, "--cache", cache))
        {
            Assert.False(Directory.Exists(left));
            var living = Assert.Single(Directory.GetDirectories(scratch));
            using var second = await RunningExplorer.StartAsync(models, "--cache", cache);
            Assert.True(Directory.Exists(living));
            Assert.Equal(2, Directory.GetDirectories(scratch).Length);
        }
        // Both were killed, and left theirs.
        Assert.Equal(2, Directory.GetDirectories(scratch).Length);
        using (var third = await RunningExplorer.StartAsync(models, "--cache", cache))
            Assert.Single(Directory.GetDirectories(scratch));
        Directory.Delete(cache, recursive: true);
    }

    [Theory]
    [InlineData("--robust is given without --plain", "--robust", "a.onnx")]
    [InlineData("--images is given without models", "--images", "letters")]
    [InlineData("--concurrent-attacks is 0", "--concurrent-attacks", "0")]
    public void An_explorer_that_cannot_serve_does_not_start(string sentence, params string[] arguments)
    {
        var failure = Assert.Throws<InvalidOperationException>(() =>
        {
            using var started = new RunningExplorer(arguments);
        });

        Assert.Contains("exit code 1.", failure.Message, StringComparison.Ordinal);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Models_that_are_not_there_end_the_explorer()
    {
        using var started = new RunningExplorer("--robust", "no-such.onnx", "--plain", models.Plain, "--cache", models.Folder);

        await started.Process.WaitForExitAsync(Cancellation).WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        Assert.Equal(1, started.Process.ExitCode);
    }

    private static async Task AssertProblem(HttpResponseMessage answer, HttpStatusCode status, string? detail)
    {
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        if (detail is not null)
            Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
