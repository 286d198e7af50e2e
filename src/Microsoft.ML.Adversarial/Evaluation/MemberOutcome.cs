
namespace Microsoft.ML.Adversarial;

/// <summary>What one attack, or one member of an ensemble, met and broke.</summary>
internal sealed class MemberOutcome(Attack attack)
{
    public Attack Attack { get; } = attack;

    /// <summary>Examples that were still classified as labelled when it came.</summary>
    public long Met { get; private set; }

    public long Broken { get; private set; }

    public TimeSpan Elapsed { get; private set; }

    public void Add(EvaluatedImages images, int broken)
    {
        Met += images.Positions.Length;
        Broken += broken;
        Elapsed += TimeSpan.FromSeconds(images.Seconds);
    }
}
