
namespace Microsoft.ML.Adversarial.Tests.Data;

public class PackedImageTests
{
    [Fact]
    public void Every_grey_level_comes_back_exactly()
    {
        var pixels = Enumerable.Range(0, 256).Select(level => level / 255f).ToArray();

        var packed = new PackedImage(7, 2, pixels);

        Assert.Equal(pixels, Enumerable.Range(0, 256).Select(index => packed[index]));
        Assert.Equal((7, 2), (packed.Row, packed.Label));
    }

    [Fact]
    public void Values_between_grey_levels_come_back_exactly()
    {
        float[] pixels = [0, 1, 0.5f, 0.1f, 1e-9f, MathF.BitDecrement(1), 1 / 255f];

        var packed = new PackedImage(0, 0, pixels);

        Assert.Equal(pixels, Enumerable.Range(0, pixels.Length).Select(index => packed[index]));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(0.3f)]
    public void The_callers_array_may_be_used_again(float value)
    {
        float[] pixels = [value];
        var packed = new PackedImage(0, 0, pixels);

        pixels[0] = 0;

        Assert.Equal(value, packed[0]);
    }
}
