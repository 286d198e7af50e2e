using static TorchSharp.torch;

namespace Samples.RobustnessExplorer.Models;

/// <summary>What a network says of an image.</summary>
/// <param name="Class">The likeliest.</param>
/// <param name="Logits">Scores before softmax.</param>
/// <param name="Probabilities">Softmax of those.</param>
public sealed record Answer(int Class, float[] Logits, float[] Probabilities)
{
    /// <param name="logits">float32 [1, classes].</param>
    public static Answer Of(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var scores = logits.detach().contiguous().data<float>().ToArray();
        var highest = scores.Max();
        var exponentials = Array.ConvertAll(scores, score => Math.Exp(score - highest));
        var sum = exponentials.Sum();
        return new Answer(Array.IndexOf(scores, highest), scores, Array.ConvertAll(exponentials, value => (float)(value / sum)));
    }

    /// <summary>The cross-entropy of a class: what attacks raise, of the true one.</summary>
    public double Loss(int label)
    {
        double highest = Logits.Max();
        return highest - Logits[label] + Math.Log(Logits.Sum(score => Math.Exp(score - highest)));
    }
}
