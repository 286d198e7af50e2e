namespace Microsoft.ML.Adversarial.Tests.Common;

/// <summary>Tests that look at torch's process-wide generator, or move it, run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class ProcessWideGenerator
{
    public const string Name = "process-wide generator";
}
