using System.Net;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>Without models the explorer trains its own, once.</summary>
[Collection(SharedExplorer.Name)]
public sealed class FirstStartTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("explorer-first-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task On_the_first_start_both_models_are_trained_in_sight_and_kept_for_the_next()
    {
        using (var first = new RunningExplorer("--cache", folder, "--training-images", "3"))
        {
            var seen = new HashSet<string>();
            JsonElement state;
            while (!(state = await first.GetAsync("api/state")).GetProperty("ready").GetBoolean())
            {
                foreach (var training in state.GetProperty("trainings").EnumerateObject())
                    seen.Add(training.Name);
                Assert.True(state.GetProperty("failure").ValueKind == JsonValueKind.Null, $"{state}");
                if (seen.Count < 2)
                {
                    using var early = await first.Client.GetAsync("api/models", TestContext.Current.CancellationToken);
                    Assert.True(early.StatusCode == HttpStatusCode.OK || early.StatusCode == HttpStatusCode.ServiceUnavailable && early.Headers.RetryAfter is not null);
                }
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
            Assert.Equal(["plain", "robust"], state.GetProperty("trainings").EnumerateObject().Select(training => training.Name).Order());
            Assert.All(state.GetProperty("trainings").EnumerateObject(), training => Assert.Equal(1, training.Value.GetProperty("share").GetDouble()));
            Assert.NotEmpty(seen);
        }
        var trained = File.GetLastWriteTimeUtc(Path.Combine(folder, "robust.onnx"));

        using var second = new RunningExplorer("--cache", folder);
        await second.WaitUntilReadyAsync(TimeSpan.FromMinutes(1));

        Assert.Empty((await second.GetAsync("api/state")).GetProperty("trainings").EnumerateObject());
        Assert.Equal(trained, File.GetLastWriteTimeUtc(Path.Combine(folder, "robust.onnx")));
    }

    /// <summary>As a user follows the README. ADVERSARIAL_FIRST_START switches it on.</summary>
    [Fact]
    public async Task The_usual_first_start_is_ready_within_6_minutes_with_models_that_differ_under_attack()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("ADVERSARIAL_FIRST_START") == "true", "Slow: set ADVERSARIAL_FIRST_START to true.");
        using var explorer = new RunningExplorer("--cache", folder);
        await explorer.WaitUntilReadyAsync(TimeSpan.FromMinutes(6));
        var curves = await explorer.CurvesAsync();

        var (robust, plain) = (AccuracyWithin12("robust"), AccuracyWithin12("plain"));
        Assert.True(robust > plain + 0.3, $"Within 12 grey levels {robust:p0} of the images withstand with the robust model and {plain:p0} with the plain one.");

        double AccuracyWithin12(string model) => curves.GetProperty("epsilons").EnumerateArray().Zip(curves.GetProperty(model).EnumerateArray())
            .Single(pair => pair.First.GetDouble() == 12).Second.GetProperty("accuracy").GetDouble();
    }

    [Fact]
    public async Task A_training_that_fails_is_told_in_the_page_and_in_the_health()
    {
        // The letters cannot be unpacked where something else has their name.
        Directory.CreateDirectory(Path.Combine(folder, "letters"));
        using var failing = new RunningExplorer("--cache", folder);
        JsonElement state;
        while ((state = await failing.GetAsync("api/state")).GetProperty("failure").ValueKind == JsonValueKind.Null)
            await Task.Delay(100, TestContext.Current.CancellationToken);

        Assert.Contains("holds no folder 'train'", state.GetProperty("failure").GetString(), StringComparison.Ordinal);
        using var health = await failing.Client.GetAsync("health", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
    }
}
