namespace Microsoft.ML.Adversarial.Tests.Common;

/// <summary>Files that were changed on purpose, for what lies behind the check of their hash.</summary>
internal static class Seals
{
    /// <summary>Where nothing of a seal is left, the file stays as it is.</summary>
    public static void Renew(string path)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        Seal.Set(file);
    }

    public static byte[] Renew(byte[] content)
    {
        using var file = new MemoryStream(content);
        Seal.Set(file);
        return content;
    }
}
