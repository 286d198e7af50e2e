using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>One step of adversarial training with PGD-10, on one batch of noise.</summary>
internal sealed class TrainingStepBenchmark(TrainingCase trained, int rounds)
    : Benchmark($"training step/{trained.Name}", "PGD-10 adversarial training against a textbook loop of TorchSharp modules", rounds)
{
    private static readonly Seed Root = new(1);

    public override Race Prepare(Workshop workshop)
    {
        var (images, labels) = Noise();
        var single = new LibraryTraining(Network());
        var crafting = new LibraryTraining(Network(), Precision.BFloat16);
        var both = new LibraryTraining(Network(), Precision.BFloat16, Precision.BFloat16);
        var attack = new TextbookPgd(LibraryTraining.GreyLevels / 255, LibraryTraining.StepGreyLevels / 255, LibraryTraining.Steps);
        using var initial = Network();
        var textbook = new TextbookTraining(TextbookResNet.Of(initial), attack, LibraryTraining.LearningRate);
        return new Race
        {
            Contestants =
            [
                Contestant.Timed("textbook", () => Step("textbook", textbook.Step)),
                Library("library, fp32", single),
                Library("library, bf16 crafting", crafting) with { Precision = Precision.BFloat16 },
                Library("library, bf16 crafting and update", both) with { Precision = Precision.BFloat16 },
            ],
            MultiplyAdds = initial.MultiplyAdds,
            TypicalLayer = trained.TypicalLayer,
            Owned = [images, labels, textbook, single, crafting, both],
        };

        // Of the thousands of steps of a training, during which it keeps memory, one that is not the first.
        Contestant Library(string name, LibraryTraining training) => new(name, () =>
        {
            using var memory = FreedMemory.Kept();
            training.Step(images, labels);
            return Contestant.Timed(name, () => Step(name, training.Step)).Run();
        });

        (long Images, long Passes) Step(string name, Func<Tensor, Tensor, double> step)
        {
            var loss = step(images, labels);
            if (!double.IsFinite(loss))
                throw new InvalidOperationException($"{name}: the loss is {loss}; expected a number, without which a step does less.");
            return (trained.Batch, trained.Batch * LibraryTraining.PassesPerImage);
        }
    }

    private ImageNetwork Network() => ImageNetwork.Create(trained.Architecture, CPU, Root.For("weights"));

    private (Tensor Images, Tensor Labels) Noise()
    {
        var (image, classes) = (trained.Architecture.Image, trained.Architecture.ClassCount);
        using var generator = Root.For("images").TorchGenerator();
        return (
            rand([trained.Batch, image.Channels, image.Height, image.Width], generator: generator),
            randint(0, classes, [trained.Batch], dtype: int64, generator: generator));
    }
}
