using static TorchSharp.torch;

namespace Microsoft.ML.Adversarial;


/// <summary>One entry of the table of operators.</summary>
/// <param name="Read">Reads a node's attributes, of any version of the operator, and says what it computes.</param>
internal sealed record OnnxOperator(Func<OnnxNode, Func<StepInputs, IReadOnlyList<Tensor>>> Read)
{
    /// <inheritdoc cref="GraphOperation.HostInputs"/>
    public IReadOnlyCollection<int> HostInputs { get; init; } = [];

    /// <inheritdoc cref="GraphOperation.Weights"/>
    public IReadOnlyCollection<int> Weights { get; init; } = [];

    /// <inheritdoc cref="GraphOperation.MayLearn"/>
    public bool MayLearn { get; init; }

    /// <inheritdoc cref="GraphOperation.Kernels"/>
    public int? Kernels { get; init; }

    /// <inheritdoc cref="GraphOperation.MakesNew"/>
    public bool MakesNew { get; init; }

    /// <summary>At most so many numbers a node makes of what it gets, known before memory is needed. Unless stated, as many as each dimension's largest size makes.</summary>
    public Func<OnnxNode, Func<StepInputs, double>> Numbers { get; init; } = OnnxNumbers.Broadcast;

    /// <summary>Whether its result says sizes, whatever the pixels are.</summary>
    public bool IsOfSizes { get; init; }

    /// <summary>Whether it is a batch normalisation.</summary>
    public bool IsBatchNormalization { get; init; }

    /// <summary>Of one result.</summary>
    public static OnnxOperator Of(Func<OnnxNode, Func<StepInputs, Tensor>> read) => new(node =>
    {
        var kernel = read(node);
        return inputs => [kernel(inputs)];
    });

    /// <summary>Of one result, without attributes.</summary>
    public static OnnxOperator Of(Func<StepInputs, Tensor> kernel) => Of(_ => kernel);

    /// <summary>Of one input and one result, without attributes.</summary>
    public static OnnxOperator OfOne(Func<Tensor, Tensor> kernel) => Of(_ => inputs => kernel(inputs[0]));
}
