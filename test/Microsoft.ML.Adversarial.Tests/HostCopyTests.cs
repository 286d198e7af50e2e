using Mono.Cecil;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial.Tests;

/// <summary>Numbers leave the device through doors that are known by name; nothing else in the library waits for one.</summary>
public class HostCopyTests
{
    /// <summary>Type, what it may do, and why.</summary>
    private static readonly (string Type, string[] Operations, string Reason)[] Doors =
    [
        ("Attack", ["cpu", "item"], "a user's pixels and labels, before the first step of Perturb; training does not pass here"),
        ("SearchRun", ["nonzero"], "broken images leave a search, so that no step computes on them: an evaluation's steps, not a training's, but for targets and several starts"),
        ("Hyperplane", ["Equals"], "FAB looks for its way in steps that end where no image moves any more"),
        ("Verdict", ["nonzero", "cpu", "item"], "who still stands before each start, and how far an image was moved at the end of an attack"),
        ("BudgetCheck", ["cpu", "data"], "the result of an attack, measured once at the end of each search, whoever wrote it"),
        ("TrainingStep", ["cpu", "item"], "the accuracies of a measured batch, after its updates"),
        ("GradientExchange", ["cpu", "item"], "the loss, which may not reach the weights where it is no number"),
        ("SumOfRanks", ["cpu"], "statistics of all ranks, which MPI sums in this machine's memory"),
        ("MpiGroup", ["bytes"], "what lies in this machine's memory already"),
        ("AdversarialTraining", ["item"], "a coin for each batch, drawn on the CPU"),
        ("BatchNormalizationLayer", ["cpu", "item"], "the number of batches, where statistics are estimated anew at the end of a run"),
        ("BatchJournal", ["cpu", "data"], "what an evaluation found of a batch, for the outcome and the state file"),
        ("NetworkHealth", ["cpu", "item"], "one look at a batch before it is attacked"),
        ("ScoreClassifier", ["cpu", "data", "item"], "a model of ML.NET, which computes on the CPU"),
        ("ScoreTarget", ["CPU"], "such a model's device"),
        ("AttackedImages", ["cpu", "data"], "pixels of a column of ML.NET"),
        ("PrecisionProbe", ["cpu", "item"], "a stopwatch, before a run"),
        ("ContentHash", ["cpu", "bytes"], "what identifies data and weights"),
        ("SafeTensors", ["cpu", "bytes"], "files"),
        ("RenamedWeightsFile", ["data"], "how pixels are normalised, from a file, once"),
        ("OnnxGraph", ["cpu", "bytes"], "files"),
        ("OnnxTensors", ["bytes"], "files"),
        ("OnnxParser", ["bytes"], "files"),
        ("OnnxEnds", ["bytes"], "files"),
        ("OnnxSizes", ["data", "bytes"], "sizes of a graph, which are on the CPU"),
        ("OnnxSelections", ["item", "CPU"], "positions on the CPU, where they are checked"),
        ("OnnxArithmetic", ["item"], "divisions of sizes, which are on the CPU"),
        ("OnnxImport", ["Equals"], "what follows from sizes alone, on the CPU, once"),
        ("OnnxRuntimeValues", ["bytes", "data"], "a few images and a file's constants for ONNX Runtime, once"),
        ("OnnxSelfCheck", ["item", "CPU"], "what was read of a file, compared once with ONNX Runtime"),
        ("PipelineNetwork", ["item"], "what was read of a pipeline, compared once with it"),
        ("Seed", ["CPU"], "torch's generator, for weights and the order of images, is on the CPU, so that every device gets the same numbers"),
        ("TorchBackend", ["CPU"], "the choice of the device"),
    ];

    [Fact]
    public void Nothing_but_a_door_waits_for_numbers()
    {
        var waiting = Waiting().Select(type => (type.Name, Unexpected: type.Operations.Except(DoorOf(type.Name))));

        Assert.Equal([], waiting.Where(type => type.Unexpected.Any()).Select(type => $"{type.Name}: {string.Join(", ", type.Unexpected)}"));
    }

    [Fact]
    public void Every_door_is_used_for_all_that_it_is_open_for()
    {
        var waiting = Waiting().ToDictionary(type => type.Name, type => type.Operations);

        Assert.All(Doors, door => Assert.Equal(door.Operations.Order(), waiting.GetValueOrDefault(door.Type, []).Order()));
    }

    [Theory]
    [InlineData(nameof(Waits.Item), "item")]
    [InlineData(nameof(Waits.Cpu), "cpu")]
    [InlineData(nameof(Waits.Device), "CPU")]
    [InlineData(nameof(Waits.Data), "data")]
    [InlineData(nameof(Waits.Bytes), "bytes")]
    [InlineData(nameof(Waits.Extension), "str")]
    [InlineData(nameof(Waits.Conversion), "op_Explicit")]
    [InlineData(nameof(Waits.Nonzero), "nonzero")]
    [InlineData(nameof(Waits.Lambda), "item")]
    public void A_copy_is_seen_however_it_is_made(string place, string operation)
    {
        using var tests = ModuleDefinition.ReadModule(typeof(HostCopyTests).Assembly.Location);

        Assert.Equal([operation], HostCopies.In(tests.GetType($"{typeof(Waits).FullName!.Replace('+', '/')}/{place}")).Distinct());
    }

    private static List<(string Name, string[] Operations)> Waiting()
    {
        using var library = ModuleDefinition.ReadModule(typeof(AdversarialCatalog).Assembly.Location);
        return [.. library.Types.Select(type => (type.Name, (string[])[.. HostCopies.In(type).Distinct()])).Where(type => type.Item2.Length > 0)];
    }

    private static string[] DoorOf(string type) => Doors.SingleOrDefault(door => door.Type == type).Operations ?? [];

    private static class Waits
    {
        internal static class Item { public static float Of(Tensor tensor) => tensor.item<float>(); }

        internal static class Cpu { public static Tensor Of(Tensor tensor) => tensor.cpu(); }

        internal static class Device { public static Tensor Of(Tensor tensor) => tensor.to(CPU); }

        internal static class Data { public static float Of(Tensor tensor) => tensor.data<float>()[0]; }

        internal static class Bytes { public static int Of(Tensor tensor) => tensor.bytes.Length; }

        internal static class Extension { public static string Of(Tensor tensor) => TorchSharp.TensorExtensionMethods.str(tensor); }

        internal static class Conversion { public static bool Of(Tensor tensor) => (bool)tensor; }

        internal static class Nonzero { public static Tensor Of(Tensor tensor) => nonzero(tensor); }

        internal static class Lambda { public static Func<float> Of(Tensor tensor) => () => tensor.item<float>(); }
    }
}
