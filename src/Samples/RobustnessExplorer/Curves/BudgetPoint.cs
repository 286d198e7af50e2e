namespace Samples.RobustnessExplorer.Curves;

/// <summary>What becomes of an image within a budget.</summary>
/// <param name="Epsilon">Grey levels.</param>
/// <param name="Class">What the model says of the attacked image.</param>
/// <param name="Probabilities">Of all classes.</param>
/// <param name="Logits">Of all classes.</param>
/// <param name="Image">The attacked one, as <see cref="Images.ImagePicture"/>.</param>
/// <param name="Moves">The perturbation, stretched so that the budget becomes black and white.</param>
public sealed record BudgetPoint(double Epsilon, int Class, float[] Probabilities, float[] Logits, string Image, string Moves);
