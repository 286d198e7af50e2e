using System.IO.Compression;
using System.Text.Json;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>
/// A run at one moment, as one zip: <c>manifest.json</c>, <c>weights.safetensors</c> with torchvision's names, <c>momentum.safetensors</c> with the same, <c>best.safetensors</c> where a selection keeps the best weights, and
/// <c>averaged.safetensors</c> where weights are averaged. Randomness has no state to keep: every stream is drawn from the seed and the position.
/// </summary>
internal static class Checkpoint
{
    private const int FormatVersion = 1;

    private const long LargestManifest = 1 << 20;

    private const string Manifest = "manifest.json", Weights = "weights.safetensors", Momentum = "momentum.safetensors", Best = "best.safetensors", Averaged = "averaged.safetensors";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <param name="stream">Receives the file, its only content; can be sought and stays open.</param>
    /// <param name="setup">Everything that decides the run, by name: a checkpoint goes on only in a run that agrees.</param>
    /// <param name="state">The run.</param>
    public static void Write(Stream stream, IReadOnlyDictionary<string, string> setup, TrainingState state)
    {
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.Comment = Seal.Blank;
            WriteParts(zip, setup, state);
        }
        Seal.Set(stream);
    }

    private static void WriteParts(ZipArchive zip, IReadOnlyDictionary<string, string> setup, TrainingState state)
    {
        using (var entry = zip.CreateEntry(Manifest).Open())
            JsonSerializer.Serialize(entry, new ManifestContent(FormatVersion, setup, state.Position, state.Network.TrainedDomains), Json);
        Add(Weights, entry => NetworkWeights.Write(entry, state.Network));
        Add(Momentum, entry => SafeTensors.Write(entry, Velocities(state)));
        if (state.Best is { } best)
            Add(Best, entry => SafeTensors.Write(entry, best.Snapshot.Named));
        if (state.Average is { } average)
            Add(Averaged, entry => NetworkWeights.Write(entry, average.Network));

        void Add(string name, Action<Stream> write)
        {
            // Weights hardly compress, and time counts.
            using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
            write(entry);
        }
    }

    /// <summary>Puts a run back to the moment of the checkpoint. Nothing of it changes before manifest and headers have been checked.</summary>
    /// <exception cref="InvalidDataException">The file is no checkpoint, is damaged, or belongs to another run: the message names what differs.</exception>
    public static void Read(string file, IReadOnlyDictionary<string, string> setup, TrainingState state)
    {
        using var stream = File.OpenRead(file);
        Seal.Demand(stream, file);
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            var (position, trainedDomains) = ReadManifest(zip, file, setup);
            var velocities = Velocities(state);
            var parts = Parts(state).Select(part => part with { Report = NetworkWeights.Compare(Header(zip, part.Name, file), state.Network) }).ToList();
            foreach (var report in parts.Select(part => part.Report!))
                if (!report.IsComplete)
                    throw new InvalidDataException($"The weights of '{file}' do not fit {state.Network.Architecture}: {report}.");
            if (!Shapes(Header(zip, Momentum, file).Entries.Select(entry => (entry.Name, entry.Shape))).SetEquals(Shapes(velocities.Select(entry => (entry.Name, entry.Velocity.shape)))))
                throw new InvalidDataException($"The momentum of '{file}' does not fit {state.Network.Architecture}.");
            foreach (var part in parts)
            {
                ReadTensors(zip, part.Name, file, (entry, header) => NetworkWeights.Read(entry, header, file, part.Network, part.Report!));
                part.Then?.Invoke();
            }
            var byName = velocities.ToDictionary(entry => entry.Name, entry => entry.Velocity, StringComparer.Ordinal);
            ReadTensors(zip, Momentum, file, (entry, header) => SafeTensors.Read(entry, header, file, (tensor, numbers) => byName[tensor.Name].copy_(numbers)));
            foreach (var domain in trainedDomains)
                state.Network.MarkSeen(domain);
            state.Position = position;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException || (exception is InvalidDataException && !exception.Message.Contains(file, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"'{file}' is no readable checkpoint: {exception.Message}", exception);
        }
    }

    /// <summary>The weights in a checkpoint, in the order of reading.</summary>
    private static IEnumerable<Part> Parts(TrainingState state)
    {
        // By way of the network that is measured: a snapshot takes what stands there.
        if (state.Best is { } best)
            yield return new Part(Best, state.Measured, best.Snapshot.Take);
        if (state.Average is { } average)
            yield return new Part(Averaged, average.Network);
        yield return new Part(Weights, state.Network);
    }

    private static (TrainingPosition Position, IEnumerable<ImageDomain> TrainedDomains) ReadManifest(ZipArchive zip, string file, IReadOnlyDictionary<string, string> setup)
    {
        var entry = Entry(zip, Manifest, file);
        if (entry.Length > LargestManifest)
            throw new InvalidDataException($"The manifest of '{file}' takes {entry.Length} bytes; expected at most {LargestManifest}.");
        using var stream = entry.Open();
        var manifest = JsonSerializer.Deserialize<ManifestContent>(stream, Json);
        if (manifest is not { Setup: not null, Position.History: not null, TrainedDomains: not null } || manifest.Position.History.Contains(null!))
            throw new InvalidDataException($"The manifest of '{file}' lacks its setup, position or trained domains.");
        if (manifest.FormatVersion != FormatVersion)
            throw new InvalidDataException($"'{file}' has format version {manifest.FormatVersion}; this library reads version {FormatVersion}.");
        foreach (var name in setup.Keys.Union(manifest.Setup.Keys))
        {
            var (own, theirs) = (setup.GetValueOrDefault(name, "nothing"), manifest.Setup.GetValueOrDefault(name, "nothing"));
            if (own != theirs)
                throw new InvalidDataException($"'{file}' belongs to another run: its {name} is {theirs}, this run's is {own}. Go on with what it was made with, or choose another folder.");
        }
        if (manifest.Position is not { Epoch: >= 0, Batch: >= 0, BatchesPerEpoch: > 0, Updates: >= 0, AveragedEpochs: >= 0 })
            throw new InvalidDataException($"'{file}' stands at epoch {manifest.Position.Epoch}, batch {manifest.Position.Batch} of {manifest.Position.BatchesPerEpoch}, after {manifest.Position.Updates} updates, {manifest.Position.AveragedEpochs} epochs averaged; expected none below zero.");
        return (manifest.Position, manifest.TrainedDomains.Where(Enum.IsDefined));
    }

    private static SafeTensorsHeader Header(ZipArchive zip, string name, string file)
    {
        var entry = Entry(zip, name, file);
        using var stream = entry.Open();
        return SafeTensorsHeader.Read(stream, entry.Length, $"{file}/{name}");
    }

    private static void ReadTensors(ZipArchive zip, string name, string file, Action<Stream, SafeTensorsHeader> read)
    {
        var entry = Entry(zip, name, file);
        using var stream = entry.Open();
        read(stream, SafeTensorsHeader.Read(stream, entry.Length, $"{file}/{name}"));
    }

    private static ZipArchiveEntry Entry(ZipArchive zip, string name, string file) =>
        zip.GetEntry(name) ?? throw new InvalidDataException($"'{file}' has no {name}; expected a checkpoint of this library.");

    private static (string Name, Tensor Velocity)[] Velocities(TrainingState state) =>
        [.. state.Network.named_parameters().Select(entry => entry.name).Zip(state.Optimizer.Velocities)];

    private static HashSet<string> Shapes(IEnumerable<(string Name, long[] Shape)> tensors) =>
        [.. tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]")];

    private sealed record Part(string Name, ResidualNetwork Network, Action? Then = null, WeightsReport? Report = null);

    private sealed record ManifestContent(int FormatVersion, IReadOnlyDictionary<string, string>? Setup, TrainingPosition? Position, IReadOnlyCollection<ImageDomain>? TrainedDomains);
}
