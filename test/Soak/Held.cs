using System.Text.Json;
using TorchSharp;

/// <summary>What this process holds when all garbage is gone.</summary>
/// <param name="Tensors">Of all threads, alive.</param>
/// <param name="Files">Open handles.</param>
/// <param name="ResidentBytes">Memory in use, native memory included.</param>
internal sealed record Held(long Tensors, int Files, long ResidentBytes)
{
    public static void Print()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var held = new Held(torch.Tensor.TotalCount, Directory.GetFiles("/proc/self/fd").Length, Environment.WorkingSet);
        Console.WriteLine(JsonSerializer.Serialize(held));
    }
}
