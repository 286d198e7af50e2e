using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Microsoft.ML.Adversarial.Onnx.Format;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;

/// <summary>What ONNX Runtime computes of a file, one image at a time.</summary>
internal sealed class OnnxRuntimeValues(OnnxFile file, ForeignInput input)
{
    private const string ExternalFolder = "session.model_external_initializers_file_folder_path";

    /// <summary>The file's own nodes; others may be added to it meanwhile.</summary>
    private readonly NodeProto[] nodes = [.. file.Graph.Node.Where(node => !node.Name.StartsWith(ForeignNetwork.Added, StringComparison.Ordinal))];

    /// <summary>Of the largest number. A file of half the precision computes in that there, and in float32 here.</summary>
    public double Tolerance => IsHalf ? 2e-2 : 1e-4;

    private bool IsHalf => file.Inputs.Single(candidate => candidate.Name == input.Name).Type.TensorType.ElemType == (int)TensorProto.Types.DataType.Float16;

    /// <param name="images">[batch, channels, height, width], as the graph takes them but for their layout.</param>
    /// <param name="names">Values of the graph.</param>
    /// <returns>Those of them that are numbers of float32, by name; new, in the current dispose scope.</returns>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses the file.</exception>
    public IReadOnlyDictionary<string, Tensor> Of(Tensor images, IReadOnlyCollection<string> names)
    {
        List<OrtValue> shared = [];
        try
        {
            using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableCpuMemArena = false, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            if (file.Folder is { } folder)
                options.AddSessionConfigEntry(ExternalFolder, Path.GetFullPath(folder));
            var (excerpt, constants) = Excerpt(names);
            foreach (var constant in constants)
                shared.Add(Share(constant, file.Numbers[constant].contiguous()));
            string[] given = [input.Name, .. constants.Select(constant => constant.Name)];
            using var session = new InferenceSession(excerpt.ToByteArray(), options);
            var results = names.ToDictionary(name => name, _ => new List<Tensor>());
            foreach (var image in images.split(1))
                Run(session, image, given, shared, names, results);
            return results.Where(entry => entry.Value.Count == images.shape[0]).ToDictionary(entry => entry.Key, entry => cat([.. entry.Value]));
        }
        catch (Exception exception) when (exception is OnnxRuntimeException || OnnxTrace.IsRefusal(exception))
        {
            throw new InvalidDataException($"ONNX Runtime cannot run '{file.Name}': {exception.Message}", exception);
        }
        finally
        {
            foreach (var value in shared)
                value.Dispose();
        }
    }

    private void Run(InferenceSession session, Tensor image, string[] inputs, List<OrtValue> constants, IReadOnlyCollection<string> names, Dictionary<string, List<Tensor>> results)
    {
        var laidOut = (input.Layout == PixelLayout.Interleaved ? image.permute(0, 2, 3, 1) : image).contiguous();
        using var given = IsHalf
            ? OrtValue.CreateTensorValueFromMemory(laidOut.data<float>().Select(pixel => (Float16)pixel).ToArray(), laidOut.shape)
            : OrtValue.CreateTensorValueFromMemory(laidOut.data<float>().ToArray(), laidOut.shape);
        using var options = new RunOptions();
        using var made = session.Run(options, inputs, [given, .. constants], names);
        foreach (var (name, value) in names.Zip(made))
        {
            var type = value.GetTensorTypeAndShape();
            if (type.ElementDataType is not (OnnxRuntime.Tensors.TensorElementType.Float or OnnxRuntime.Tensors.TensorElementType.Float16))
                continue;
            var numbers = type.ElementDataType is OnnxRuntime.Tensors.TensorElementType.Float
                ? value.GetTensorDataAsSpan<float>().ToArray()
                : [.. value.GetTensorDataAsSpan<Float16>().ToArray().Select(number => (float)number)];
            results[name].Add(tensor(numbers).reshape(type.Shape));
        }
    }

    /// <summary>A large constant as it lies in torch's memory.</summary>
    private static OrtValue Share(TensorProto constant, Tensor numbers) =>
        OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (OnnxRuntime.Tensors.TensorElementType)constant.DataType, [.. constant.Dims], Address(numbers), numbers.bytes.Length);

    /// <summary>Torch moves nothing, so that the distance from null is an address to keep.</summary>
    private static nint Address(Tensor numbers) => Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(numbers.bytes));

    /// <summary>The part of the file that these values need, with them as its outputs. Its large constants are inputs, which are not copied.</summary>
    private (ModelProto Model, IReadOnlyList<TensorProto> Constants) Excerpt(IReadOnlyCollection<string> names)
    {
        var producers = nodes.SelectMany(node => node.Output.Select(output => (output, node))).Where(pair => pair.output.Length > 0).ToDictionary(pair => pair.output, pair => pair.node);
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(names);
        while (open.TryPop(out var name))
            if (needed.Add(name) && producers.TryGetValue(name, out var node))
                foreach (var other in node.Input)
                    open.Push(other);
        var graph = new GraphProto { Name = "excerpt" };
        graph.Node.AddRange(nodes.Where(node => node.Output.Any(needed.Contains)));
        var constants = file.Numbers.Keys.Where(constant => needed.Contains(constant.Name)).ToList();
        graph.Initializer.AddRange(file.Graph.Initializer.Where(initializer => needed.Contains(initializer.Name) && !file.Numbers.ContainsKey(initializer)));
        graph.Input.AddRange(file.Inputs.Where(candidate => candidate.Name == input.Name));
        graph.Input.AddRange(constants.Select(Described));
        graph.Output.AddRange(names.Select(name => new ValueInfoProto { Name = name }));
        var model = new ModelProto { IrVersion = Math.Max(4, file.Model.IrVersion), Graph = graph };
        model.OpsetImport.AddRange(file.Model.OpsetImport);
        return (model, constants);
    }

    private static ValueInfoProto Described(TensorProto constant)
    {
        var sizes = new TensorShapeProto();
        sizes.Dim.AddRange(constant.Dims.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto { Name = constant.Name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = constant.DataType, Shape = sizes } } };
    }
}
