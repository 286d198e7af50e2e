using Microsoft.ML.Adversarial;


namespace Samples.PaperStudy.Findings;

/// <summary>What one number of the study is of: a cell in a domain, on clean images or under an attack.</summary>
/// <param name="Cell">The cell's name.</param>
/// <param name="Domain">Whose normalisation the images go through.</param>
/// <param name="Steps">Of the attack; 0 for clean images.</param>
public sealed record Condition(string Cell, ImageDomain Domain, int Steps)
{
    public string Measured => Steps == 0 ? "clean" : $"PGD-{Steps}";

    public static Condition Clean(string cell) => new(cell, ImageDomain.Clean, Steps: 0);

    public static Condition Attacked(string cell, int steps) => new(cell, ImageDomain.Adversarial, steps);
}
