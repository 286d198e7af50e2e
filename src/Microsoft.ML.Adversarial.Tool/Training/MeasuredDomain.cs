using Microsoft.ML.Adversarial;

namespace AdversarialTool.Training;

/// <summary>What the trained model makes of the test images with the normalisation of one domain.</summary>
public sealed record MeasuredDomain(ImageDomain Domain, RobustnessEvaluation Evaluation);
