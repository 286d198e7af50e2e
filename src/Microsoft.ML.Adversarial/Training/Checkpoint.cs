using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML.Adversarial.Networks;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Training;

/// <summary>
/// A run at one moment, as one zip: <c>manifest.json</c>, <c>weights.safetensors</c> with torchvision's names, <c>momentum.safetensors</c> with the same, and <c>best.safetensors</c> where a selection keeps the best weights. Randomness has no state to keep:
/// every stream is drawn from the seed and the position.
/// </summary>
internal static class Checkpoint
{
    private const int FormatVersion = 1;

    private const long LargestManifest = 1 << 20;

    private const string Manifest = "manifest.json", Weights = "weights.safetensors", Momentum = "momentum.safetensors", Best = "best.safetensors";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    /// <param name="stream">Receives the file; stays open.</param>
    /// <param name="setup">Everything that decides the run, by name: a checkpoint goes on only in a run that agrees.</param>
    /// <param name="position">How far the run has come.</param>
    /// <param name="network">With its weights.</param>
    /// <param name="optimizer">With its momentum.</param>
    /// <param name="best">The weights of the best epoch so far; null without a selection.</param>
    public static void Write(
        Stream stream, IReadOnlyDictionary<string, string> setup, TrainingPosition position, ResidualNetwork network, GradientDescent optimizer, WeightSnapshot? best)
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        using (var entry = zip.CreateEntry(Manifest).Open())
            JsonSerializer.Serialize(entry, new ManifestContent(FormatVersion, setup, position, network.TrainedDomains), Json);
        // Weights hardly compress, and time counts.
        using (var entry = zip.CreateEntry(Weights, CompressionLevel.NoCompression).Open())
            NetworkWeights.Write(entry, network);
        using (var entry = zip.CreateEntry(Momentum, CompressionLevel.NoCompression).Open())
            SafeTensors.Write(entry, Velocities(network, optimizer));
        if (best is null)
            return;
        using (var entry = zip.CreateEntry(Best, CompressionLevel.NoCompression).Open())
            SafeTensors.Write(entry, best.Named);
    }

    /// <summary>Puts a run back to the moment of the checkpoint. Nothing of the network changes before manifest and headers have been checked.</summary>
    /// <returns>Where it stands.</returns>
    /// <exception cref="InvalidDataException">The file is no checkpoint, is damaged, or belongs to another run: the message names what differs.</exception>
    public static TrainingPosition Read(string file, IReadOnlyDictionary<string, string> setup, ResidualNetwork network, GradientDescent optimizer, WeightSnapshot? best)
    {
        using var stream = File.OpenRead(file);
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read);
            var (position, trainedDomains) = ReadManifest(zip, file, setup);
            var velocities = Velocities(network, optimizer);
            var (weightsHeader, momentumHeader) = (Header(zip, Weights, file), Header(zip, Momentum, file));
            var report = NetworkWeights.Compare(weightsHeader, network);
            var bestReport = best is null ? report : NetworkWeights.Compare(Header(zip, Best, file), network);
            foreach (var found in new[] { report, bestReport })
                if (!found.IsComplete)
                    throw new InvalidDataException($"The weights of '{file}' do not fit {network.Architecture}: {found}.");
            if (!Shapes(momentumHeader.Entries.Select(entry => (entry.Name, entry.Shape))).SetEquals(Shapes(velocities.Select(entry => (entry.Name, entry.Velocity.shape)))))
                throw new InvalidDataException($"The momentum of '{file}' does not fit {network.Architecture}.");
            if (best is not null)
            {
                // By way of the network: a snapshot takes what stands there.
                ReadTensors(zip, Best, file, (entry, header) => NetworkWeights.Read(entry, header, file, network, bestReport));
                best.Take();
            }
            ReadTensors(zip, Weights, file, (entry, header) => NetworkWeights.Read(entry, header, file, network, report));
            var byName = velocities.ToDictionary(entry => entry.Name, entry => entry.Velocity, StringComparer.Ordinal);
            ReadTensors(zip, Momentum, file, (entry, header) => SafeTensors.Read(entry, header, file, (tensor, numbers) => byName[tensor.Name].copy_(numbers)));
            foreach (var domain in trainedDomains)
                network.MarkSeen(domain);
            return position;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException || (exception is InvalidDataException && !exception.Message.Contains(file, StringComparison.Ordinal)))
        {
            throw new InvalidDataException($"'{file}' is no readable checkpoint: {exception.Message}", exception);
        }
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
        if (manifest.Position is not { Epoch: >= 0, Batch: >= 0, BatchesPerEpoch: > 0 })
            throw new InvalidDataException($"'{file}' stands at epoch {manifest.Position.Epoch}, batch {manifest.Position.Batch} of {manifest.Position.BatchesPerEpoch}; expected none below zero.");
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

    private static (string Name, Tensor Velocity)[] Velocities(ResidualNetwork network, GradientDescent optimizer) =>
        [.. network.named_parameters().Select(entry => entry.name).Zip(optimizer.Velocities)];

    private static HashSet<string> Shapes(IEnumerable<(string Name, long[] Shape)> tensors) =>
        [.. tensors.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]")];

    private sealed record ManifestContent(int FormatVersion, IReadOnlyDictionary<string, string>? Setup, TrainingPosition? Position, IReadOnlyCollection<ImageDomain>? TrainedDomains);
}
