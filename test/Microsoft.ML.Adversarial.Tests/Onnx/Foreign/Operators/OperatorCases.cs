namespace Microsoft.ML.Adversarial.Tests.Onnx.Foreign.Operators;

/// <summary>Every operator that foreign networks may have, in every form that its opsets give it.</summary>
internal static class OperatorCases
{
    public static IReadOnlyList<OperatorCase> All { get; } =
    [
        .. ConvolutionCases.All, .. ProductCases.All, .. NormalizationCases.All, .. ActivationCases.All, .. ArithmeticCases.All, .. ConditionCases.All,
        .. PoolingCases.All, .. ReductionCases.All, .. ShapeCases.All, .. IndexCases.All, .. ResizeCases.All, .. ConstantCases.All,
    ];

    public static TheoryData<string> Names => [.. All.Select(one => one.Name)];

    public static OperatorCase Named(string name) => All.Single(one => one.Name == name);
}
