using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>What the service does, in numbers that OpenTelemetry collects beside those of the library and of ASP.NET Core.</summary>
public sealed class ExplorerMetrics
{
    public const string Name = "Samples.RobustnessExplorer";

    private readonly Counter<long> predictions, refusals, failures, audits;
    private readonly Histogram<double> attacks;

    public ExplorerMetrics(IMeterFactory factory)
    {
        var meter = factory.Create(Name);
        predictions = meter.CreateCounter<long>("explorer.predictions", "{image}", "Images that both models were asked about.");
        refusals = meter.CreateCounter<long>("explorer.refusals", "{request}", "Requests that were not served, by status.");
        failures = meter.CreateCounter<long>("explorer.failures", "{attack}", "Attacks that ended with an error.");
        audits = meter.CreateCounter<long>("explorer.audits", "{model}", "Audits that have ended, by outcome.");
        attacks = meter.CreateHistogram<double>("explorer.attack.duration", "s", "An attack on one image, by attack, model and outcome.");
    }

    public void Predicted() => predictions.Add(1);

    public void Refused(int status) => refusals.Add(1, new KeyValuePair<string, object?>("status", status));

    public void Failed() => failures.Add(1);

    public void Audited(string outcome) => audits.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    /// <summary>Measures an attack until it is disposed.</summary>
    public Measured Attack(string attack, string model) => new(this, attack, model);

    public sealed class Measured(ExplorerMetrics metrics, string attack, string model) : IDisposable
    {
        private readonly long started = Stopwatch.GetTimestamp();

        /// <summary>Null of an attack that did not end.</summary>
        public bool? IsBroken { get; set; }

        public void Dispose() => metrics.attacks.Record(
            Stopwatch.GetElapsedTime(started).TotalSeconds,
            new("attack", attack), new("model", model), new("outcome", IsBroken switch { true => "broken", false => "withstood", null => "stopped" }));
    }
}
