using System.Runtime.InteropServices;

namespace Microsoft.ML.Adversarial;

/// <summary>What an implementation of MPI calls the things that every program names: its header's constants, since there is no common one before MPI 5.</summary>
/// <param name="Name">For messages.</param>
/// <param name="World">All processes that were started together.</param>
/// <param name="Float">float32.</param>
/// <param name="Double">float64.</param>
/// <param name="Long">int64.</param>
/// <param name="Sum">The operation.</param>
/// <param name="InPlace">In the place of what is sent: the result takes its room.</param>
/// <param name="Serialized">The level of threads at which any may call, one at a time.</param>
internal sealed record MpiFamily(string Name, nint World, nint Float, nint Double, nint Long, nint Sum, nint InPlace, int Serialized)
{
    /// <summary>By what the library exports.</summary>
    /// <param name="library">Loaded.</param>
    public static MpiFamily Of(nint library)
    {
        if (NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world))
        {
            return new MpiFamily("Open MPI", world, Exported("ompi_mpi_float"), Exported("ompi_mpi_double"), Exported("ompi_mpi_int64_t"), Exported("ompi_mpi_op_sum"), InPlace: 1, Serialized: 2);
        }
        // The MPI 5.0 standard, chapter 20: every library of this name has these.
        if (NativeLibrary.TryGetExport(library, "MPI_Abi_get_version", out _) && !NativeLibrary.TryGetExport(library, "MPIR_Version_string", out _))
            return new MpiFamily("MPI 5", World: 0x101, Float: 0x210, Double: 0x214, Long: 0x258, Sum: 0x21, InPlace: 1, Serialized: 2048);
        // The integers of mpi.h in MPICH and what descends from it: Intel MPI, MVAPICH, Cray MPICH and Microsoft MPI.
        return new MpiFamily("MPICH", World: 0x44000000, Float: 0x4c00040a, Double: 0x4c00080b, Long: 0x4c000809, Sum: 0x58000003, InPlace: -1, Serialized: 2);

        nint Exported(string name) => NativeLibrary.GetExport(library, name);
    }
}
