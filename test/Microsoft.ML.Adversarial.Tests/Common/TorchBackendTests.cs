using TorchSharp;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Common;

public class TorchBackendTests
{
    /// <summary>The first device that is not there: 0 on a machine without CUDA.</summary>
    private static int MissingDevice => TryInitializeDeviceType(DeviceType.CUDA) && cuda.is_available() ? cuda.device_count() : 0;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_GPU_asked_for_means_the_CPU_without_a_word(bool fallbackToCpu)
    {
        var warnings = new List<string>();

        Assert.Equal(DeviceType.CPU, TorchBackend.ChooseDevice(null, fallbackToCpu, warnings.Add).type);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_missing_GPU_is_refused_by_number_and_count_where_the_CPU_will_not_do()
    {
        var warnings = new List<string>();

        var exception = Assert.Throws<TorchBackendNotFoundException>(() => TorchBackend.ChooseDevice(MissingDevice, fallbackToCpu: false, warnings.Add));

        Assert.StartsWith($"GpuDeviceId is {MissingDevice}, but torch sees {MissingDevice} CUDA device(s)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("FallbackToCpu", exception.Message, StringComparison.Ordinal);
        Assert.Empty(warnings);
    }

    [Fact]
    public void A_missing_GPU_gives_the_CPU_and_a_warning_where_that_will_do()
    {
        var warnings = new List<string>();

        var device = TorchBackend.ChooseDevice(MissingDevice, fallbackToCpu: true, warnings.Add);

        Assert.Equal(DeviceType.CPU, device.type);
        var warning = Assert.Single(warnings);
        Assert.StartsWith($"GpuDeviceId is {MissingDevice}, but torch sees {MissingDevice} CUDA device(s)", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_GPU_number_is_refused() =>
        Assert.Contains("GpuDeviceId is -1", Assert.Throws<TorchBackendNotFoundException>(() => TorchBackend.ChooseDevice(-1, false, _ => { })).Message, StringComparison.Ordinal);
}
