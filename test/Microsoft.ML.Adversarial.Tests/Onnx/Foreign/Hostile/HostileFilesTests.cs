using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Hostile;

/// <summary>
/// Whatever a file says, it is imported, and then runs and has a gradient, or it is refused with what is wrong; in little memory and time, and nothing is left behind. ADVERSARIAL_HOSTILE sets
/// how many files are tried, and ADVERSARIAL_HOSTILE_FIRST the first of them; the default keeps the tests short. Where the process itself ends, the file beside the tests' program says which one it was.
/// </summary>
[Collection(Alone)]
public class HostileFilesTests(ITestOutputHelper output)
{
    public const string Alone = "hostile files alone";

    /// <summary>Of what the process needed before: a few values of the largest that is allowed.</summary>
    private const long MostBytes = 1_500_000_000;

    private readonly List<string> faults = [];

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private static readonly string Current = Path.Combine(AppContext.BaseDirectory, "hostile-file.txt");

    private static int Count { get; } = int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_HOSTILE") ?? "400", CultureInfo.InvariantCulture);

    private static int First { get; } = int.Parse(Environment.GetEnvironmentVariable("ADVERSARIAL_HOSTILE_FIRST") ?? "0", CultureInfo.InvariantCulture);

    [Fact]
    public void Each_is_imported_and_runs_or_is_refused_in_little_memory_and_time()
    {
        var before = Peak();
        var (imported, refused) = (0, 0);
        var slowest = (Time: TimeSpan.Zero, What: "");
        var hungriest = (Bytes: 0L, What: "");
        for (var index = First; index < First + Count; index++)
        {
            var file = HostileFile.Of(index);
            File.WriteAllText(Current, $"{index} {file.What}");
            var (watch, peak) = (Stopwatch.StartNew(), Peak());
            if (IsImported($"{index} {file.What}", file))
                imported++;
            else
                refused++;
            if (watch.Elapsed > slowest.Time)
                slowest = (watch.Elapsed, $"{index} {file.What}");
            if (Peak() - peak > hungriest.Bytes)
                hungriest = (Peak() - peak, $"{index} {file.What}");
            if (watch.Elapsed > Longest)
                faults.Add($"{index} {file.What}: {watch.Elapsed}");
            Assert.True(Peak() - before < MostBytes, $"{(Peak() - before) / 1e9} GB up to {index} {file.What}");
        }
        File.Delete(Current);
        output.WriteLine($"{imported} imported, {refused} refused, {(Peak() - before) / 1e6:f0} MB more ({hungriest.What}), at most {slowest.Time.TotalSeconds:f1} s ({slowest.What})");
        Assert.Equal([], faults);
        Assert.True(imported > Count / 20 && refused > Count / 4, $"{imported} imported, {refused} refused: the test sees little");
    }

    [Fact]
    public void Long_chains_of_nodes_are_imported_and_endless_ones_refused_in_time()
    {
        foreach (var (operation, length) in new[] { ("Relu", 50_000), ("Identity", 50_000), ("Reshape", 50_000), ("Relu", 10_000), ("Reshape", 10_000) })
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(length == 10_000, IsImported(operation, HostileChain.Of(operation, length)));
            output.WriteLine($"{length} of {operation}: {watch.Elapsed.TotalSeconds:f1} s");
            Assert.True(watch.Elapsed < Longest, $"{watch.Elapsed} for {operation}");
        }
        Assert.Equal([], faults);
    }

    private bool IsImported(string what, HostileFile hostile)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        try
        {
            using var file = OnnxFile.Read(new MemoryStream(hostile.Bytes), "hostile.onnx", folder: null);
            using var foreign = Adversarial.ForeignNetwork.Read(file, new NetworkFileOptions { PixelLayout = hostile.IsClassifier ? null : PixelLayout.Planar }, hostile.IsClassifier);
            Run(foreign);
            return true;
        }
        catch (InvalidDataException exception)
        {
            if (!exception.Message.Contains("'hostile.onnx'", StringComparison.Ordinal))
                faults.Add($"{what}: {exception.Message}");
            return false;
        }
        catch (Exception exception)
        {
            faults.Add($"{what}: {exception}");
            return false;
        }
        finally
        {
            if (DisposeScopeManager.Statistics.ThreadTotalLiveCount - before is not 0 and var left)
                faults.Add($"{what}: {left} tensors are left");
        }
    }

    /// <summary>As attacks do.</summary>
    private static void Run(Adversarial.ForeignNetwork foreign)
    {
        using var scope = NewDisposeScope();
        var graph = foreign.Graph.Freeze(CPU);
        var image = foreign.Input.Image;
        var pixels = ones(1, image.Channels, image.Height, image.Width).Times(0.5).requires_grad_();
        var scores = graph.Forward(Activations.Given(pixels)).Values;
        var gradient = autograd.grad([scores.sum()], [pixels])[0];
        foreach (var tensor in graph.Tensors)
            tensor.Dispose();
        Assert.Equal(pixels.shape, gradient.shape);
    }

    private static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }
}

/// <summary>What a process needs at most is seen where nothing else runs in it.</summary>
[CollectionDefinition(HostileFilesTests.Alone, DisableParallelization = true)]
public class HostileFilesRunAlone;
