using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An evaluation as tutorials write it: every image is attacked to the end, and judged there.</summary>
internal sealed class TextbookEvaluation : IDisposable
{
    private readonly TextbookResNet network;
    private readonly TextbookPgd attack;
    private readonly TestBatches test;

    public TextbookEvaluation(TextbookResNet network, TextbookPgd attack, TestBatches test)
    {
        (this.network, this.attack, this.test) = (network, attack, test);
        network.eval();
    }

    /// <summary>In the last run.</summary>
    public Tally Robust { get; private set; }

    public Tensor Logits(Tensor images) => network.call(images);

    public (long Images, long Passes) Run()
    {
        Robust = default;
        foreach (var batch in test.Batches())
        {
            using var scope = NewDisposeScope();
            using var used = batch;
            var adversarial = attack.Perturb(network, batch.Images, batch.Labels);
            var correct = network.call(adversarial).argmax(1).eq(batch.Labels).sum().item<long>();
            Robust += new Tally(correct, batch.Count);
        }
        return (Robust.Total, Robust.Total * (2 * attack.Steps + 1));
    }

    public void Dispose() => network.Dispose();
}
