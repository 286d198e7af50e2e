using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An epoch of training that reads its images from files, beside one that has them in memory.</summary>
/// <param name="crafting">In what the attack computes.</param>
internal sealed class TrainingFromFilesBenchmark(Precision crafting)
    : Benchmark($"data/training from JPEG files, {(crafting == Precision.Single ? "fp32" : "bf16")} crafting", "an epoch of PGD-10 training of ResNet-20 from files against the same from memory", rounds: 3)
{
    public override Race Prepare(Workshop workshop)
    {
        var folder = JpegFolder.Write(workshop.Images.Training, workshop.Folder("jpeg"));
        var (memory, files) = (Training(), Training());
        return new Race
        {
            Contestants = [Epoch("from memory", memory, caches: true), Epoch("from files", files, caches: false)],
            MultiplyAdds = NetworkCost.Of(Architecture()).MultiplyAdds,
            TypicalLayer = TrainingCase.MiddleLayer(TrainedModel.Width, JpegFolder.BatchSize),
            WarmUps = 0,
            Owned = [memory, files],
        };

        NetworkArchitecture Architecture() => TrainingCase.Small(TrainedModel.Width, folder.Channels, folder.ClassCount);

        LibraryTraining Training() => new(ImageNetwork.Create(Architecture(), CPU, new Seed(1)), crafting);

        Contestant Epoch(string name, LibraryTraining training, bool caches)
        {
            var epochs = new EpochBatches(folder.Open(caches));
            return Contestant.Timed(name, Run) with { Precision = crafting };

            (long Images, long Passes) Run()
            {
                var images = 0L;
                foreach (var batch in epochs.Next())
                {
                    using var used = batch;
                    training.Step(batch.Images, batch.Labels);
                    images += batch.Count;
                }
                return (images, images * LibraryTraining.PassesPerImage);
            }
        }
    }
}
