namespace Samples.RobustnessExplorer.Attacks;

/// <summary>An attack on a model begins.</summary>
/// <param name="Model">robust or plain.</param>
/// <param name="Attack">In the library's words.</param>
/// <param name="Label">The class that it is to lose.</param>
public sealed record AttackBegins(string Model, string Attack, int Label);

/// <summary>The attack has looked at the model.</summary>
/// <param name="Model">robust or plain.</param>
/// <param name="Look">From 0, the clean image.</param>
/// <param name="Loss">The cross-entropy of the class that is to be lost.</param>
/// <param name="Class">The likeliest.</param>
/// <param name="Probabilities">Of all.</param>
/// <param name="Logits">Of all.</param>
/// <param name="Image">As <see cref="Images.ImagePicture"/>; null where only some are sent.</param>
/// <param name="Moves">The perturbation, stretched so that the budget becomes black and white; null with the image.</param>
public sealed record AttackLook(string Model, int Look, double Loss, int Class, float[] Probabilities, float[] Logits, string? Image, string? Moves);

/// <summary>The attack on a model has ended.</summary>
/// <param name="Model">robust or plain.</param>
/// <param name="IsBroken">Whether the model no longer says the class.</param>
/// <param name="Class">What it says.</param>
/// <param name="Probabilities">Of all.</param>
/// <param name="Logits">Of all.</param>
/// <param name="Image">The attacked one.</param>
/// <param name="Moves">Its perturbation.</param>
/// <param name="Distance">How far it was moved, in the units of the budget.</param>
public sealed record AttackEnds(string Model, bool IsBroken, int Class, float[] Probabilities, float[] Logits, string Image, string Moves, double Distance);
