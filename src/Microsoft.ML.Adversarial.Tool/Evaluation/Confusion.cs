namespace AdversarialTool.Evaluation;

/// <summary>Images of one class that the model took for another under the attack.</summary>
/// <param name="Label">Their class.</param>
/// <param name="Predicted">What they were taken for; null where the scores were no numbers.</param>
/// <param name="Images">How many.</param>
/// <param name="OfClass">Images of the class.</param>
/// <param name="Broken">How many of them were classified as labelled clean.</param>
/// <param name="Confidence">The mean probability of what they were taken for, from 0 to 1.</param>
public sealed record Confusion(string Label, string? Predicted, int Images, long OfClass, int Broken, double Confidence);
