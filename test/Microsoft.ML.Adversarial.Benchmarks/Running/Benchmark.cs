namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>One thing that is done in several ways, each timed.</summary>
/// <param name="name">What <c>--filter</c> looks at.</param>
/// <param name="purpose">What is compared, in words.</param>
/// <param name="rounds">Where the command line says nothing.</param>
internal abstract class Benchmark(string name, string purpose, int rounds)
{
    public string Name => name;

    public string Purpose => purpose;

    public int Rounds => rounds;

    /// <summary>Makes all that is not to be timed.</summary>
    public abstract Race Prepare(Workshop workshop);
}
