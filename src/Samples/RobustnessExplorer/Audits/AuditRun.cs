using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Models;
using Tooling.Models;
using Tooling.Reports;

namespace Samples.RobustnessExplorer.Audits;

/// <summary>Measures a model as <c>adversarial evaluate</c> does, and writes the same report.</summary>
/// <param name="audit">Says how far it is.</param>
/// <param name="models">Lend their test images.</param>
/// <param name="settings">Where the images come from.</param>
/// <param name="cancellation">Ends it.</param>
public sealed class AuditRun(Audit audit, ModelPair models, ExplorerSettings settings, CancellationToken cancellation)
{
    private readonly MLContext ml = new(seed: 1);
    private (string Condition, long Examples) last;
    private int stage;

    private readonly EvaluationPlan plan = new()
    {
        Model = audit.Request.Name,
        Images = settings.Images,
        AttackName = audit.Request.Attack,
        Epsilon = settings.Images is null ? 12 : 8,
        Limit = audit.Request.Images,
        Seed = 1,
    };

    /// <returns>The report, a page that needs nothing beside it.</returns>
    public string Run()
    {
        var images = models.Images.TakeEvenly(audit.Request.Images);
        var data = DeployedImages.Prepare(ml, images, audit.Model);
        var evaluation = Evaluate(data, [plan.Attack]);
        var curves = Evaluate(data, plan.Curves);
        var broken = new BrokenImages(ml, plan, images, audit.Model).Make(evaluation, data);
        try
        {
            return HtmlReport.Create(new MeasuredRobustness(plan, evaluation, curves), new ImageCards(evaluation, images, broken));
        }
        finally
        {
            foreach (var image in broken)
                image.Dispose();
        }
    }

    private RobustnessEvaluation Evaluate(IDataView data, IReadOnlyList<Attack> attacks) =>
        ml.Adversarial().EvaluateRobustness(audit.Model, data, attacks, new RobustnessEvaluationOptions
        {
            Seed = plan.Seed,
            ProgressCallback = Show,
            CancellationToken = cancellation,
        });

    private void Show(EvaluationProgress progress)
    {
        // Clean images twice, the attack, and both curves.
        var all = 3 + plan.Curves.Count;
        // Attacks of several budgets have the same name, and each begins with few images.
        if (last.Condition is not null && (progress.Condition != last.Condition || progress.Examples <= last.Examples))
            stage++;
        last = (progress.Condition, progress.Examples);
        var share = (stage + progress.Examples / (double)Math.Max(1, progress.Total)) / all;
        audit.State = new AuditState("running", FormattableString.Invariant($"{progress.Condition}: {progress.Accuracy * 100:f1} % of {progress.Examples} of {progress.Total} images"), Math.Min(0.99, share));
    }
}
