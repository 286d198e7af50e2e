using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.ML;
using Microsoft.ML.Adversarial;
using Samples.RobustnessExplorer.Models;
using Samples.RobustnessExplorer.Serving;

namespace Samples.RobustnessExplorer.Audits;

/// <summary>Takes models in and hands reports out.</summary>
public sealed partial class AuditEndpoints(ExplorerSettings settings, ExplorerState state, AuditService queue, ScratchFolder scratch) : IDisposable
{
    /// <summary>The most pixels of an image that an uploaded network may take.</summary>
    private const int MostPixels = 512 * 512;

    /// <summary>Reading a network takes memory and a processor: one at a time.</summary>
    private readonly Turns imports = new(atATime: 1, waiting: 4, retryAfterSeconds: 5);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/audits", AddAsync);
        routes.MapGet("/api/audits/{id}", (string id) => queue.Find(id).State);
        routes.MapGet("/api/audits/{id}/report", SendReport);
    }

    public void Dispose() => imports.Dispose();

    private async Task<IResult> AddAsync(HttpRequest request, CancellationToken cancellation)
    {
        var asked = AuditRequest.Of(request.Query);
        _ = state.Models;
        queue.CheckRoom();
        using var turn = await imports.TakeAsync(cancellation);
        var content = await RequestBody.ReadAsync(request, settings.ModelBytes, settings.UploadSeconds, cancellation);
        if (content.Length == 0)
            throw RefusedException.Malformed("The request has no body; expected an ONNX file or a model.zip.");
        var audit = new Audit(asked, await Task.Run(() => Import(content), cancellation));
        try
        {
            queue.Add(audit);
        }
        catch
        {
            audit.Dispose();
            throw;
        }
        return TypedResults.Accepted($"/api/audits/{audit.Id}", new { id = audit.Id });
    }

    private DeployedClassifier Import(byte[] content)
    {
        try
        {
            var model = ModelFile.Load(new MLContext(seed: 1), content, settings.ModelBytes, scratch.Path, state.Models.Classes);
            if (Misfit(model) is not { } misfit)
                return model;
            model.Dispose();
            throw RefusedException.Unusable(misfit);
        }
        catch (InvalidDataException exception)
        {
            throw RefusedException.Unusable(exception.Message);
        }
    }

    private string? Misfit(DeployedClassifier model)
    {
        var shape = model.ImageShape;
        if (shape.Channels is not (1 or 3) || (long)shape.Width * shape.Height > MostPixels)
            return $"The model takes images of {shape}; expected 1 channel or 3, and at most {MostPixels} pixels.";
        return state.Models.Images.Classes.FirstOrDefault(name => !model.ClassNames.Contains(name)) is { } stranger
            ? $"The model does not know the class '{stranger}' of the test images; expected one that tells apart {string.Join(", ", state.Models.Classes)}, or has as many scores."
            : null;
    }

    /// <summary>A page that came of an upload: it may run its own script, known by its hash, and nothing else, in an origin of its own.</summary>
    private ContentHttpResult SendReport(string id, HttpResponse response)
    {
        var report = queue.Find(id).Report ?? throw new RefusedException(StatusCodes.Status404NotFound, "The audit has no report yet.");
        var hashes = Script().Matches(report).Select(script => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Groups[1].Value)))}'");
        response.Headers.ContentSecurityPolicy = $"default-src 'none'; script-src {string.Join(' ', hashes)}; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox allow-scripts";
        return TypedResults.Content(report, "text/html; charset=utf-8");
    }

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex Script();
}
