using Microsoft.AspNetCore.Antiforgery;
using Samples.RobustnessExplorer.Attacks;
using Samples.RobustnessExplorer.Curves;
using Samples.RobustnessExplorer.Images;
using Samples.RobustnessExplorer.Models;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>What the page asks of the two models.</summary>
public sealed class ModelEndpoints(ExplorerSettings settings, ExplorerState state, ExplorerMetrics metrics) : IDisposable
{
    private const string Robust = "robust", Plain = "plain";

    /// <summary>Predictions take milliseconds: many may wait.</summary>
    private readonly Turns predictions = new(atATime: 4, waiting: 256, retryAfterSeconds: 1);

    private readonly Turns attacks = new(settings.ConcurrentAttacks, settings.WaitingAttacks, retryAfterSeconds: 5);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/session", (HttpContext context, IAntiforgery antiforgery) => new { token = antiforgery.GetAndStoreTokens(context).RequestToken });
        routes.MapGet("/api/state", () => new { ready = state.IsReady, failure = state.Failure, trainings = state.Trainings });
        routes.MapGet("/api/models", Describe);
        routes.MapGet("/api/curves", () => state.Curves ?? throw RefusedException.Busy(state.Failure ?? "The accuracies are still being measured.", retryAfterSeconds: 2));
        routes.MapPost("/api/predictions", PredictAsync);
        routes.MapPost("/api/attacks", AttackAsync);
        routes.MapPost("/api/budgets", FindBudgetsAsync);
    }

    public void Dispose()
    {
        predictions.Dispose();
        attacks.Dispose();
    }

    private object Describe() => new
    {
        classes = state.Models.Classes,
        channels = state.Models.Shape.Channels,
        height = state.Models.Shape.Height,
        width = state.Models.Shape.Width,
        largestEpsilon = BudgetSearch.Largest,
        first = state.Gallery.First.Id,
        images = state.Gallery.Images.Select(image => new { id = image.Id, label = image.Label, picture = ImagePicture.Of(image.Pixels, state.Models.Shape) }),
    };

    private async Task<object> PredictAsync(HttpRequest request, CancellationToken cancellation)
    {
        var image = await ImageRequest.ReadAsync(request, state, settings, cancellation);
        using var turn = await predictions.TakeAsync(cancellation);
        metrics.Predicted();
        return new
        {
            label = image.Label,
            picture = ImagePicture.Of(image.Pixels, state.Models.Shape),
            models = new Dictionary<string, Answer> { [Robust] = state.Models.Robust.Ask(image.Pixels), [Plain] = state.Models.Plain.Ask(image.Pixels) },
        };
    }

    private async Task<IResult> AttackAsync(HttpRequest request, CancellationToken cancellation)
    {
        var plan = AttackPlan.Of(request.Query, state.Models.Classes.Count);
        var image = await ImageRequest.ReadAsync(request, state, settings, cancellation);
        var turn = await attacks.TakeAsync(cancellation);
        return TypedResults.ServerSentEvents(new ToldAttack(state.Models, image, plan, settings, metrics).RunAsync(turn, cancellation));
    }

    private async Task<IReadOnlyList<BudgetCurve>> FindBudgetsAsync(HttpRequest request, CancellationToken cancellation)
    {
        var image = await ImageRequest.ReadAsync(request, state, settings, cancellation);
        using var turn = await attacks.TakeAsync(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(settings.AttackSeconds));
        try
        {
            return await Task.WhenAll(state.Models.Both.Select(model => Task.Run(() => new BudgetSearch(model, image, limit.Token).Run(), limit.Token)));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw RefusedException.Busy($"The search was stopped after {settings.AttackSeconds} seconds.", retryAfterSeconds: 10);
        }
    }
}
