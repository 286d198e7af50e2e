using System.Collections.Concurrent;
using System.Threading.Channels;
using Samples.RobustnessExplorer.Models;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Audits;

/// <summary>Audits one after another, a few waiting; the last ones' reports are kept.</summary>
public sealed class AuditService(ExplorerSettings settings, ExplorerState state, ExplorerMetrics metrics, ILogger<AuditService> logger) : BackgroundService
{
    private const int MostWaiting = 3, MostKept = 16;

    private readonly Channel<Audit> waiting = Channel.CreateBounded<Audit>(MostWaiting);
    private readonly ConcurrentDictionary<string, Audit> known = [];
    private readonly ConcurrentQueue<string> ended = [];

    /// <exception cref="RefusedException">As many wait as may; said before an upload is read.</exception>
    public void CheckRoom()
    {
        if (waiting.Reader.Count >= MostWaiting)
            throw RefusedException.Busy($"{MostWaiting} audits wait; expected to be asked again later.", retryAfterSeconds: 30);
    }

    /// <exception cref="RefusedException">As many wait as may.</exception>
    public void Add(Audit audit)
    {
        known[audit.Id] = audit;
        if (waiting.Writer.TryWrite(audit))
            return;
        known.TryRemove(audit.Id, out _);
        CheckRoom();
        throw RefusedException.Busy("The service ends.", retryAfterSeconds: 30);
    }

    /// <exception cref="RefusedException">There is none, or it is no longer kept.</exception>
    public Audit Find(string id) => known.TryGetValue(id, out var audit) ? audit : throw new RefusedException(StatusCodes.Status404NotFound, $"There is no audit '{id}'; the last {MostKept} are kept.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var audit in waiting.Reader.ReadAllAsync(stoppingToken))
        {
            await Task.Run(() => Run(audit, stoppingToken), CancellationToken.None);
            ended.Enqueue(audit.Id);
            while (ended.Count > MostKept && ended.TryDequeue(out var oldest))
                known.TryRemove(oldest, out _);
        }
    }

    /// <summary>Whatever an uploaded model makes of its evaluation is told to whom uploaded it, and ends no service.</summary>
    private void Run(Audit audit, CancellationToken stopping)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.AuditSeconds));
        using (audit)
            try
            {
                audit.Report = new AuditRun(audit, state.Models, settings, limit.Token).Run();
                audit.State = new AuditState("done", "done", 1);
            }
            catch (OperationCanceledException)
            {
                audit.State = new AuditState("failed", $"stopped after {settings.AuditSeconds} seconds", 1);
            }
            catch (Exception exception)
            {
                logger.LogWarning(exception, "An audit has failed.");
                audit.State = new AuditState("failed", $"cannot be measured: {exception.GetBaseException().Message}", 1);
            }
        metrics.Audited(audit.State.Outcome);
    }
}
