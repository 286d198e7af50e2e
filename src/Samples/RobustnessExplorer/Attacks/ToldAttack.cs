using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Models;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Attacks;

/// <summary>The attack on both models as server-sent events; the data of each is JSON.</summary>
public sealed class ToldAttack(ModelPair models, AskedImage image, AttackPlan plan, ExplorerSettings settings, ExplorerMetrics metrics)
{
    /// <summary>Events that may wait for a slow reader before the attack waits for it, too.</summary>
    private const int Waiting = 32;

    /// <param name="turn">Given back when the attack ends, however it does.</param>
    /// <param name="cancellation">The reader is gone.</param>
    public async IAsyncEnumerable<SseItem<string>> RunAsync(IDisposable turn, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var held = turn;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.AttackSeconds));
        var events = Channel.CreateBounded<SseItem<string>>(Waiting);
        var attack = Task.Run(() => Attack(events.Writer, limit.Token), CancellationToken.None);
        try
        {
            await foreach (var told in events.Reader.ReadAllAsync(cancellation))
                yield return told;
        }
        finally
        {
            // Who reads no further leaves no attack behind.
            await limit.CancelAsync();
            await attack;
        }
    }

    private void Attack(ChannelWriter<SseItem<string>> writer, CancellationToken limit)
    {
        try
        {
            Parallel.ForEach(models.Both, new ParallelOptions { CancellationToken = limit }, model =>
            {
                using var measured = metrics.Attack(plan.Attack.Name, model.Name);
                measured.IsBroken = new AttackRun(model, plan, image, Tell, limit).Run().IsBroken;
            });
            Tell("done", new { });
        }
        catch (Exception exception) when (exception is OperationCanceledException || exception is AggregateException { InnerExceptions: var all } && all.All(one => one is OperationCanceledException))
        {
            // Not awaited for: of a reader that is gone there is nobody to tell.
            writer.TryWrite(Event("stopped", new { message = $"The attack was stopped after {settings.AttackSeconds} seconds." }));
        }
        catch (Exception exception)
        {
            metrics.Failed();
            writer.TryWrite(Event("stopped", new { message = $"The attack failed: {exception.GetBaseException().Message}" }));
        }
        finally
        {
            writer.Complete();
        }

        void Tell(string name, object data) => writer.WriteAsync(Event(name, data), limit).AsTask().GetAwaiter().GetResult();
    }

    private static SseItem<string> Event(string name, object data) => new(JsonSerializer.Serialize(data, JsonSerializerOptions.Web), name);
}
