using System.Security.Cryptography;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>A short hash of numbers, for telling networks and images apart.</summary>
internal static class ContentHash
{
    /// <returns>16 hexadecimal digits of SHA-256.</returns>
    public static string Of(IEnumerable<Tensor> tensors)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var tensor in tensors)
            hash.AppendData(tensor.cpu().contiguous().bytes);
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
