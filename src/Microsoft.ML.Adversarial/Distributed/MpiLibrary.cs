using System.Runtime.InteropServices;
using System.Text;

namespace Microsoft.ML.Adversarial;

/// <summary>The MPI that is installed, loaded by its name: the few functions that are needed, and errors in words.</summary>
internal sealed class MpiLibrary
{
    /// <summary>A library's file in the place of those that are looked for.</summary>
    public const string PathVariable = "ADVERSARIAL_MPI_LIBRARY";

    private const int LongestError = 512;

    private readonly nint library;
    private readonly AllreduceFunction allreduce;
    private readonly ErrorFunction error;

    private MpiLibrary(nint library)
    {
        this.library = library;
        Family = MpiFamily.Of(library);
        allreduce = Function<AllreduceFunction>("MPI_Allreduce");
        error = Function<ErrorFunction>("MPI_Error_string");
    }

    private delegate int InitFunction(nint argumentCount, nint arguments, int required, out int provided);

    private delegate int FlagFunction(out int flag);

    private delegate int NumberFunction(nint communicator, out int number);

    private delegate int AllreduceFunction(nint send, ref byte receive, int count, nint type, nint operation, nint communicator);

    private delegate int AbortFunction(nint communicator, int code);

    private delegate int FinalizeFunction();

    private delegate int ErrorFunction(int code, byte[] text, out int length);

    public MpiFamily Family { get; }

    /// <exception cref="DllNotFoundException">There is none; the message says what was tried.</exception>
    public static MpiLibrary Load()
    {
        IReadOnlyList<string> names = Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } stated ? [stated] : Names();
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
                return NativeLibrary.TryGetExport(library, "MPI_Allreduce", out _)
                    ? new MpiLibrary(library)
                    : throw new DllNotFoundException($"'{name}' is no MPI: it exports no MPI_Allreduce. Expected the library of Open MPI, of MPICH or one of its descendants, of Microsoft MPI, or libmpi_abi of MPI 5.");
        }
        throw new DllNotFoundException(
            $"There is no MPI: none of {string.Join(", ", names)} can be loaded. Install Open MPI (on Debian and Ubuntu the package openmpi-bin), MPICH or Microsoft MPI, or let the environment variable {PathVariable} name the library's file.");
    }

    public void Start()
    {
        Check(Function<FlagFunction>("MPI_Initialized")(out var started), "MPI_Initialized");
        if (started != 0)
            return;
        Check(Function<InitFunction>("MPI_Init_thread")(0, 0, Family.Serialized, out var provided), "MPI_Init_thread");
        if (provided < Family.Serialized)
            throw new NotSupportedException($"{Family.Name} offers threads of level {provided}; expected at least {Family.Serialized}, at which any one thread at a time may call.");
    }

    public int Rank() => Number("MPI_Comm_rank");

    public int Size() => Number("MPI_Comm_size");

    /// <param name="first">The first of the numbers.</param>
    /// <param name="count">How many.</param>
    /// <param name="type">One of the family's.</param>
    public void Sum(ref byte first, int count, nint type) => Check(allreduce(Family.InPlace, ref first, count, type, Family.Sum, Family.World), "MPI_Allreduce");

    public void Abort() => Function<AbortFunction>("MPI_Abort")(Family.World, 1);

    /// <summary>Waits for the other ranks to come here as well.</summary>
    public void Finish()
    {
        if (Function<FlagFunction>("MPI_Finalized")(out var finished) == 0 && finished == 0)
            Function<FinalizeFunction>("MPI_Finalize")();
    }

    /// <summary>What starts processes comes first: a rank that loads another MPI than its launcher's finds itself alone.</summary>
    private static IReadOnlyList<string> Names()
    {
        if (OperatingSystem.IsWindows())
            return ["msmpi.dll", "impi.dll", "mpi_abi.dll"];
        string[] open = OperatingSystem.IsMacOS() ? ["libmpi.40.dylib", "libmpi.dylib"] : ["libmpi.so.40", "libmpi.so"];
        string[] other = OperatingSystem.IsMacOS() ? ["libmpi.12.dylib", "libmpi_abi.dylib"] : ["libmpich.so.12", "libmpi.so.12", "libmpi_abi.so.0", "libmpi_abi.so"];
        var isOther = Environment.GetEnvironmentVariable("PMI_SIZE") is not null && Environment.GetEnvironmentVariable("OMPI_COMM_WORLD_SIZE") is null;
        return isOther ? [.. other, .. open] : [.. open, .. other];
    }

    private int Number(string name)
    {
        Check(Function<NumberFunction>(name)(Family.World, out var number), name);
        return number;
    }

    private TFunction Function<TFunction>(string name)
        where TFunction : Delegate => Marshal.GetDelegateForFunctionPointer<TFunction>(NativeLibrary.GetExport(library, name));

    private void Check(int code, string what)
    {
        if (code == 0)
            return;
        var text = new byte[LongestError];
        var said = error(code, text, out var length) == 0 ? Encoding.UTF8.GetString(text, 0, Math.Clamp(length, 0, text.Length)).TrimEnd('\0') : $"error {code}";
        throw new InvalidOperationException($"{what} of {Family.Name} failed: {said}.");
    }
}
