using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>PGD-50 on test images of which about 30 % stand.</summary>
internal sealed class PgdEvaluationBenchmark()
    : Benchmark("evaluation/PGD-50", "PGD-50 on a network with 30 % robust accuracy against a textbook loop that attacks every image to the end", rounds: 3)
{
    private const int Steps = 50;

    private const double StepShare = 0.25;

    public override Race Prepare(Workshop workshop)
    {
        var model = workshop.Model;
        var budget = Budget.LInf(model.GreyLevels);
        var textbook = new TextbookEvaluation(TextbookResNet.Of(model.Network), new TextbookPgd(budget.Radius, StepShare * budget.Radius, Steps), model.Test);
        using (no_grad())
            Alike.Check(Scores(model.Frozen.Logits), Scores(textbook.Logits));
        var attack = new PgdAttack(budget) { Steps = Steps, StepSize = StepSize.OfRadius(StepShare) };
        var (single, rounded) = (new LibraryEvaluation(model.Frozen, model.Test, attack), new LibraryEvaluation(model.Frozen, model.Test, attack, Precision.BFloat16));
        return new Race
        {
            Contestants = [Contestant.Timed("textbook", textbook.Run), single.AsContestant("library, fp32"), rounded.AsContestant("library, bf16 search")],
            MultiplyAdds = model.Network.MultiplyAdds,
            TypicalLayer = TrainedModel.TypicalLayer,
            WarmUps = 0,
            Remark = () => FormattableString.Invariant(
                $"{model.Test.Count} images, {budget}; robust accuracy {textbook.Robust.Accuracy:0.0 %} (textbook, where its search ends), {single.Robust.Accuracy:0.0 %} (library, at every step), {rounded.Robust.Accuracy:0.0 %} (bf16 search)"),
            Owned = [textbook],
        };

        float[] Scores(Func<Tensor, Tensor> network)
        {
            using var scope = NewDisposeScope();
            return network(model.Test.Images).softmax(1).data<float>().ToArray();
        }
    }
}
