namespace Samples.PaperStudy.Running;

/// <summary>How long the rest of the study takes at its pace so far, in the units of <see cref="Cells.CellCost"/>.</summary>
public sealed class TimeLeft(double totalCost, TimeProvider clock)
{
    private long start = clock.GetTimestamp();
    private double total = totalCost, finished, inHand;

    /// <summary>Null as long as nothing tells the pace.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            var done = finished + inHand;
            return done > 0 ? clock.GetElapsedTime(start) * (Math.Max(0, total - done) / done) : null;
        }
    }

    /// <summary>The work starts now.</summary>
    public void Start() => start = clock.GetTimestamp();

    /// <param name="cost">What of the part in hand is done.</param>
    public void Report(double cost) => inHand = cost;

    /// <summary>The part in hand is done.</summary>
    public void Finish(double cost)
    {
        finished += cost;
        inHand = 0;
    }

    /// <summary>A part needs no work after all.</summary>
    public void Skip(double cost) => total -= cost;
}
