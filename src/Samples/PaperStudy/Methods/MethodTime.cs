namespace Samples.PaperStudy.Methods;

/// <summary>What an epoch of a method takes on a machine that does nothing else: the content of a file in the folder <c>methods</c>, the same for all seeds and for a study that goes on.</summary>
public sealed record MethodTime
{
    /// <summary>What a clock can tell.</summary>
    public const double Shortest = 0.001;

    public required MethodSettings Settings { get; init; }

    public required double EpochSeconds { get; init; }
}
