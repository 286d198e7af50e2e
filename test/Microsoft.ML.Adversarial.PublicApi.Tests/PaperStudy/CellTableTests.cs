using Samples.PaperStudy.Cells;

namespace Microsoft.ML.Adversarial.PublicApi.Tests.PaperStudy;

public class CellTableTests
{
    [Fact]
    public void Every_configuration_of_the_paper_is_a_cell_with_a_name_of_its_own()
    {
        var names = CellTable.All(MadeUpStudy.Settings).Select(cell => cell.Name).ToList();

        Assert.Equal(
            ["adversarial", "alp", "consistent", "depth-20", "depth-8", "group", "mixed-100", "mixed-20", "mixed-40", "mixed-60", "mixed-80", "mixture-batch", "mixture-batch-alp", "plain-14", "plain-20", "plain-8"],
            names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_cell_differs_from_adversarial_training_in_what_its_name_says()
    {
        var cells = CellTable.All(MadeUpStudy.Settings).ToDictionary(cell => cell.Name);
        var adversarial = cells["adversarial"];

        Assert.Equal(adversarial with { Name = "mixed-60", CleanRatio = 0.6 }, cells["mixed-60"]);
        Assert.Equal(adversarial with { Name = "alp", CleanRatio = 1, LogitPairingWeight = 0.5 }, cells["alp"]);
        Assert.Equal(adversarial with { Name = "mixture-batch", CleanRatio = 1, Normalization = Normalization.MixtureBatch }, cells["mixture-batch"]);
        Assert.Equal(adversarial with { Name = "group", CleanRatio = 1, Normalization = Normalization.Group with { Groups = 4 } }, cells["group"]);
        Assert.Equal(adversarial with { Name = "consistent", ConsistentEpochs = 1 }, cells["consistent"]);
        Assert.Equal(adversarial with { Name = "depth-20", Depth = 20 }, cells["depth-20"]);
        Assert.Equal(adversarial with { Name = "plain-8", Depth = 8, IsPlain = true }, cells["plain-8"]);
    }

    [Fact]
    public void Mixture_batch_normalisation_is_measured_in_both_domains()
    {
        var cells = CellTable.All(MadeUpStudy.Settings).ToDictionary(cell => cell.Name);

        Assert.Equal([ImageDomain.Adversarial, ImageDomain.Clean], cells["mixture-batch"].Domains);
        Assert.Equal([ImageDomain.Adversarial, ImageDomain.Clean], cells["mixture-batch-alp"].Domains);
        Assert.Equal([ImageDomain.Adversarial], cells["group"].Domains);
        Assert.Equal([ImageDomain.Clean], cells["plain-14"].Domains);
    }

    [Fact]
    public void Only_takes_names_and_beginnings_of_names()
    {
        var chosen = CellTable.Chosen(MadeUpStudy.Settings with { Only = ["plain-*", "group"] });

        Assert.Equal(["plain-14", "group", "plain-8", "plain-20"], chosen.Select(cell => cell.Name));
    }

    [Theory]
    [InlineData("grouped")]
    [InlineData("depth-14")]
    [InlineData("width-*")]
    public void An_unknown_name_is_refused_with_the_known_ones(string name)
    {
        var refused = Assert.Throws<ArgumentException>(() => CellTable.Chosen(MadeUpStudy.Settings with { Only = [name] }));

        Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
        Assert.All(CellTable.All(MadeUpStudy.Settings), cell => Assert.Contains(cell.Name, refused.Message, StringComparison.Ordinal));
    }
}
