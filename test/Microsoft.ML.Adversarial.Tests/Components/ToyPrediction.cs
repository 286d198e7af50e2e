namespace Microsoft.ML.Adversarial.Tests.Components;

public sealed class ToyPrediction
{
    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];
}
