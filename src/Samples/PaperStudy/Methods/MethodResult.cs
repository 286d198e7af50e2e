namespace Samples.PaperStudy.Methods;

/// <summary>What a method gave with one seed: the content of a file in the folder <c>methods</c>.</summary>
public sealed record MethodResult
{
    public required string Method { get; init; }

    public required int Seed { get; init; }

    public required MethodSettings Settings { get; init; }

    /// <summary>As many as fitted into the time.</summary>
    public required int Epochs { get; init; }

    /// <summary>What ended the training before its end, its loss no longer being a number for example; null where nothing did.</summary>
    public string? Failure { get; init; }

    /// <summary>Null where training failed.</summary>
    public required MethodMeasures? Measures { get; init; }
}
