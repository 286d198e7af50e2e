using Microsoft.ML.Adversarial.Onnx.Format;

namespace Microsoft.ML.Adversarial;

/// <summary>The constants of a file by name.</summary>
internal sealed class OnnxConstants
{
    private readonly Dictionary<string, TensorProto> named = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">Two have the same name, or one has none.</exception>
    public OnnxConstants(IEnumerable<TensorProto> initializers, string file)
    {
        foreach (var initializer in initializers)
            if (initializer.Name.Length == 0 || !named.TryAdd(initializer.Name, initializer))
                throw new InvalidDataException($"'{file}': there are two initializers '{initializer.Name}', or one without a name; expected a name of its own for each.");
    }

    public TensorProto? Find(string name) => named.GetValueOrDefault(name);
}
