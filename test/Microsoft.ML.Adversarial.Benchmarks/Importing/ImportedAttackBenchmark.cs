using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Benchmarks;

/// <summary>The same network, once as it was trained and once as a graph from a file of which nothing is known.</summary>
internal sealed class ImportedAttackBenchmark()
    : Benchmark("importing/PGD-50", "PGD-50 on a network that was read from an ONNX file as if another program had written it against the network itself", rounds: 5)
{
    public override Race Prepare(Workshop workshop)
    {
        var model = workshop.Model;
        var path = Path.Combine(Directory.CreateDirectory(workshop.Folder("importing")).FullName, "model.onnx");
        model.Export(path);
        var imported = Import(path);
        var attack = new PgdAttack(Budget.LInf(model.GreyLevels)) { Steps = 50 };
        var (own, foreign) = (new LibraryEvaluation(model.Frozen, model.Test, attack), new LibraryEvaluation(imported, model.Test, attack));
        return new Race
        {
            Contestants = [own.AsContestant("the network itself"), foreign.AsContestant("read from its ONNX file")],
            MultiplyAdds = model.Network.MultiplyAdds,
            TypicalLayer = TrainedModel.TypicalLayer,
            WarmUps = 0,
            Remark = () => FormattableString.Invariant($"{model.Test.Count} images; robust accuracy {own.Robust.Accuracy:0.0 %} and {foreign.Robust.Accuracy:0.0 %}"),
            Owned = [imported],
        };
    }

    private static FrozenNetwork Import(string path)
    {
        using var stream = File.OpenRead(path);
        using var foreign = ForeignNetwork.Read(stream, path, new NetworkFileOptions { ReadsChangedFiles = true, PixelNormalization = PixelNormalization.GreyLevels, OutputName = "Logits" }, isClassifier: true);
        return foreign.Freeze(CPU);
    }
}
