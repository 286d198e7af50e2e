using Tooling.ImageData;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public class ImageSetTests
{
    private static readonly ImageSet Uneven = new([.. Class("a", 5), .. Class("b", 1), .. Class("c", 4)], 32, 32, IsGrey: true);

    [Theory]
    [InlineData(3, "a0 b0 c0")]
    [InlineData(2, "a0 b0")]
    [InlineData(6, "a0 a1 a2 b0 c0 c1")]
    [InlineData(99, "a0 a1 a2 a3 a4 b0 c0 c1 c2 c3")]
    public void Images_are_taken_evenly_from_the_classes_as_far_as_they_have_them(int count, string expected) =>
        Assert.Equal(expected.Split(' '), Uneven.TakeEvenly(count).Images.Select(image => image.Path));

    private static IEnumerable<LabeledImage> Class(string name, int count) => Enumerable.Range(0, count).Select(i => new LabeledImage { Path = $"{name}{i}", Label = name });
}
