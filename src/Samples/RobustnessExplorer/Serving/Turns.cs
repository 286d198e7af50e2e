using System.Threading.RateLimiting;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>So many at a time, so many waiting, and no more.</summary>
/// <param name="atATime">From 1.</param>
/// <param name="waiting">From 0.</param>
/// <param name="retryAfterSeconds">When whoever is sent away should come back.</param>
public sealed class Turns(int atATime, int waiting, int retryAfterSeconds) : IDisposable
{
    private readonly ConcurrencyLimiter limiter = new(new ConcurrencyLimiterOptions { PermitLimit = atATime, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });

    /// <returns>Disposed when the turn ends.</returns>
    /// <exception cref="RefusedException">As many as may wait already do.</exception>
    public async ValueTask<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        var turn = await limiter.AcquireAsync(1, cancellation);
        if (turn.IsAcquired)
            return turn;
        turn.Dispose();
        throw RefusedException.Busy($"{atATime} requests are worked on and {waiting} wait; expected to be asked again later.", retryAfterSeconds);
    }

    public void Dispose() => limiter.Dispose();
}
