using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Diagnostics.HealthChecks;

// dotnet run, and in another shell: curl -F image=@picture.png http://localhost:5000/classify
// or the image itself:              curl --data-binary @picture.png -H 'Content-Type: image/png' http://localhost:5000/classify
var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration.GetSection("Classifier").Get<ClassifierSettings>() ?? new ClassifierSettings();
ImageClassifier classifier;
try
{
    Validator.ValidateObject(settings, new ValidationContext(settings), validateAllProperties: true);
    classifier = ImageClassifier.Load(Path.Combine(builder.Environment.ContentRootPath, settings.Model), settings.ConcurrentRequests);
}
catch (Exception exception)
{
    Console.Error.WriteLine($"The application cannot start: {exception.GetBaseException().Message}");
    return 1;
}

builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = settings.MaximumRequestBytes);
builder.Services.AddProblemDetails();
builder.Services.AddHealthChecks().AddCheck("model", () =>
{
    classifier.ClassifyBlack();
    return HealthCheckResult.Healthy();
});
builder.Services.AddRateLimiter(limiter =>
{
    limiter.AddConcurrencyLimiter("classify", concurrency => (concurrency.PermitLimit, concurrency.QueueLimit) = (settings.ConcurrentRequests, settings.WaitingRequests));
    limiter.RejectionStatusCode = StatusCodes.Status503ServiceUnavailable;
    limiter.OnRejected = (rejected, _) =>
    {
        rejected.HttpContext.Response.Headers.RetryAfter = "1";
        return ValueTask.CompletedTask;
    };
});
builder.Services.AddRequestTimeouts();

var app = builder.Build();
// These two write application/problem+json: of errors, and into answers without content such as 404 and 503.
app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseRateLimiter();
// After the limiter: who waits for a turn is not timed, who takes it is.
app.UseRequestTimeouts();

app.MapHealthChecks("/health");
app.MapPost("/classify", async (HttpRequest request, CancellationToken cancellation) =>
{
    try
    {
        var upload = await UploadedImage.ReadAsync(request, cancellation);
        using var image = UploadedImage.Decode(upload, settings.MaximumPixels);
        return Results.Ok(classifier.Classify(image));
    }
    catch (BadHttpRequestException refused)
    {
        return Results.Problem(refused.Message, statusCode: refused.StatusCode);
    }
})
.RequireRateLimiting("classify")
.WithRequestTimeout(new RequestTimeoutPolicy { Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds), TimeoutStatusCode = StatusCodes.Status408RequestTimeout });

app.Run();
return 0;
