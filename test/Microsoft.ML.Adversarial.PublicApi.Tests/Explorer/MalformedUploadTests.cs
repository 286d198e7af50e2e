using System.Diagnostics;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.Explorer;

/// <summary>500 uploads that are not what they should be: each is the client's fault, and none harms the process. With ADVERSARIAL_LOAD set to true, alone on the machine, each is answered within a second.</summary>
[Collection(SharedExplorer.Name)]
public sealed class MalformedUploadTests(SharedExplorer shared)
{
    private const int Count = 250;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(Environment.GetEnvironmentVariable("ADVERSARIAL_LOAD") == "true" ? 1 : 20);

    private readonly RunningExplorer explorer = shared.Explorer;

    [Fact]
    public async Task An_image_that_is_none_is_refused()
    {
        var image = File.ReadAllBytes(shared.Models.TestImage.Path);

        for (var number = 0; number < Count; number++)
            await AssertRefused("api/predictions", number, MalformedUploads.OfImage(number, image));

        await AssertUnharmed(image);
    }

    [Fact]
    public async Task A_model_that_is_none_is_refused()
    {
        var (onnx, zip) = (File.ReadAllBytes(shared.Models.Plain), File.ReadAllBytes(shared.Models.Zip));

        for (var number = 0; number < Count; number++)
            await AssertRefused("api/audits?images=10", number, MalformedUploads.OfModel(number, onnx, zip));

        await AssertUnharmed(File.ReadAllBytes(shared.Models.TestImage.Path));
    }

    private async Task AssertRefused(string path, int number, (string Kind, byte[] Content) upload)
    {
        var clock = Stopwatch.StartNew();
        using var answer = await explorer.PostAsync(path, upload.Content);
        var took = clock.Elapsed;
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)answer.StatusCode is >= 400 and < 500, $"{upload.Kind} ({number}): {(int)answer.StatusCode} {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.True(took < Longest, $"{upload.Kind} ({number}): {took.TotalSeconds:f2} s");
    }

    private async Task AssertUnharmed(byte[] image)
    {
        Assert.False(explorer.Process.HasExited);
        await explorer.PostJsonAsync("api/predictions", image);
        Assert.Equal("Healthy", await explorer.Client.GetStringAsync("health", TestContext.Current.CancellationToken));
    }
}
