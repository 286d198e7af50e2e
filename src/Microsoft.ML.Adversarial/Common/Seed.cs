using System.Text;
using TorchSharp;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A place in a tree of named random streams. Every consumer of randomness (weights, order, augmentation, attack) draws from a stream of its own,
/// so that adding a draw to one never moves another, and a run can be split or resumed. Nothing here touches a process-wide generator.
/// </summary>
internal readonly record struct Seed(ulong Value)
{
    internal const ulong FirstFactor = 0xbf58476d1ce4e5b9UL, SecondFactor = 0x94d049bb133111ebUL;

    public Seed For(string name) => new(Mix(Value ^ Spread(name)));

    public Seed For(long number) => new(Mix(Value + Step(number)));

    /// <summary>Always on the CPU, so that a run draws the same numbers on every device.</summary>
    public torch.Generator TorchGenerator() => new(Value, torch.CPU);

    public Random Random() => new((int)(Value >> 33));

    /// <summary>Uniform in [0, 1), a function of the seed alone.</summary>
    public double Uniform() => (Mix(Value) >> 11) * (1.0 / (1UL << 53));

    /// <summary>FNV-1a over the name, spread by the finaliser.</summary>
    internal static ulong Spread(string name)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var letter in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ letter) * 0x100000001b3UL;
        return Mix(hash);
    }

    /// <summary>How far SplitMix64's counter is at a number.</summary>
    internal static ulong Step(long number) => 0x9e3779b97f4a7c15UL * (ulong)(number + 1);

    /// <summary>The finaliser of SplitMix64 (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * FirstFactor;
        z = (z ^ (z >> 27)) * SecondFactor;
        return z ^ (z >> 31);
    }
}
