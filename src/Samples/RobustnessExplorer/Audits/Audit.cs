using Microsoft.ML.Adversarial;

namespace Samples.RobustnessExplorer.Audits;

/// <summary>An uploaded model on its way to a report. Model and report are kept in memory: there is no file to be left behind.</summary>
public sealed class Audit(AuditRequest request, DeployedClassifier model) : IDisposable
{
    private volatile AuditState state = new("waiting", "waits for its turn", 0);

    public string Id { get; } = $"{Guid.NewGuid():n}";

    public AuditRequest Request { get; } = request;

    public DeployedClassifier Model { get; } = model;

    public AuditState State
    {
        get => state;
        set => state = value;
    }

    /// <summary>Null until it is done.</summary>
    public string? Report { get; set; }

    public void Dispose() => Model.Dispose();
}
