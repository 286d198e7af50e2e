using Microsoft.Extensions.Diagnostics.HealthChecks;
using Samples.RobustnessExplorer.Models;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>Healthy when both models answer; degraded, which is no failure, while they are being made.</summary>
public sealed class ModelHealth(ExplorerState state) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (!state.IsReady)
            return Task.FromResult(state.Failure is { } failure ? HealthCheckResult.Unhealthy(failure) : HealthCheckResult.Degraded("The models are being prepared."));
        foreach (var model in state.Models.Both)
            if (!model.Ask(state.Gallery.Images[0].Pixels).Probabilities.All(float.IsFinite))
                return Task.FromResult(HealthCheckResult.Unhealthy($"The {model.Name} model answers with what is no number."));
        return Task.FromResult(HealthCheckResult.Healthy());
    }
}
