using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests.Attacks;

/// <summary>Compares the process-wide generator before and after, so nothing else may run meanwhile.</summary>
[CollectionDefinition(nameof(ImageRandomTests), DisableParallelization = true)]
[Collection(nameof(ImageRandomTests))]
public class ImageRandomTests
{
    [Fact]
    public void The_same_seed_gives_the_same_numbers_and_another_seed_gives_others()
    {
        using var scope = NewDisposeScope();
        var like = zeros(3, 1, 4, 4);

        Assert.Equal(Draw(ImageRandom.FromSeed(5, 3), like), Draw(ImageRandom.FromSeed(5, 3), like));
        Assert.NotEqual(Draw(ImageRandom.FromSeed(5, 3), like), Draw(ImageRandom.FromSeed(6, 3), like));
    }

    [Fact]
    public void Drawing_changes_nothing_so_the_same_stream_gives_the_same_numbers_again()
    {
        using var scope = NewDisposeScope();
        var random = ImageRandom.FromSeed(5, 3);
        var like = zeros(3, 1, 4, 4);

        Assert.Equal(Draw(random, like), Draw(random, like));
    }

    [Fact]
    public void Streams_of_other_names_and_numbers_give_other_numbers()
    {
        using var scope = NewDisposeScope();
        var random = ImageRandom.FromSeed(5, 3);
        var like = zeros(3, 1, 4, 4);
        float[][] draws =
        [
            Draw(random, like), TestImages.ToArray(random.Uniform("other", like)), Draw(random.For(0), like), Draw(random.For(1), like), Draw(random.For(1).For(0), like),
        ];

        Assert.Equal(draws.Length, draws.Select(draw => draw[0]).Distinct().Count());
    }

    [Fact]
    public void An_images_numbers_do_not_depend_on_how_many_others_there_are()
    {
        using var scope = NewDisposeScope();
        var few = ImageRandom.FromSeed(5, 2).Uniform("start", zeros(2, 3, 4, 4));
        var many = ImageRandom.FromSeed(5, 9).Uniform("start", zeros(9, 3, 4, 4));

        Assert.Equal(TestImages.ToArray(few), TestImages.ToArray(many[..2]));
    }

    [Fact]
    public void Images_are_independent_of_each_other()
    {
        using var scope = NewDisposeScope();
        const int count = 2000;
        var draws = ImageRandom.FromSeed(9, count).Uniform("start", zeros(count, 1, 1, 2)).flatten(1).Plus(-0.5);

        var correlation = (draws[..^1, 0] * draws[1.., 0]).mean().item<float>() * 12;

        // 2000 draws: standard error 0.022.
        Assert.Equal(0, correlation, 0.09);
        Assert.Equal(0, (draws[.., 0] * draws[.., 1]).mean().item<float>() * 12, 0.09);
        Assert.Equal(count, TestImages.ToArray(draws[.., 0]).Distinct().Count(), 5.0);
    }

    [Fact]
    public void Selected_images_keep_their_numbers()
    {
        using var scope = NewDisposeScope();
        var batch = ImageRandom.FromSeed(5, 6);
        var all = batch.Normal("start", zeros(6, 3, 4, 4));

        for (var i = 0; i < 6; i++)
        {
            var one = batch.Select(tensor((long[])[i]));
            Assert.Equal(1, one.Count);
            Assert.Equal(TestImages.ToArray(all[i]), TestImages.ToArray(one.Normal("start", zeros(1, 3, 4, 4))));
        }

        var some = batch.Select(tensor((long[])[4, 1])).For(3).Uniform("start", zeros(2, 1, 2, 2));
        var expected = batch.For(3).Uniform("start", zeros(6, 1, 2, 2));
        Assert.Equal(TestImages.ToArray(expected[4]), TestImages.ToArray(some[0]));
        Assert.Equal(TestImages.ToArray(expected[1]), TestImages.ToArray(some[1]));
    }

    [Fact]
    public void Rows_not_positions_seed_the_images_of_a_data_set()
    {
        using var scope = NewDisposeScope();
        var root = new Seed(3);
        var like = zeros(2, 1, 2, 2);
        var first = new ImageRandom(root, [10, 20]).Uniform("start", like);
        var second = new ImageRandom(root, [20, 30]).Uniform("start", like);

        Assert.Equal(TestImages.ToArray(first[1]), TestImages.ToArray(second[0]));
    }

    [Fact]
    public void Uniform_and_normal_draws_have_their_distributions()
    {
        using var scope = NewDisposeScope();
        var random = ImageRandom.FromSeed(1, 20);
        var like = zeros(20, 3, 20, 20);
        var uniform = random.Uniform("u", like);
        var normal = random.Normal("n", like);

        Assert.True(uniform.min().item<float>() >= 0 && uniform.max().item<float>() < 1);
        Assert.Equal(0.5, uniform.mean().item<float>(), 0.01);
        Assert.Equal(1 / 12.0, uniform.var().item<float>(), 0.003);
        Assert.Equal(0, normal.mean().item<float>(), 0.03);
        Assert.Equal(1, normal.var().item<float>(), 0.04);
    }

    [Fact]
    public void Draws_are_float32_in_the_shape_asked_for_whatever_the_type_of_the_model()
    {
        using var scope = NewDisposeScope();
        var draws = ImageRandom.FromSeed(1, 4).Uniform("target", zeros(4, dtype: int64));

        Assert.Equal(float32, draws.dtype);
        Assert.Equal([4], draws.shape);
    }

    [Fact]
    public void The_process_wide_generator_stays_untouched()
    {
        using var scope = NewDisposeScope();
        var before = Generator.Default.get_state().data<byte>().ToArray();

        var random = ImageRandom.FromSeed(5, 3);
        random.Uniform("start", zeros(3, 1, 4, 4));
        random.Normal("direction", zeros(3, 1, 4, 4));
        new PgdAttack(Budget.L2(1)) { Goal = AttackGoal.RandomTarget, Restarts = 2 }
            .Perturb(LinearClassifier.Of(3, 16), TestImages.Uniform(3, 1, 4, 4), TestImages.Labels(3, 3), random);

        Assert.Equal(before, Generator.Default.get_state().data<byte>().ToArray());
    }

    [Fact]
    public void A_tensor_of_another_number_of_images_is_refused()
    {
        using var scope = NewDisposeScope();
        var exception = Assert.Throws<ArgumentException>(() => ImageRandom.FromSeed(5, 3).Uniform("start", zeros(4, 1, 2, 2)));

        Assert.Contains("like has 4 images; these are streams for 3", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => ImageRandom.FromSeed(5, 3).Normal("start", null!));
    }

    [Fact]
    public void Streams_for_no_images_are_refused()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => ImageRandom.FromSeed(5, 0));

        Assert.Contains("count must be from 1", exception.Message, StringComparison.Ordinal);
    }

    private static float[] Draw(ImageRandom random, Tensor like) => TestImages.ToArray(random.Uniform("start", like));
}
