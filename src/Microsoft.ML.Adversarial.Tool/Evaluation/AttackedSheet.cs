using Microsoft.ML.Adversarial;
using Tooling.Figures;
using Tooling.Reports;

namespace AdversarialTool.Evaluation;

/// <summary>Broken images in rows: clean, the perturbation, attacked; for each, what the model takes it for and how sure it is.</summary>
public static class AttackedSheet
{
    public static void Draw(RobustnessEvaluation evaluation, IReadOnlyList<BrokenImage> broken, string path)
    {
        using var sheet = new ImageSheet(["clean image", "perturbation", "attacked"], Math.Max(1, broken.Count));
        if (broken.Count == 0)
            sheet.Say("no image was broken");
        foreach (var (place, image) in broken.Index())
        {
            sheet.Place(image.Clean, 0, place, Caption(evaluation.CleanPredictions[image.Row]), isRight: true);
            sheet.Place(image.Perturbation, 1, place);
            sheet.Place(image.Attacked, 2, place, Caption(evaluation.Attacks[0].Predictions[image.Row]), isRight: false);
        }
        sheet.Save(path);
    }

    private static string Caption(ImagePrediction prediction) => prediction.ClassName is { } name ? $"{name} {prediction.Confidence:p0}" : "no class";
}
