using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>An epoch of training that reads its images from files, beside one that has them in memory.</summary>
internal sealed class TrainingFromFilesBenchmark()
    : Benchmark("data/training from JPEG files", "an epoch of PGD-10 training of ResNet-20 from files against the same from memory", rounds: 3)
{
    public override Race Prepare(Workshop workshop)
    {
        var folder = JpegFolder.Write(workshop.Images.Training, workshop.Folder("jpeg"));
        var (memory, files) = (Training(), Training());
        return new Race
        {
            Contestants = [Epoch("from memory, fp32", memory, caches: true), Epoch("from files, fp32", files, caches: false)],
            MultiplyAdds = NetworkCost.Of(Architecture()).MultiplyAdds,
            TypicalLayer = TrainingCase.MiddleLayer(TrainedModel.Width, JpegFolder.BatchSize),
            WarmUps = 0,
            Owned = [memory, files],
        };

        NetworkArchitecture Architecture() => TrainingCase.Small(TrainedModel.Width, folder.Channels, folder.ClassCount);

        LibraryTraining Training() => new(ImageNetwork.Create(Architecture(), CPU, new Seed(1)), new TrainingOptions());

        Contestant Epoch(string name, LibraryTraining training, bool caches)
        {
            var epochs = new EpochBatches(folder.Open(caches));
            return Contestant.Timed(name, () =>
            {
                var images = 0L;
                foreach (var batch in epochs.Next())
                {
                    using var used = batch;
                    training.Step(batch.Images, batch.Labels);
                    images += batch.Count;
                }
                return (images, images * LibraryTraining.PassesPerImage);
            });
        }
    }
}
