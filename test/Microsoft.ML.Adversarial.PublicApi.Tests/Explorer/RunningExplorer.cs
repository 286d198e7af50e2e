using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>The explorer in a process of its own, on a port that the system chose, with a visitor's cookies and token.</summary>
internal sealed class RunningExplorer : IDisposable
{
    private const string Listening = "Now listening on: ";

    private readonly Task<string[]> rest;

    public RunningExplorer(params string[] arguments)
        : this(new Dictionary<string, string>(), arguments)
    {
    }

    public RunningExplorer(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(RunningProgram.FolderOf("src/Samples/RobustnessExplorer"), "RobustnessExplorer.dll"), "--urls", "http://127.0.0.1:0", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = RunningProgram.Root,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        Process = Process.Start(start)!;
        var said = new List<string>();
        while (Process.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            // The server's own line has a mark before it.
            if (!line.StartsWith(Listening, StringComparison.Ordinal))
                continue;
            Client = new HttpClient { BaseAddress = new Uri(line[Listening.Length..]), Timeout = TimeSpan.FromMinutes(5) };
            // A pipe that nobody reads fills.
            rest = Task.WhenAll(Process.StandardOutput.ReadToEndAsync(), Process.StandardError.ReadToEndAsync());
            return;
        }
        var errors = Process.StandardError.ReadToEnd();
        Process.WaitForExit();
        using (Process)
            throw new InvalidOperationException($"The explorer ended with exit code {Process.ExitCode}. {string.Join('\n', said)}{errors}");
    }

    /// <summary>Scores with the small networks, once it is ready.</summary>
    public static async Task<RunningExplorer> StartAsync(ExplorerModels models, params string[] arguments)
    {
        var explorer = new RunningExplorer(["--robust", models.Robust, "--plain", models.Plain, .. arguments.Contains("--cache") ? (string[])[] : ["--cache", models.Folder], .. arguments]);
        await explorer.WaitUntilReadyAsync(TimeSpan.FromMinutes(2));
        return explorer;
    }

    public Process Process { get; }

    public HttpClient Client { get; }

    /// <summary>What stands in the header of requests that change or cost something.</summary>
    public string Token { get; private set; } = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task WaitUntilReadyAsync(TimeSpan limit)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var state = await GetAsync("api/state");
            if (state.GetProperty("ready").GetBoolean())
                break;
            Assert.True(state.GetProperty("failure").ValueKind == JsonValueKind.Null, $"{state}");
            Assert.True(clock.Elapsed < limit, $"The models are not ready after {limit}.");
            await Task.Delay(200, Cancellation);
        }
        Token = (await GetAsync("api/session")).GetProperty("token").GetString()!;
    }

    public async Task<JsonElement> GetAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path, Cancellation);

    /// <summary>Posts a body; the client waits for the server's leave to send it, so that a refusal is read and not a broken connection.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body ?? []) };
        request.Headers.ExpectContinue = body?.Length > 0;
        request.Headers.Add("X-Token", Token);
        return await Client.SendAsync(request, Cancellation);
    }

    public async Task<JsonElement> PostJsonAsync(string path, byte[]? body = null)
    {
        using var answer = await PostAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    /// <summary>An attack to its end.</summary>
    public async Task<List<(string Name, JsonElement Data)>> AttackAsync(string query, byte[]? body = null)
    {
        using var answer = await PostAsync($"api/attacks?{query}", body);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block => block.Split('\n'))
            .Select(lines => (lines[0]["event: ".Length..], JsonSerializer.Deserialize<JsonElement>(lines[1]["data: ".Length..])))];
    }

    /// <summary>The accuracies, once they are measured.</summary>
    public async Task<JsonElement> CurvesAsync()
    {
        while (true)
        {
            using var answer = await Client.GetAsync("api/curves", Cancellation);
            if (answer.StatusCode == HttpStatusCode.OK)
                return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (answer.StatusCode, answer.Headers.RetryAfter is not null));
            await Task.Delay(200, Cancellation);
        }
    }

    public void Dispose()
    {
        Client.Dispose();
        Process.Kill();
        Process.WaitForExit();
        rest.Wait();
        Process.Dispose();
    }
}
