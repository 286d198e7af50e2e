using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Models;
using Tooling.Figures;
using static TorchSharp.torch;

namespace Samples.RobustnessExplorer.Attacks;

/// <summary>One attack on one image, told look by look.</summary>
/// <param name="model">Attacked.</param>
/// <param name="plan">How.</param>
/// <param name="image">The clean one; where it has no label, what the model says of it is the class to be lost.</param>
/// <param name="tell">Gets an <see cref="AttackBegins"/>, <see cref="AttackLook"/>s and an <see cref="AttackEnds"/>, by their names.</param>
/// <param name="cancellation">Ends the attack at its next look.</param>
public sealed class AttackRun(ExplorerModel model, AttackPlan plan, AskedImage image, Action<string, object> tell, CancellationToken cancellation)
{
    /// <summary>The most bytes of pictures and the most looks that are told of: beyond it every second one, every third, ...</summary>
    private const int MostPictureBytes = 4 << 20, MostLooks = 200;

    private int looks;

    public AttackEnds Run()
    {
        using var scope = NewDisposeScope();
        var label = image.Label ?? model.Ask(image.Pixels).Class;
        tell("begin", new AttackBegins(model.Name, $"{plan.Attack}", label));
        var (pixels, labels) = (model.ToTensor(image.Pixels), tensor([(long)label]));
        var attacked = plan.Attack.Perturb(new WatchedClassifier(model.Network, (tried, logits) => Look(tried, logits, label), cancellation), pixels, labels, ImageRandom.FromSeed(1, 1));

        var found = attacked.contiguous().data<float>().ToArray();
        var answer = model.Ask(found);
        var distance = plan.Attack.Budget.Distance(attacked, pixels).item<float>();
        var ends = new AttackEnds(model.Name, answer.Class != label, answer.Class, answer.Probabilities, answer.Logits, Picture(found), Moves(found), plan.CountsGreyLevels ? distance * 255 : distance);
        tell("end", ends);
        return ends;
    }

    private void Look(Tensor tried, Tensor logits, int label)
    {
        var look = looks++;
        if (look % Every(plan.Looks, MostLooks) != 0)
            return;
        var answer = Answer.Of(logits);
        // Two pictures of four characters for three bytes.
        var most = Math.Max(2, MostPictureBytes / (image.Pixels.Length * 8 / 3));
        var pixels = look % Every(plan.Looks, most) == 0 ? tried.contiguous().data<float>().ToArray() : null;
        tell("look", new AttackLook(
            model.Name, look, answer.Loss(label), answer.Class, answer.Probabilities, answer.Logits, pixels is null ? null : Picture(pixels), pixels is null ? null : Moves(pixels)));
    }

    private static int Every(int all, int most) => (all + most - 1) / most;

    private string Picture(float[] pixels) => ImagePicture.Of(pixels, model.Shape);

    private string Moves(float[] pixels) => ImagePicture.Of(PixelBitmaps.Moves(image.Pixels, pixels, Widest), model.Shape);

    /// <summary>A budget of L2 spreads over all pixels: few are moved by all of it.</summary>
    private double Widest => plan.CountsGreyLevels ? plan.Attack.Budget.Radius : plan.Attack.Budget.Radius / 8;
}
