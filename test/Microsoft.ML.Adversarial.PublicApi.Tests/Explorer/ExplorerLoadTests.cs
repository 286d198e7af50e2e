using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.ML.Data;
using Tooling.ImageData;
using Tooling.Models;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>2,000 scoring requests from 16 clients and 100 attacks on loopback, and then as many again, which must not need more memory. ADVERSARIAL_LOAD switches it on.</summary>
[Collection(SharedExplorer.Name)]
public sealed class ExplorerLoadTests
{
    private const int Requests = 2000, Clients = 16, Attacks = 100, AttackClients = 8;

    /// <summary>What the process may hold more at the end than after the same load before: every client then had its engine.</summary>
    private const long Growth = 50 << 20;

    private readonly ExplorerModels models;

    public ExplorerLoadTests(SharedExplorer shared)
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_LOAD") == "true", "Slow: set ADVERSARIAL_LOAD to true.");
        models = shared.Models;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Under_load_every_answer_is_right_or_says_when_to_come_back()
    {
        var images = TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 1, seed: 1, models.Letters).Test.TakeEvenly(200);
        var (robust, plain) = (Offline(models.Robust, images), Offline(models.Plain, images));
        var files = images.Images.Select(image => File.ReadAllBytes(image.Path)).ToList();
        using var explorer = await RunningExplorer.StartAsync(models, "--concurrent-attacks", "1", "--waiting-attacks", "2");
        var cold = Memory(explorer);
        await LoadAsync([]);
        var warm = Memory(explorer);

        var outcomes = new ConcurrentBag<HttpStatusCode>();
        await LoadAsync(outcomes);

        Assert.Equal(Attacks, outcomes.Count(outcome => outcome == HttpStatusCode.OK));
        // Eight ask, one is served, two wait.
        Assert.Contains(HttpStatusCode.ServiceUnavailable, outcomes);
        Assert.All(outcomes, outcome => Assert.True(outcome is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{outcome}"));
        var grown = Memory(explorer) - warm;
        Assert.True(grown < Growth, $"The process holds {grown >> 20} MiB more than when it was warm, {warm >> 20} MiB.");
        TestContext.Current.SendDiagnosticMessage($"{outcomes.Count - Attacks} attacks were sent away before each was served; the process grew by {grown >> 20} MiB from {warm >> 20} MiB, which were {cold >> 20} before any load.");

        Task LoadAsync(ConcurrentBag<HttpStatusCode> told) => Task.WhenAll(ScoreAsync(explorer, files, robust, plain, Requests), AttackAsync(explorer, files, told));
    }

    /// <summary>Asks about the images in turn, and compares every answer with the offline one.</summary>
    private static async Task ScoreAsync(RunningExplorer explorer, List<byte[]> files, int[] robust, int[] plain, int requests)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < requests)
            {
                var place = number % files.Count;
                using var answer = await explorer.PostAsync("api/predictions", files[place]);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                var told = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("models");
                Assert.Equal((robust[place], plain[place]), (told.GetProperty("robust").GetProperty("class").GetInt32(), told.GetProperty("plain").GetProperty("class").GetInt32()));
            }
        }));
    }

    /// <summary>Who is sent away comes back a little later, sooner than told, until every attack is served.</summary>
    private static async Task AttackAsync(RunningExplorer explorer, List<byte[]> files, ConcurrentBag<HttpStatusCode> outcomes)
    {
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, AttackClients).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number < Attacks)
                while (await AttackAsync(explorer, files[number]) is var outcome)
                {
                    outcomes.Add(outcome);
                    if (outcome != HttpStatusCode.ServiceUnavailable)
                        break;
                    await Task.Delay(200, Cancellation);
                }
        }));
    }

    private static async Task<HttpStatusCode> AttackAsync(RunningExplorer explorer, byte[] file)
    {
        using var answer = await explorer.PostAsync("api/attacks?steps=20&epsilon=0", file);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            Assert.NotNull(answer.Headers.RetryAfter);
        else
            Assert.Contains("event: done", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        return answer.StatusCode;
    }

    private static int[] Offline(string file, ImageSet images)
    {
        var ml = new MLContext(seed: 1);
        using var model = ml.Adversarial().LoadNetwork(file);
        return [.. model.Transform(DeployedImages.Prepare(ml, images, model)).GetColumn<float[]>("Score").Select(scores => Array.IndexOf(scores, scores.Max()))];
    }

    private static long Memory(RunningExplorer explorer)
    {
        explorer.Process.Refresh();
        return explorer.Process.WorkingSet64;
    }
}
