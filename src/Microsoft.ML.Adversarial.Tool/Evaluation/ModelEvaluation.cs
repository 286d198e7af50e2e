using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Tooling.CommandLine;
using Tooling.ImageData;
using Tooling.Models;
using Tooling.Reports;

namespace AdversarialTool.Evaluation;

/// <summary>The whole story: read the model as it was deployed, attack it, draw curves, report, and say whether it is good enough.</summary>
public sealed class ModelEvaluation(EvaluationSettings settings, CancellationToken cancellation)
{
    private readonly EvaluationPlan plan = settings.Plan;
    private readonly MLContext ml = new(settings.Plan.Seed);

    /// <summary>Null for this process alone.</summary>
    private ProcessGroup? group;

    /// <returns>The numbers, and whether the gate is open.</returns>
    public Answer Run()
    {
        settings.Check();
        group = Ranks.Open(settings.IsDistributed);
        var output = new OutputFolder(settings.Output);
        var images = group.InTurn(() => ReadImages(output));
        using var model = ml.Adversarial().LoadNetwork(plan.Model, settings.File);
        CheckClasses(images, model);
        using var display = new EvaluationDisplay(settings, images);
        var data = settings.IsOnnx ? DeployedImages.Prepare(ml, images, model) : images.AsView(ml);

        var evaluation = Evaluate(model, data, [plan.Attack], "evaluation.jsonl", output, display);
        display.ShowEvaluation(evaluation);
        var curves = Evaluate(model, data, plan.Curves, "curves.jsonl", output, display);
        var measured = new MeasuredRobustness(plan, evaluation, curves);
        display.ShowWarnings(measured.Warnings);

        var failures = settings.Gate?.Failures(evaluation) ?? [];
        if (!group.IsFirst())
            return EvaluationAnswer.Create(settings, evaluation, failures, []);
        output.Write("report.json", path => File.WriteAllText(path, evaluation.ToJson()));
        output.Write("images.csv", path => new ImageTable(ml, images).Write(evaluation, path));
        var broken = new BrokenImages(ml, plan, images, model).Make(evaluation, data);
        output.Write("attacked-images.png", path => AttackedSheet.Draw(evaluation, broken, path));
        output.Write("report.html", path => File.WriteAllText(path, HtmlReport.Create(measured, new ImageCards(evaluation, images, broken))));
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
        var images = plan.Images is { } folder
            ? ImageFolder.Read(folder, limitPerClass: null, plan.Seed, mayDiffer: settings.IsOnnx)
            : TrainingAndTestImages.Read(images: null, testImages: null, limitPerClass: 1, plan.Seed, Path.Combine(output.Path, "letters")).Test;
        return plan.Limit is { } limit ? images.TakeEvenly(limit) : images;
    }

    private RobustnessEvaluation Evaluate(
        DeployedClassifier model, IDataView data, IReadOnlyList<Attack> attacks, string state, OutputFolder output, EvaluationDisplay display) =>
        ml.Adversarial().EvaluateRobustness(model, data, attacks, new RobustnessEvaluationOptions
        {
            Seed = plan.Seed,
            SearchPrecision = plan.SearchPrecision,
            StateFile = Path.Combine(output.Path, state),
            Distributed = group,
            ProgressCallback = display.ShowProgress,
            CancellationToken = cancellation,
        });
}
