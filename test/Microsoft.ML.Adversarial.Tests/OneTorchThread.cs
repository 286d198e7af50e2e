using Microsoft.ML.Adversarial.Tests;

[assembly: AssemblyFixture(typeof(OneTorchThread))]

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>
/// The tests' tensors are too small to share between threads, and test classes run side by side: with torch's own threads on a busy machine every operation
/// waits at a barrier, and the run takes minutes instead of seconds.
/// </summary>
public sealed class OneTorchThread
{
    public OneTorchThread()
    {
        TorchBackend.EnsureLoaded();
        TorchSharp.torch.set_num_threads(1);
    }
}
