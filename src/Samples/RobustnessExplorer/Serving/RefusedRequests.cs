using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>What was refused, as a problem document (RFC 9457). Anything else is an error of ours, and told to the log alone.</summary>
public sealed class RefusedRequests(IProblemDetailsService problems, ExplorerMetrics metrics) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var refusal = exception switch
        {
            RefusedException told => told,
            BadHttpRequestException bad => new RefusedException(bad.StatusCode, bad.Message),
            AntiforgeryValidationException => RefusedException.Malformed("The request lacks the token of /api/session, or it has expired; expected its header and cookie."),
            // Nobody reads the answer.
            OperationCanceledException when httpContext.RequestAborted.IsCancellationRequested => new RefusedException(StatusCodes.Status499ClientClosedRequest, "The request was given up."),
            _ => null,
        };
        if (refusal is null)
            return false;
        metrics.Refused(refusal.Status);
        httpContext.Response.StatusCode = refusal.Status;
        if (refusal.RetryAfterSeconds is { } seconds)
            httpContext.Response.Headers.RetryAfter = $"{seconds}";
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            Exception = exception,
            ProblemDetails = new ProblemDetails { Status = refusal.Status, Detail = refusal.Message },
        });
    }
}
