namespace Samples.ScoreInPlainApp;

/// <summary>What the model gives.</summary>
public sealed class Prediction
{
    public string Path { get; set; } = "";

    public string PredictedClass { get; set; } = "";

    public float[] Score { get; set; } = [];

    /// <summary>The name of the folder the image lies in.</summary>
    public string Folder => System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(Path)) ?? "";
}
