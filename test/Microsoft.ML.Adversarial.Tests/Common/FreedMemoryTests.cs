using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Common;

/// <summary>Alone, for what a process has resident is of all its threads.</summary>
[CollectionDefinition(nameof(FreedMemoryTests), DisableParallelization = true)]
[Collection(nameof(FreedMemoryTests))]
public sealed class FreedMemoryTests
{
    private const long Megabyte = 1 << 20;

    /// <summary>Together; the tensors are of 8 MB, as activations are, the largest still smaller than the heap of a thread.</summary>
    private const long Used = 192 * Megabyte;

    /// <summary>Of what else a process does meanwhile.</summary>
    private const long Slack = 48 * Megabyte;

    private static bool IsGlibc => OperatingSystem.IsLinux() && !RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);

    [Fact]
    public void Within_kept_memory_freed_tensors_leave_their_pages_to_the_next_and_afterwards_all_go_back()
    {
        Assert.SkipUnless(IsGlibc, "Others than glibc are left as they are.");
        var before = ResidentWithNothingFree();
        using (FreedMemory.Kept())
        {
            UseMemory();
            Assert.InRange(Resident(), before + Used - Slack, long.MaxValue);
            using (FreedMemory.Kept())
                UseMemory();
            Assert.InRange(Resident(), before + Used - Slack, before + Used + Slack);
        }
        Assert.InRange(Resident(), 0, before + Slack);
    }

    [Fact]
    public void What_is_done_once_leaves_nothing_behind_and_within_kept_memory_what_follows_is_kept_again()
    {
        Assert.SkipUnless(IsGlibc, "Others than glibc are left as they are.");
        var before = ResidentWithNothingFree();
        using var kept = FreedMemory.Kept();
        UseMemory();
        using (FreedMemory.ReturnedAtOnce())
        {
            Assert.InRange(Resident(), 0, before + Slack);
            UseMemory();
        }
        var after = Resident();
        Assert.InRange(after, 0, before + Slack);
        UseMemory();
        Assert.InRange(Resident(), after + Used - Slack, long.MaxValue);
    }

    [Fact]
    public void Disposing_twice_ends_it_once()
    {
        Assert.SkipUnless(IsGlibc, "Others than glibc are left as they are.");
        var before = ResidentWithNothingFree();
        using var outer = FreedMemory.Kept();
        var inner = FreedMemory.Kept();
        inner.Dispose();
        inner.Dispose();
        UseMemory();
        Assert.InRange(Resident(), before + Used - Slack, long.MaxValue);
    }

    private static void UseMemory()
    {
        using var scope = NewDisposeScope();
        for (var used = 0L; used < Used; used += 8 * Megabyte)
            _ = ones([2 * Megabyte]);
    }

    /// <summary>What tests before this one freed and nobody gave back would be taken first.</summary>
    private static long ResidentWithNothingFree()
    {
        FreedMemory.Kept().Dispose();
        return Resident();
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Environment.WorkingSet;
    }
}
