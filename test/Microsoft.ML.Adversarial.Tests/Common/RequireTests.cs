
namespace Microsoft.ML.Adversarial.Tests.Common;

public class RequireTests
{
    private enum Taste
    {
        Sweet,
        Sour,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public void An_integer_in_its_range_is_handed_on(int value) => Assert.Equal(value, Require.InRange(value, 1, 10, "Steps"));

    [Theory]
    [InlineData(0)]
    [InlineData(11)]
    public void An_integer_outside_its_range_is_refused_by_name_range_and_value(int value)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Require.InRange(value, 1, 10, "Steps"));

        Assert.Equal("Steps", exception.ParamName);
        Assert.StartsWith($"Steps must be from 1 to 10; it is {value}.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.25, "-0.25")]
    [InlineData(1.5, "1.5")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void A_real_number_outside_its_range_is_refused_by_name_range_and_value(double value, string shown)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Require.InRange(value, 0.5, 1.25, "Share"));

        Assert.Equal("Share", exception.ParamName);
        Assert.StartsWith($"Share must be from 0.5 to 1.25; it is {shown}.", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(101.5, "101.5")]
    [InlineData(double.NaN, "NaN")]
    public void A_number_that_must_be_above_zero_is_refused_by_name_range_and_value(double value, string shown)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Require.AboveZero(value, 100, "LearningRate"));

        Assert.Equal("LearningRate", exception.ParamName);
        Assert.StartsWith($"LearningRate must be above 0 and at most 100; it is {shown}.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_smallest_number_above_zero_is_handed_on() => Assert.Equal(double.Epsilon, Require.AboveZero(double.Epsilon, 100, "LearningRate"));

    [Fact]
    public void An_undefined_enumeration_value_is_refused_with_the_names_that_exist()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => Require.Defined((Taste)7, "Taste"));

        Assert.StartsWith("Taste must be one of Sweet, Sour; it is 7.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Taste.Sour, Require.Defined(Taste.Sour, "Taste"));
    }

    [Fact]
    public void Null_is_refused_by_name() =>
        Assert.Equal("Objective", Assert.Throws<ArgumentNullException>(() => Require.NotNull<string>(null, "Objective")).ParamName);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void An_empty_text_is_refused_by_name(string? text)
    {
        var exception = Assert.Throws<ArgumentException>(() => Require.NotEmpty(text, "LabelColumn"));

        Assert.Equal("LabelColumn", exception.ParamName);
        Assert.StartsWith("LabelColumn must not be empty.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_names_itself()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new Spoon { Depth = 4 });

        Assert.StartsWith("Depth must be from 1 to 3; it is 4.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_shape_names_the_size_it_refuses()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new ImageShape(3, 0, 32));

        Assert.StartsWith("height must be from 1 to 4096; it is 0.", exception.Message, StringComparison.Ordinal);
    }

    private sealed record Spoon
    {
        public int Depth { get; init => field = Require.InRange(value, 1, 3); } = 1;
    }
}
