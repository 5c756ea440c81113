using System.IO.Compression;
using AnkerOrte.Api.About;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Assessments;
using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Codebook;
using AnkerOrte.Api.Confirmations;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Invitations;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Pages;
using AnkerOrte.Api.Projects;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.SurveyResponses;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.TypologyRuns;
using AnkerOrte.Api.Writing;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration.Memory;

namespace AnkerOrte.Api;

/// <summary>Services and the order of the pipeline.</summary>
internal static class Setup
{
    private const long LargestBody = 1_000_000;

    public static void AddAnkerOrte(this WebApplicationBuilder builder)
    {
        builder.AddDefaults();
        var settings = Settings.Read(builder.Configuration);
        var services = builder.Services;
        services.AddSingleton(settings);
        services.AddSingleton(_ => Contract.Load());
        var connection = ConnectionString(builder);
        services.AddSingleton(_ => new Database.Database(connection));
        services.AddSingleton<ContentLoader>();
        services.AddSingleton<Addresses>();
        services.AddSingleton<Answers>();
        services.AddSingleton<KeptCounts>();
        services.AddSingleton<Lists>();
        services.AddSingleton<AnswerCache>();
        services.AddSingleton<AboutQueries>();
        services.AddSingleton<AnchorSiteQueries>();
        services.AddSingleton<MunicipalityQueries>();
        services.AddSingleton<ProjectQueries>();
        services.AddSingleton<CodebookQueries>();
        services.AddSingleton<SourceQueries>();
        services.AddSingleton<TypologyAnalyses>();
        services.AddSingleton(_ => new RunGate(Math.Max(1, Environment.ProcessorCount / 2)));
        services.AddSingleton<RunQueue>();
        services.AddHostedService(provider => provider.GetRequiredService<RunQueue>());
        services.AddSingleton<DecisionModels>();
        services.AddSingleton<SurveyVersions>();
        services.AddSingleton<ResponseHandlers>();
        services.AddSingleton<ResponseProposal>();
        services.AddSingleton<BulkLoad>();
        services.AddSingleton<ReleaseBuilder>();
        services.AddSingleton<RateQueries>();
        services.AddSingleton<JournalFile>();
        services.AddSingleton<Overwriting>();
        services.AddHostedService(provider => provider.GetRequiredService<Overwriting>());

        services.AddSingleton<Writes>();
        services.AddSingleton(new SteadyClock(TimeProvider.System));
        services.AddSingleton<TimeProvider>(provider => provider.GetRequiredService<SteadyClock>());
        services.AddSingleton(provider => new SpoolFiles(provider.GetRequiredService<Database.Database>(), settings.SpoolFolder));
        services.AddSingleton<StorageHealth>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageHealth>());
        services.AddAccess(settings.RateLimiting);
        foreach (var secrets in (TokenKind[])[ApiKeyQueries.Keys, InvitationQueries.Tokens, ConfirmLinkQueries.Tokens, ReleaseLinks.Tokens])
        {
            services.AddSingleton(secrets);
        }

        services.AddRateLimits(settings.RateLimiting);
        services.AddCors(cors =>
        {
            cors.AddDefaultPolicy(policy => CorsHeaders.Grant(policy.WithMethods("GET", "HEAD")));
            // Portals of others ask for an assessment from the visitor's browser.
            cors.AddPolicy(AssessmentEndpoints.Cors, policy => CorsHeaders.Grant(policy.WithMethods("GET", "HEAD", "POST", "DELETE")));
        });
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [.. ResponseCompressionDefaults.MimeTypes, Formats.GeoJson, Formats.Csv, Formats.JsonLd,
                Formats.Markdown, Svg.MediaType, "application/yaml"];
        });
        services.AddSingleton<IResponseCompressionProvider, PublicCompression>();
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        // Bodies of unknown length; those that say theirs are refused before they are sent.
        services.Configure<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MinResponseDataRate = SlowReaders.AnyAnswer;
            kestrel.RequestHeaderEncodingSelector = name => name == ChangeReason.Header ? System.Text.Encoding.Latin1 : null;
        });
        // Refused hosts get no page of the framework; the setting AllowedHosts names the hosts that are not refused.
        services.Configure<HostFilteringOptions>(hosts => hosts.IncludeFailureMessage = false);
        services.AddHealthChecks().AddCheck<StorageCheck>("database");
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(8));
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        if (settings.KnownProxies.Count > 0)
        {
            services.Configure<ForwardedHeadersOptions>(forwarded =>
            {
                forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                foreach (var network in settings.KnownProxies)
                {
                    forwarded.KnownIPNetworks.Add(network);
                }
            });
        }
    }

    /// <summary>What holds if no configuration says otherwise, wherever the program is started from.</summary>
    private static void AddDefaults(this WebApplicationBuilder builder) =>
        ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData =
            [
                KeyValuePair.Create<string, string?>("Logging:LogLevel:Microsoft.AspNetCore", "Warning"),
                // A wrong key is the business of who sent it; thousands of them would fill the log.
                KeyValuePair.Create<string, string?>("Logging:LogLevel:AnkerOrte.Api.Access", "Warning"),
            ],
        });

    public static void UseAnkerOrte(this WebApplication app)
    {
        if (app.Services.GetRequiredService<Settings>().KnownProxies.Count > 0)
        {
            app.UseForwardedHeaders();
        }

        WarnOfUnknownHost(app);
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = http => WriteException(http, app.Services.GetRequiredService<Database.Database>(), app.Logger),
            // Logged in one line instead.
            SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException
                || StorageFailure.Of(context.Exception) is not null,
        });
        var cache = app.Services.GetRequiredService<AnswerCache>();
        app.Use(cache.ServeAsync);
        app.UseHeadRequests();
        app.UseRouting();
        // Before kept answers, so that the same request always gets the same refusal.
        app.Use((http, next) => http.Request.ContentLength > (http.GetEndpoint()?.Metadata.GetMetadata<IRequestSizeLimitMetadata>()?.MaxRequestBodySize ?? LargestBody)
            ? new Problem(Problems.BodyTooLarge).ExecuteAsync(http) : next(http));
        app.UseCorsForPublicAnswers();
        app.UseRateLimits();
        app.UseAuthentication();
        app.UseAuthorization();
        // Before compression, so that an answer is compressed once and kept that way.
        app.Use(cache.KeepAsync);
        app.UseCpuBudget();
        app.UseResponseCompression();
        app.UseStatusCodePages(context => WriteStatus(context.HttpContext));
        app.UseSwaggerPage();
        app.UseDocumentation();
        app.UseMiddleware<RequestCheck>();
        app.UseMiddleware<ConfidentialReads>();
    }

    /// <summary>The default file lies below the content root: the project with `dotnet run`, else the working directory.</summary>
    public static string ConnectionString(WebApplicationBuilder builder)
    {
        var configured = builder.Configuration.GetConnectionString("AnkerOrte");
        if (string.IsNullOrWhiteSpace(configured))
        {
            return new SqliteConnectionStringBuilder { DataSource = Path.Combine(builder.Environment.ContentRootPath, "data", "ankerorte.db") }.ToString();
        }

        try
        {
            var connection = new SqliteConnectionStringBuilder(configured);
            return connection.DataSource is "" or ":memory:" || connection.Mode == SqliteOpenMode.Memory
                ? throw new ArgumentException("The database must be a file.")
                : connection.ToString();
        }
        catch (ArgumentException e)
        {
            throw new Database.StartFailure($"ConnectionStrings:AnkerOrte is not a SQLite connection string such as \"Data Source=ankerorte.db\": {e.Message}");
        }
    }

    /// <summary>What routing refused; it does not know that HEAD is answered wherever GET is.</summary>
    private static Task WriteStatus(HttpContext http)
    {
        if (http.Response.Headers.Allow == HttpMethods.Get)
        {
            http.Response.Headers.Allow = "GET, HEAD";
        }

        return Problems.ForStatus(http.Response.StatusCode).ExecuteAsync(http);
    }

    /// <summary>Whoever can choose the Host header could make the service answer with links to a host of theirs.</summary>
    private static void WarnOfUnknownHost(WebApplication app)
    {
        if (app.Environment.IsProduction() && !app.Services.GetRequiredService<Settings>().HasKnownHost)
        {
            app.Logger.LogWarning(
                "Links take the host that a request states. Set PublicUrl, or AllowedHosts to the names of this service.");
        }
    }

    /// <summary>The client learns only what concerns it. The log has the exception, or one line if the cause is known.</summary>
    private static Task WriteException(HttpContext http, Database.Database database, ILogger log)
    {
        var (error, operation) = http.Features.Get<IExceptionHandlerFeature>() is { } failed
            ? (failed.Error, failed.Endpoint?.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName)
            : (null, null);
        if (error is BadHttpRequestException refused)
        {
            log.LogInformation("{Operation}: request refused with {Status}: {Message}", operation, refused.StatusCode, refused.Message);
            return Problems.ForStatus(refused.StatusCode).ExecuteAsync(http);
        }

        if ((StorageFailure.Of(error) ?? database.FindFailure()) is { } failure)
        {
            log.LogError(
                "{Operation}: {Message} ({TraceId})", operation, failure.Message, System.Diagnostics.Activity.Current?.Id
                ?? http.TraceIdentifier);
            return Problems.Storage(failure).ExecuteAsync(http);
        }

        return new Problem(Problems.Internal).ExecuteAsync(http);
    }
}
