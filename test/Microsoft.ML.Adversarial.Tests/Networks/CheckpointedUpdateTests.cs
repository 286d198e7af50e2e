using System.Runtime.InteropServices;
using Microsoft.ML.Adversarial.Tests.Common;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Networks;

/// <summary>What a checkpointed update holds. That it computes what a plain one does, bit for bit, the tests of training show.</summary>
[Collection(ProcessWideGenerator.Name)]
public class CheckpointedUpdateTests
{
    /// <summary>The stem's input, each block's, the head's, the logits, and those that the caller holds.</summary>
    [Fact]
    public void Between_the_passes_it_holds_one_tensor_for_each_block_and_none_after_them()
    {
        using var network = TinyNetworks.Fresh(TinyNetworks.Mixture);
        using var images = TinyNetworks.Images(TinyNetworks.Mixture, 2);
        using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints: true);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (var scope = NewDisposeScope())
        {
            var loss = update.Logits(images, ImageDomain.Clean).sum();
            Assert.Equal(before + network.Segments.Count + 3, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
            update.Backward(loss);
            Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        }
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Disposing_frees_what_is_kept_for_a_way_back_that_was_not_taken()
    {
        using var network = TinyNetworks.Fresh(TinyNetworks.Group);
        using var images = TinyNetworks.Images(TinyNetworks.Group, 2);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        using (var scope = NewDisposeScope())
        using (var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints: true))
            update.Logits(images, images);

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_way_forward_that_fails_leaves_nothing_behind()
    {
        using var network = TinyNetworks.Fresh(TinyNetworks.Mixture);
        using var images = ones(2, 1, 16, 16);
        using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints: true);
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Assert.ThrowsAny<ExternalException>(() => update.Logits(images, ImageDomain.Clean));

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    /// <summary>
    /// A plain update keeps four activations of each block's size for the way back (what enters either convolution and either normalisation), a checkpointed one one.
    /// Measured in the C library's heap, where torch's tensors lie, so that what only the gradient's graph holds counts too.
    /// </summary>
    [Fact]
    public void A_deep_network_s_update_needs_less_than_half_the_memory()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallinfo2", out _), "mallinfo2 is glibc's own.");
        var architecture = TinyNetworks.Architecture(TinyNetworks.Plain) with { Backbone = new ResNet(74) { Width = 8 } };
        using var network = ImageNetwork.Create(architecture, CPU, new Seed(1));

        Peak(network, checkpoints: false);
        var plain = Peak(network, checkpoints: false);
        var checkpointed = Peak(network, checkpoints: true);

        Assert.True(plain > 10e6, $"{plain} bytes: too few to be told from noise");
        Assert.True(checkpointed < plain / 2, $"{checkpointed} of {plain} bytes");
    }

    /// <summary>The most bytes in use at the end of the way forward and, looked at from beside it again and again, on the way back.</summary>
    private static double Peak(ImageNetwork network, bool checkpoints)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var scope = NewDisposeScope();
        foreach (var parameter in network.parameters())
            parameter.grad = zeros_like(parameter);
        var images = TinyNetworks.Images(network.Architecture.Image, 32);
        var before = BytesInUse();
        using var update = network.ForUpdate(NormalizationStatistics.Batch, checkpoints);
        var loss = update.Logits(images, ImageDomain.Clean).sum();
        var peak = BytesInUse();
        using var isDone = new ManualResetEventSlim();
        var watcher = new Thread(() =>
        {
            while (!isDone.Wait(TimeSpan.FromMilliseconds(1)))
                peak = Math.Max(peak, BytesInUse());
        });
        watcher.Start();
        update.Backward(loss);
        isDone.Set();
        watcher.Join();
        return peak - before;
    }

    private static double BytesInUse()
    {
        var heap = MallInfo2();
        return heap.MappedBytes + (double)heap.BytesInUse;
    }

    [DllImport("libc", EntryPoint = "mallinfo2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern HeapInfo MallInfo2();

    /// <summary>glibc's struct mallinfo2: arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct HeapInfo
    {
        private readonly nuint arena, freeChunks, fastChunks, mappedChunks;

        public readonly nuint MappedBytes;

        private readonly nuint unused, fastBytes;

        public readonly nuint BytesInUse;

        private readonly nuint freeBytes, trimmable;
    }
}
