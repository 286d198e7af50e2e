using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.ML.Adversarial;
using OpenTelemetry.Metrics;
using Samples.RobustnessExplorer.Audits;
using Samples.RobustnessExplorer.Models;

namespace Samples.RobustnessExplorer.Serving;

/// <summary>Puts the service together.</summary>
public static class ExplorerHost
{
    private static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Each holds an upload in memory at most.</summary>
    private const int MostConnections = 256;

    public static WebApplication Create(ExplorerSettings settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(settings.Urls);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
        });
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        // That keys are not kept, and answers with tokens not cached, is meant to be.
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error);
        AddServices(builder.Services, settings);
        AddTelemetry(builder.Services, builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);

        var app = builder.Build();
        app.UseHostFiltering();
        SecurityHeaders.Use(app);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseDefaultFiles();
        app.UseStaticFiles();
        app.MapHealthChecks("/health");
        var api = app.MapGroup("").AddEndpointFilter(CheckTokenAsync);
        app.Services.GetRequiredService<ModelEndpoints>().Map(api);
        app.Services.GetRequiredService<AuditEndpoints>().Map(api);
        return app;
    }

    private static void AddServices(IServiceCollection services, ExplorerSettings settings)
    {
        services.AddSingleton(settings);
        services.AddSingleton(_ => new ScratchFolder(settings.Cache));
        services.AddSingleton<ExplorerState>();
        services.AddSingleton<ExplorerMetrics>();
        services.AddSingleton<ModelEndpoints>();
        services.AddSingleton<AuditEndpoints>();
        services.AddSingleton<AuditService>();
        services.AddHostedService<Preparation>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditService>());
        services.AddProblemDetails();
        services.AddExceptionHandler<RefusedRequests>();
        services.AddHealthChecks().AddCheck<ModelHealth>("models");
        // A service that is known by names of this machine alone answers to no other: a foreign page cannot have its own name lead here.
        services.Configure<HostFilteringOptions>(filtering => filtering.AllowedHosts = settings.Urls.Split(';').All(IsLoopback) ? Loopback : ["*"]);
        // Tokens end with the process: there is nothing to sign in to.
        services.AddDataProtection().UseEphemeralDataProtectionProvider();
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.HeaderName = "X-Token";
            antiforgery.Cookie.Name = "explorer";
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
    }

    /// <summary>Sent where the environment names an OTLP endpoint (OTEL_EXPORTER_OTLP_ENDPOINT), and collected by nobody otherwise.</summary>
    private static void AddTelemetry(IServiceCollection services, string? endpoint)
    {
        if (!string.IsNullOrEmpty(endpoint))
            services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .AddMeter(ExplorerMetrics.Name, AdversarialTelemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel").AddOtlpExporter());
    }

    private static bool IsLoopback(string url) => Uri.TryCreate(url.Trim(), UriKind.Absolute, out var parsed) && parsed.IsLoopback;

    /// <summary>What changes something or costs something is asked for by this page, and by no other that a visitor has open.</summary>
    private static async ValueTask<object?> CheckTokenAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!HttpMethods.IsGet(context.HttpContext.Request.Method))
            await context.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(context.HttpContext);
        return await next(context);
    }
}
