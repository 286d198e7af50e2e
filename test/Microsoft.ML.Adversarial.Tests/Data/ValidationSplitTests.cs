
namespace Microsoft.ML.Adversarial.Tests.Data;

public class ValidationSplitTests
{
    [Fact]
    public void Every_class_gives_its_share_and_rows_without_a_label_give_none()
    {
        int[] labels = [.. Enumerable.Repeat(0, 40), -1, .. Enumerable.Repeat(1, 20), .. Enumerable.Repeat(2, 3), 3];

        var chosen = ValidationSplit.Choose(labels, 0.25, new Seed(1));

        Assert.Equal([10, 5, 1, 0, 0], new[] { 0, 1, 2, 3, -1 }.Select(label => chosen.Count(row => labels[row] == label)));
    }

    [Fact]
    public void The_seed_decides_which_rows()
    {
        int[] labels = [.. Enumerable.Range(0, 200).Select(row => row % 4)];

        var chosen = ValidationSplit.Choose(labels, 0.2, new Seed(1));

        Assert.Equal(chosen.Order(), ValidationSplit.Choose(labels, 0.2, new Seed(1)).Order());
        Assert.NotEqual(chosen.Order(), ValidationSplit.Choose(labels, 0.2, new Seed(2)).Order());
    }

    [Fact]
    public void A_class_never_gives_all_its_rows()
    {
        var chosen = ValidationSplit.Choose([0, 0, 1, 1], 0.9, new Seed(1));

        Assert.Equal(2, chosen.Count);
    }
}
