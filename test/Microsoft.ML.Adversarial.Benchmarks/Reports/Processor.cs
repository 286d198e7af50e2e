using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>What the processor says of itself (Intel 64 manual, volume 2, CPUID).</summary>
internal static class Processor
{
    private const int FeatureLeaf = 7, BrandLeaf = unchecked((int)0x80000002);

    public static string Name
    {
        get
        {
            if (!X86Base.IsSupported)
                return $"{RuntimeInformation.ProcessArchitecture}";
            var brand = Enumerable.Range(BrandLeaf, 3).SelectMany(leaf => Registers(leaf, 0)).SelectMany(BitConverter.GetBytes).TakeWhile(letter => letter != 0);
            return Encoding.ASCII.GetString([.. brand]).Trim();
        }
    }

    public static string BFloat16 => !X86Base.IsSupported ? "bf16 unknown" : (HasAvx512, HasAmx) switch
    {
        (_, true) => "bf16 by AMX",
        (true, _) => "bf16 by AVX-512",
        _ => "no bf16",
    };

    private static bool HasAvx512 => (Registers(FeatureLeaf, 1)[0] & (1 << 5)) != 0;

    private static bool HasAmx => (Registers(FeatureLeaf, 0)[3] & (1 << 22)) != 0;

    private static int[] Registers(int leaf, int part)
    {
        var (eax, ebx, ecx, edx) = X86Base.CpuId(leaf, part);
        return [eax, ebx, ecx, edx];
    }
}
