using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Attacks;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Models;
using Tooling.Figures;
using static TorchSharp.torch;

namespace Samples.RobustnessExplorer.Curves;

/// <summary>Finds the smallest budget that breaks a model on an image: budgets in rising order, and bisection between the last that did not and the first that did.</summary>
/// <param name="model">Attacked.</param>
/// <param name="image">The clean one.</param>
/// <param name="cancellation">Ends the search at its next look.</param>
public sealed class BudgetSearch(ExplorerModel model, AskedImage image, CancellationToken cancellation)
{
    public const int Largest = 32;

    private const int Steps = 10;

    /// <summary>Grey levels between the budgets of the last two attacks.</summary>
    private const double Precision = 0.1;

    /// <summary>Below half a grey level the library takes a budget for a slip of scale.</summary>
    private const double Least = 0.5;

    private readonly int label = image.Label ?? model.Ask(image.Pixels).Class;

    public BudgetCurve Run()
    {
        var points = new List<BudgetPoint>();
        double? smallest = null;
        float[]? broken = null;
        for (var epsilon = 0; epsilon <= Largest; epsilon++)
        {
            var attacked = Attack(epsilon);
            if (smallest is null && IsBroken(attacked))
                smallest = epsilon == 0 ? 0 : Bisect(epsilon - 1, epsilon);
            if (IsBroken(attacked))
                broken = attacked;
            // What breaks the model within a smaller budget does so within this one.
            points.Add(Point(epsilon, broken ?? attacked));
        }
        return new BudgetCurve(model.Name, label, smallest, points);
    }

    /// <param name="withstood">Grey levels.</param>
    /// <param name="broken">Grey levels, more.</param>
    private double Bisect(double withstood, double broken)
    {
        if (withstood < Least && IsBroken(Attack(Least)))
            return Least;
        withstood = Math.Max(withstood, Least);
        while (broken - withstood > Precision)
        {
            var middle = (withstood + broken) / 2;
            if (IsBroken(Attack(middle)))
                broken = middle;
            else
                withstood = middle;
        }
        return broken;
    }

    private float[] Attack(double epsilon)
    {
        using var scope = NewDisposeScope();
        var network = new WatchedClassifier(model.Network, (_, _) => { }, cancellation);
        return new PgdAttack(Budget.LInf(epsilon)) { Steps = Steps }
            .Perturb(network, model.ToTensor(image.Pixels), tensor([(long)label]), ImageRandom.FromSeed(1, 1)).contiguous().data<float>().ToArray();
    }

    private bool IsBroken(float[] pixels) => model.Ask(pixels).Class != label;

    private BudgetPoint Point(double epsilon, float[] pixels)
    {
        var answer = model.Ask(pixels);
        return new BudgetPoint(
            epsilon, answer.Class, answer.Probabilities, answer.Logits, ImagePicture.Of(pixels, model.Shape),
            ImagePicture.Of(PixelBitmaps.Moves(image.Pixels, pixels, epsilon / 255), model.Shape));
    }
}
