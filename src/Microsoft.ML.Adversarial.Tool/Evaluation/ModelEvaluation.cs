using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;

namespace AdversarialTool.Evaluation;

/// <summary>The whole story: read the model as it was deployed, attack it, draw curves, report, and say whether it is good enough.</summary>
public sealed class ModelEvaluation(EvaluationSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(settings.Seed);

    /// <summary>Null for this process alone.</summary>
    private ProcessGroup? group;

    /// <returns>The numbers, and whether the gate is open.</returns>
    public Answer Run()
    {
        settings.Check();
        group = Ranks.Open(settings.IsDistributed);
        var output = new OutputFolder(settings.Output);
        var images = group.InTurn(() => ReadImages(output));
        using var model = ml.Adversarial().LoadNetwork(settings.Model, settings.File);
        CheckClasses(images, model);
        using var display = new EvaluationDisplay(settings, images);
        var data = settings.IsOnnx ? DeployedImages.Prepare(ml, images, model) : images.AsView(ml);

        var evaluation = Evaluate(model, data, [settings.Attack], "evaluation.jsonl", output, display);
        display.ShowEvaluation(evaluation);
        var curves = Evaluate(model, data, [.. settings.EpsilonCurve, .. settings.StepsCurve.Where(attack => attack.Steps != 20)], "curves.jsonl", output, display);
        // That a small budget breaks nothing is what a curve is drawn for.
        var warnings = evaluation.Warnings.Concat(curves.Warnings.Where(warning => warning.Kind is EvaluationWarningKind.MoreStepsBreakFewer or EvaluationWarningKind.LargerBudgetBreaksFewer)).ToList();
        display.ShowWarnings(warnings);

        var failures = settings.Gate?.Failures(evaluation) ?? [];
        if (!group.IsFirst())
            return EvaluationAnswer.Create(settings, evaluation, failures, []);
        output.Write("report.json", path => File.WriteAllText(path, evaluation.ToJson()));
        output.Write("images.csv", path => new ImageTable(ml, images).Write(evaluation, path));
        var broken = new BrokenImages(ml, settings, images, model).Make(evaluation, data);
        output.Write("attacked-images.png", path => AttackedSheet.Draw(evaluation, broken, path));
        var (figures, cards) = (new RobustnessFigures(settings, evaluation, curves), new ImageCards(evaluation, images, broken));
        output.Write("report.html", path => File.WriteAllText(path, HtmlReport.Create(settings, evaluation, warnings, figures, cards)));
        foreach (var image in broken)
            image.Dispose();
        EvaluationDisplay.ShowFiles(output.Written);
        foreach (var state in (string[])["evaluation.jsonl", "curves.jsonl"])
            File.Delete(Path.Combine(output.Path, state));

        EvaluationDisplay.ShowGate(settings, failures);
        return EvaluationAnswer.Create(settings, evaluation, failures, output.Written);
    }

    private static void CheckClasses(ImageSet images, DeployedClassifier model)
    {
        if (images.Classes.FirstOrDefault(name => !model.ClassNames.Contains(name)) is { } stranger)
            throw new InvalidDataException($"The images are of a class '{stranger}', which the model does not know; expected folders among {string.Join(", ", model.ClassNames)}.");
    }

    private ImageSet ReadImages(OutputFolder output)
    {
        var images = settings.Images is { } folder
            ? ImageFolder.Read(folder, limitPerClass: null, settings.Seed, mayDiffer: settings.IsOnnx)
            : TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 1, settings.Seed, Path.Combine(output.Path, "letters")).Test;
        return settings.Limit is { } limit ? images.TakeEvenly(limit) : images;
    }

    private RobustnessEvaluation Evaluate(
        DeployedClassifier model, IDataView data, IReadOnlyList<Attack> attacks, string state, OutputFolder output, EvaluationDisplay display) =>
        ml.Adversarial().EvaluateRobustness(model, data, attacks, new RobustnessEvaluationOptions
        {
            Seed = settings.Seed,
            SearchPrecision = settings.SearchPrecision,
            StateFile = Path.Combine(output.Path, state),
            Distributed = group,
            ProgressCallback = display.ShowProgress,
            CancellationToken = cancellation,
        });
}
