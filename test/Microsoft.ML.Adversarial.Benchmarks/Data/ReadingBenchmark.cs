using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>How fast files become batches, beside how fast training uses them up.</summary>
internal sealed class ReadingBenchmark()
    : Benchmark("data/JPEG files to batches", "reading, decoding, varying and batching against the images that PGD-10 training of ResNet-20 uses up", rounds: 5)
{
    private const int Epochs = 4;

    public override Race Prepare(Workshop workshop)
    {
        var folder = JpegFolder.Write(workshop.Images.Training, workshop.Folder("jpeg"));
        var epochs = new EpochBatches(folder.Open(caches: false));
        var architecture = TrainingCase.Small(TrainedModel.Width, folder.Channels, folder.ClassCount);
        var (single, crafting) = (new LibraryTraining(Network()), new LibraryTraining(Network(), Precision.BFloat16));
        var one = folder.Open(caches: false).InOrder().First();
        return new Race
        {
            Contestants =
            [
                Contestant.Timed("training step, fp32", () => Train(single)),
                Contestant.Timed("training step, bf16 crafting", () => Train(crafting)) with { Precision = Precision.BFloat16 },
                Contestant.Timed("files to batches", Read),
            ],
            MultiplyAdds = NetworkCost.Of(architecture).MultiplyAdds,
            TypicalLayer = TrainingCase.MiddleLayer(TrainedModel.Width, JpegFolder.BatchSize),
            Owned = [one, single, crafting],
        };

        ImageNetwork Network() => ImageNetwork.Create(architecture, CPU, new Seed(1));

        (long Images, long Passes) Train(LibraryTraining training)
        {
            training.Step(one.Images, one.Labels);
            return (one.Count, one.Count * LibraryTraining.PassesPerImage);
        }

        (long Images, long Passes) Read()
        {
            var images = 0L;
            for (var epoch = 0; epoch < Epochs; epoch++)
                foreach (var batch in epochs.Next())
                {
                    using var used = batch;
                    images += batch.Count;
                }
            return (images, 0);
        }
    }
}
