using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Templates;

/// <summary>The web template's application, on a port that the system chose.</summary>
internal sealed class RunningService : IDisposable
{
    private const string Listening = "Now listening on: ";
    private readonly Process process;
    private readonly Task<string[]> rest;

    public RunningService(string application, params string[] arguments)
    {
        process = Process.Start(BuiltTemplates.Start(application, ["--urls", "http://127.0.0.1:0", .. arguments]))!;
        var said = new List<string>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            said.Add(line);
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var found)
            {
                Client = new HttpClient { BaseAddress = new Uri(line[(found + Listening.Length)..]) };
                // A pipe that nobody reads fills.
                rest = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                return;
            }
        }
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        using (process)
            throw new InvalidOperationException($"The service ended with exit code {process.ExitCode}. {string.Join('\n', said)}{errors}");
    }

    public HttpClient Client { get; }

    /// <summary>Posts a body; the client waits for the server's leave to send it, so that a refusal is read and not a broken connection.</summary>
    public async Task<HttpResponseMessage> ClassifyAsync(HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "classify") { Content = content };
        request.Headers.ExpectContinue = true;
        return await Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public void Dispose()
    {
        Client.Dispose();
        process.Kill();
        process.WaitForExit();
        rest.Wait();
        process.Dispose();
    }
}
