using Microsoft.ML;
using Microsoft.ML.Adversarial;

namespace Samples.TrainRobustClassifier;

/// <summary>A fitted pipeline, the classifier in it, and how it fared.</summary>
public sealed record TrainedModel(string Name, ITransformer Pipeline, ImageClassificationTransformer Model, RobustnessEvaluation Evaluation, double TrainingSeconds);
