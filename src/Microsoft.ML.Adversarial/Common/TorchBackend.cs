using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>The native torch library that the application brought along, and the device to use.</summary>
internal static class TorchBackend
{
    /// <param name="gpuDeviceId">Which CUDA device; null for the CPU, as <c>MLContext.GpuDeviceId</c> means it.</param>
    /// <param name="fallbackToCpu">Whether the CPU will do where that device is missing.</param>
    /// <param name="warn">Hears of a fall back.</param>
    /// <exception cref="TorchBackendNotFoundException">No native library loads, or the device is missing and the CPU will not do.</exception>
    public static Device ChooseDevice(int? gpuDeviceId, bool fallbackToCpu, Action<string> warn)
    {
        EnsureLoaded();
        if (gpuDeviceId is not { } wanted)
            return CPU;

        var present = CudaDeviceCount();
        if (wanted >= 0 && wanted < present)
            return new Device(DeviceType.CUDA, wanted);

        var complaint = $"GpuDeviceId is {wanted}, but torch sees {present} CUDA device(s), numbered from 0. "
            + "Reference TorchSharp-cuda-windows or TorchSharp-cuda-linux and check the driver, or set FallbackToCpu.";
        if (!fallbackToCpu)
            throw new TorchBackendNotFoundException(complaint);
        warn(complaint + " Training goes on on the CPU, as FallbackToCpu allows.");
        return CPU;
    }

    /// <exception cref="TorchBackendNotFoundException">No native library loads.</exception>
    public static void EnsureLoaded()
    {
        try
        {
            InitializeDeviceType(DeviceType.CPU);
        }
        catch (Exception exception) when (exception is DllNotFoundException or NotSupportedException or TypeInitializationException or BadImageFormatException)
        {
            throw new TorchBackendNotFoundException(
                $"No native torch library could be loaded on {RuntimeInformation.RuntimeIdentifier}. Microsoft.ML.Adversarial references TorchSharp only; the application "
                + "chooses the backend. Expected: a reference to libtorch-cpu-linux-x64, libtorch-cpu-win-x64 or libtorch-cpu-osx-arm64 (the TorchSharp package's own "
                + "version of it), or to TorchSharp-cuda-windows or TorchSharp-cuda-linux. Where one is referenced and the loader's message speaks of GLIBCXX_3.4.32, the "
                + "application was built with RelaxTorchSharpLibstdcxx=false: let the build relax the library, or install libstdc++ of GCC 13 or newer. "
                + $"The loader said: {LoaderComplaint() ?? Innermost(exception).Message.Trim()}",
                exception);
        }
    }

    private static int CudaDeviceCount() =>
        TryInitializeDeviceType(DeviceType.CUDA) && cuda.is_available() ? cuda.device_count() : 0;

    /// <summary>What the system says of TorchSharp's native library. TorchSharp itself hides it where it looks on beside its assembly, which a single-file application does not have.</summary>
    private static string? LoaderComplaint()
    {
        try
        {
            NativeLibrary.Free(NativeLibrary.Load("LibTorchSharp", typeof(torch).Assembly, searchPath: null));
            return null;
        }
        catch (Exception exception) when (exception is DllNotFoundException or BadImageFormatException)
        {
            return exception.Message.Trim();
        }
    }

    private static Exception Innermost(Exception exception) => exception.InnerException is { } inner ? Innermost(inner) : exception;
}
