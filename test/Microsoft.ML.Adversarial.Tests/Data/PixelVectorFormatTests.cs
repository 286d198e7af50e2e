using Microsoft.ML.Data;

namespace Microsoft.ML.Adversarial.Tests.Data;

public class PixelVectorFormatTests
{
    [Theory]
    [InlineData(false, PixelLayout.Planar)]
    [InlineData(true, PixelLayout.Interleaved)]
    public void Layout_and_shape_are_read_off_what_ExtractPixels_promises(bool interleave, PixelLayout expected)
    {
        var type = Extracted(interleave, Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorBits.Rgb);

        var format = PixelVectorFormat.Of("Features", type, null, null, PixelRange.GreyLevels);

        Assert.Equal(expected, format.Layout);
        Assert.Equal(new ImageShape(3, 5, 7), format.Shape);
        Assert.Equal(((VectorDataViewType)type).Dimensions, format.Dimensions);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_colour_plane_makes_grey_images(bool interleave)
    {
        var type = Extracted(interleave, Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorBits.Red);

        Assert.Equal(new ImageShape(1, 5, 7), PixelVectorFormat.Of("Features", type, null, null, PixelRange.GreyLevels).Shape);
    }

    [Theory]
    [InlineData(PixelLayout.Planar, new[] { -1f, -0.5f, 0, 0.5f, 0.75f, 1 })]
    [InlineData(PixelLayout.Interleaved, new[] { -1f, 0, 0.75f, -0.5f, 0.5f, 1 })]
    public void Pixels_are_written_in_the_columns_own_order_and_range(PixelLayout layout, float[] expected)
    {
        var format = new PixelVectorFormat(new ImageShape(3, 1, 2), layout, PixelRange.Signed);
        float[] pixels = [0, 0.25f, 0.5f, 0.75f, 0.875f, 1];
        var values = default(VBuffer<float>);

        ((ValueGetter<VBuffer<float>>)format.Getter(() => pixels))(ref values);

        Assert.Equal(expected, values.DenseValues());
    }

    [Fact]
    public void A_flat_vector_needs_a_stated_shape_and_is_planar_unless_stated()
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, 105);

        var exception = Assert.Throws<ArgumentException>(() => PixelVectorFormat.Of("Pixels", type, null, null, PixelRange.GreyLevels));
        Assert.Contains("'Pixels'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ImageShape", exception.Message, StringComparison.Ordinal);
        Assert.Equal(PixelLayout.Planar, PixelVectorFormat.Of("Pixels", type, new ImageShape(3, 5, 7), null, PixelRange.GreyLevels).Layout);
        Assert.Equal([5, 7, 3], PixelVectorFormat.Of("Pixels", type, new ImageShape(3, 5, 7), PixelLayout.Interleaved, PixelRange.GreyLevels).Dimensions);
    }

    [Fact]
    public void A_vector_of_unknown_size_is_refused_because_nothing_could_score_it() =>
        Assert.Contains(
            "'Pixels'",
            Assert.Throws<ArgumentException>(() => PixelVectorFormat.Of("Pixels", new VectorDataViewType(NumberDataViewType.Single), new ImageShape(3, 5, 7), null, PixelRange.GreyLevels)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_stated_shape_that_the_column_contradicts_is_refused()
    {
        foreach (var type in (DataViewType[])[new VectorDataViewType(NumberDataViewType.Single, 3, 5, 7), new VectorDataViewType(NumberDataViewType.Single, 105)])
        {
            var exception = Assert.Throws<ArgumentException>(() => PixelVectorFormat.Of("Pixels", type, new ImageShape(3, 6, 7), null, PixelRange.GreyLevels));
            Assert.Contains("'Pixels'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("3 x 6 x 7", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Anything_but_a_vector_of_Single_is_refused()
    {
        foreach (var type in (DataViewType[])[NumberDataViewType.Single, TextDataViewType.Instance, new VectorDataViewType(NumberDataViewType.Byte, 3, 5, 7)])
        {
            var exception = Assert.Throws<ArgumentException>(() => PixelVectorFormat.Of("Pixels", type, null, null, PixelRange.GreyLevels));
            Assert.Contains("'Pixels'", exception.Message, StringComparison.Ordinal);
            Assert.Contains("vector of Single", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    [InlineData(float.NaN, 1)]
    [InlineData(0, float.PositiveInfinity)]
    public void An_empty_or_infinite_pixel_range_is_refused(float minimum, float maximum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PixelRange(minimum, maximum));

    [Fact]
    public void The_usual_pixel_ranges_are_what_they_say()
    {
        Assert.Equal("0..255", PixelRange.GreyLevels.ToString());
        Assert.Equal(new PixelRange(0, 1), PixelRange.Unit);
        Assert.Equal((-1f, 1f, 2f), (PixelRange.Signed.Minimum, PixelRange.Signed.Maximum, PixelRange.Signed.Span));
    }

    private static DataViewType Extracted(bool interleave, Microsoft.ML.Transforms.Image.ImagePixelExtractingEstimator.ColorBits colours)
    {
        var ml = new MLContext(seed: 1);
        var view = ml.Data.LoadFromEnumerable([new ImageRow { Path = "none.png" }]);
        return ml.Transforms.LoadImages("Image", "", nameof(ImageRow.Path))
            .Append(ml.Transforms.ResizeImages("Image", imageWidth: 7, imageHeight: 5))
            .Append(ml.Transforms.ExtractPixels("Features", "Image", colours, interleavePixelColors: interleave))
            .Fit(view).GetOutputSchema(view.Schema)["Features"].Type;
    }
}
