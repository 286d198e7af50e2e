using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// The processes that <c>mpirun</c>, <c>mpiexec</c> or <c>srun</c> started, on one machine or on many: <c>mpirun -np 4 dotnet Application.dll</c>. MPI itself must be installed: Open MPI, MPICH or one of
/// its descendants, Microsoft MPI, or any that has the binary interface of MPI 5.
/// </summary>
/// <example>
/// <code>
/// var group = MpiGroup.World;
/// var trainer = ml.Adversarial().Trainers.ImageClassification(ImageClassificationRecipes.ImageNetAdversarial with
/// {
///     Distributed = group,
///     BatchSize = 32 * group.Size,
///     LearningRate = 0.1 * 32 * group.Size / 256,
///     Checkpoints = new CheckpointOptions("checkpoints"),
///     ResumeFrom = "checkpoints",
/// });
/// </code>
/// </example>
public sealed class MpiGroup : ProcessGroup
{
    private static readonly Lazy<MpiGroup> TheWorld = new(() => new MpiGroup(MpiLibrary.Load()));

    /// <summary>What launchers say of the number of processes: Open MPI's, MPICH's and those that know PMI, Microsoft's.</summary>
    private static readonly string[] SizeVariables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"];

    private readonly MpiLibrary library;
    private readonly Lock calls = new();

    private MpiGroup(MpiLibrary library)
    {
        this.library = library;
        library.Start();
        (Rank, Size) = (library.Rank(), library.Size());
        var announced = SizeVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(value => value is not null);
        if (Size == 1 && int.TryParse(announced, NumberStyles.None, CultureInfo.InvariantCulture, out var processes) && processes > 1)
            throw new InvalidOperationException(
                $"The launcher started {processes} processes, and {library.Family.Name}, which was loaded, knows one: it is another MPI than the launcher's. Expected the launcher's own; the environment variable {MpiLibrary.PathVariable} can name its file.");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Leave();
    }

    /// <summary>All of them. The first to ask starts MPI; it is ended when the process ends.</summary>
    /// <exception cref="DllNotFoundException">No MPI is installed, or not where it is looked for.</exception>
    /// <exception cref="InvalidOperationException">MPI does not start, or it is not that of the launcher.</exception>
    /// <exception cref="NotSupportedException">This MPI allows calls of one thread only.</exception>
    public static MpiGroup World => TheWorld.Value;

    /// <inheritdoc/>
    public override int Rank { get; }

    /// <inheritdoc/>
    public override int Size { get; }

    /// <summary>What this process has spent in sums over all ranks, with its waiting for slower ones.</summary>
    public TimeSpan TimeInSums { get; private set; }

    /// <summary>What went into those sums.</summary>
    public long BytesSummed { get; private set; }

    /// <summary>The ranks and the kind of MPI.</summary>
    /// <returns>As "rank 0 of 4, Open MPI".</returns>
    public override string ToString() => $"rank {Rank} of {Size}, {library.Family.Name}";

    internal override void Sum(double[] numbers) => Sum(MemoryMarshal.AsBytes(numbers.AsSpan()), numbers.Length, library.Family.Double);

    internal override void Sum(long[] numbers) => Sum(MemoryMarshal.AsBytes(numbers.AsSpan()), numbers.Length, library.Family.Long);

    internal override void Sum(Tensor numbers) => Sum(numbers.bytes, checked((int)numbers.numel()), library.Family.Float);

    internal override void End(string message)
    {
        Console.Error.WriteLine($"Rank {Rank} of {Size} ends the job: {message}");
        Console.Error.Flush();
        library.Abort();
    }

    private void Sum(Span<byte> numbers, int count, nint type)
    {
        if (IsAlone || count == 0)
            return;
        lock (calls)
        {
            var begin = Stopwatch.GetTimestamp();
            library.Sum(ref MemoryMarshal.GetReference(numbers), count, type);
            TimeInSums += Stopwatch.GetElapsedTime(begin);
            BytesSummed += numbers.Length;
        }
    }

    /// <summary>A rank that leaves because of an error would wait at the end for others, which wait for it elsewhere.</summary>
    private void Leave()
    {
        if (Environment.ExitCode == 0)
            library.Finish();
        else if (!IsAlone)
            library.Abort();
    }
}
