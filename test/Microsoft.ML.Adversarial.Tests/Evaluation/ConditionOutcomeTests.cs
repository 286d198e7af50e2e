namespace Microsoft.ML.Adversarial.Tests.Evaluation;

public class ConditionOutcomeTests
{
    [Theory]
    [InlineData(new[] { 0f, 1e-10f, 0f }, 1)]
    [InlineData(new[] { 0f, 1e-10f, 2e-10f }, 2)]
    [InlineData(new[] { 3f, 3f, 3f }, 0)]
    public void The_class_that_was_given_has_the_highest_probability_and_the_first_of_equals(float[] logits, int given)
    {
        var outcome = new ConditionOutcome(null, classCount: 3);

        outcome.AddClean(new EvaluatedImages { FirstRow = 0, Condition = 0, Member = 0, Batch = "", Positions = [0], Logits = logits }, [given], [0]);

        Assert.Equal(given, Array.IndexOf(outcome.Scores[0], outcome.Scores[0].Max()));
        Assert.Equal(1, outcome.Scores[0].Sum(), 1e-6);
    }
}
