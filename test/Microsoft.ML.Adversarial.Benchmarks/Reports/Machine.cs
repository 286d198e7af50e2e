using System.Reflection;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>Hardware and versions: without them a time says nothing.</summary>
internal static class Machine
{
    public static string Describe() => string.Join(", ",
        Processor.Name,
        $"{Environment.ProcessorCount} cores ({get_num_threads()} threads of torch)",
        Processor.BFloat16,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        $"Microsoft.ML.Adversarial {VersionOf(typeof(AdversarialCatalog))}",
        $"TorchSharp {VersionOf(typeof(Tensor))}",
        $"libtorch {__version__}");

    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? $"{type.Assembly.GetName().Version}";
}
