using System.Net;
using System.Text;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>A collector that the environment names gets the explorer's metrics in OpenTelemetry's protocol.</summary>
[Collection(SharedExplorer.Name)]
public sealed class ExplorerTelemetryTests(SharedExplorer shared)
{
    [Fact]
    public async Task Metrics_reach_the_collector_that_the_environment_names()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var collector = new HttpListener();
        var address = $"http://127.0.0.1:{FreePort()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        using var explorer = new RunningExplorer(
            new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_METRIC_EXPORT_INTERVAL"] = "500" },
            "--robust", shared.Models.Robust, "--plain", shared.Models.Plain, "--cache", shared.Models.Folder);
        var wanted = new HashSet<string> { "explorer.predictions", "explorer.attack.duration", "explorer.refusals", "http.server.request.duration" };
        var asking = AskAsync(explorer);

        while (wanted.Count > 0)
        {
            var context = await collector.GetContextAsync().WaitAsync(TimeSpan.FromMinutes(2), cancellation);
            Assert.Equal("/v1/metrics", context.Request.Url!.AbsolutePath);
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body, cancellation);
            var told = Encoding.Latin1.GetString(body.ToArray());
            wanted.RemoveWhere(name => told.Contains(name, StringComparison.Ordinal));
            context.Response.Close();
        }
        await asking;
    }

    private async Task AskAsync(RunningExplorer explorer)
    {
        await explorer.WaitUntilReadyAsync(TimeSpan.FromMinutes(2));
        await explorer.PostJsonAsync("api/predictions?image=0");
        await explorer.AttackAsync("image=0&steps=2");
        using var refused = await explorer.PostAsync("api/predictions?image=99");
    }

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }
}
