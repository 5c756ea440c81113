using System.Net.Sockets;
using AnkerOrte.Api;
using AnkerOrte.Api.About;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.ApiKeys;
using AnkerOrte.Api.Assessments;
using AnkerOrte.Api.Audit;
using AnkerOrte.Api.Changes;
using AnkerOrte.Api.Codebook;
using AnkerOrte.Api.Codings;
using AnkerOrte.Api.Commands;
using AnkerOrte.Api.Comparisons;
using AnkerOrte.Api.Confirmations;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Evidence;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Invitations;
using AnkerOrte.Api.KnowledgeBase;
using AnkerOrte.Api.Municipalities;
using AnkerOrte.Api.Pages;
using AnkerOrte.Api.Privacy;
using AnkerOrte.Api.Projects;
using AnkerOrte.Api.PropertySpace;
using AnkerOrte.Api.Proposals;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.RefiQda;
using AnkerOrte.Api.Search;
using AnkerOrte.Api.Sources;
using AnkerOrte.Api.SurveyExports;
using AnkerOrte.Api.SurveyResponses;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.TypologyRuns;
using AnkerOrte.Api.Writing;
using Microsoft.AspNetCore.Connections;

try
{
    if (CommandLine.IsCommand(args))
    {
        return CommandLine.Run(args);
    }

    var builder = WebApplication.CreateBuilder(args);
    builder.AddAnkerOrte();
    var app = builder.Build();

    var database = app.Services.GetRequiredService<Database>();
    using (StartLock.Take(database, app.Logger))
    {
        PreparedDatabase.CopyIfNew(database, app.Services.GetRequiredService<TimeProvider>(), app.Logger);
        Migrations.Apply(database, app.Logger);
        database.Fix();
        app.Services.GetRequiredService<SteadyClock>().Follow(database, app.Logger);
        app.Services.GetRequiredService<SpoolFiles>().Sweep();
        app.Services.GetRequiredService<ContentLoader>().Load();
        app.Services.GetRequiredService<JournalFile>().Replay(JournalReplay.Repeat);
    }

    app.UseAnkerOrte();
    app.MapPages();
    app.MapContract();
    app.MapAbout();
    app.MapAnchorSites();
    app.MapConfirmations();
    app.MapProposals();
    app.MapComparisons();
    app.MapMunicipalities();
    app.MapProjects();
    app.MapCodebook();
    app.MapSources();
    app.MapTypologies();
    app.MapTypes();
    app.MapPropertySpace();
    app.MapTypologyRuns();
    app.MapDecisionGuide();
    app.MapAssessments();
    app.MapFindings();
    app.MapRecommendations();
    app.MapEvidence();
    app.MapEditorialWork();
    app.MapSearch();
    app.MapSurveys();
    app.MapResponses();
    app.MapResponseExports();
    app.MapSurveyResults();
    app.MapInvitations();
    app.MapChanges();
    app.MapQualitativeCodebook();
    app.MapCodings();
    app.MapRefiQda();
    app.MapApiKeys();
    app.MapPersons();
    app.MapConsents();
    app.MapConversations();
    app.MapReleaseLinks();
    app.MapDataSubjectRequests();
    app.MapRetention();
    app.MapAudit();
    app.Run();
    return 0;
}
catch (Exception failure) when (failure is StartFailure or SocketException or IOException { InnerException: AddressInUseException })
{
    Console.Error.WriteLine("AnkerOrte cannot start: " + failure.Message);
    return 2;
}

/// <summary>Named for the tests, which start the application by it.</summary>
internal sealed partial class Program;
