using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Microsoft.ML.Adversarial.Tests.Common;

/// <summary>Hears what the library reports while it lives, on behalf of this test alone: others may run beside it, and are known by another trace.</summary>
internal sealed class TelemetryRecorder : IDisposable
{
    private readonly Activity root = new Activity("test").Start();
    private readonly MeterListener meters = new();
    private readonly ActivityListener activities;

    public TelemetryRecorder()
    {
        activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == AdversarialTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.TraceId == root.TraceId)
                    Activities.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(activities);
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != AdversarialTelemetry.Name)
                return;
            Instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
        meters.Start();
    }

    public List<Instrument> Instruments { get; } = [];

    /// <summary>In the order in which they ended.</summary>
    public List<Activity> Activities { get; } = [];

    private List<(string Instrument, double Value, string Tag)> Measurements { get; } = [];

    public IReadOnlyList<Activity> Named(string activity) => [.. Activities.Where(ended => ended.OperationName == activity)];

    /// <param name="instrument">Its name.</param>
    /// <param name="tag">The value of its one tag; "" for an instrument without.</param>
    public IReadOnlyList<double> Values(string instrument, string tag = "") => [.. Measurements.Where(heard => (heard.Instrument, heard.Tag) == (instrument, tag)).Select(heard => heard.Value)];

    public IReadOnlySet<string> Tags(string instrument) => Measurements.Where(heard => heard.Instrument == instrument).Select(heard => heard.Tag).ToHashSet();

    public void Dispose()
    {
        meters.Dispose();
        activities.Dispose();
        root.Stop();
    }

    private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (Activity.Current?.TraceId == root.TraceId)
            Measurements.Add((instrument.Name, value, tags.Length == 0 ? "" : $"{tags[0].Value}"));
    }
}
