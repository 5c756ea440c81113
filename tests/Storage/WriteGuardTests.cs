using AnkerOrte.Api.Assessments;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.Surveys;
using AnkerOrte.Api.Typologies;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Storage;

/// <summary>
/// Parsing, packing and computing belong before a transaction. What does so calls `Database.CheckNotWriting`, which throws in debug
/// builds: thereby each test that writes over HTTP is a test of this, too.
/// </summary>
public sealed class WriteGuardTests(ApiFixture api) : IClassFixture<ApiFixture>
{
#if DEBUG
    [Fact]
    public async Task Parsing_inside_a_write_fails_and_afterwards_it_may_go_on()
    {
        var database = api.Services.GetRequiredService<Database>();

        await Assert.ThrowsAsync<InvalidOperationException>(
            () => database.WriteAsync(_ => Bodies.Parse("{}"u8.ToArray()), _ => WriteEnd.Rollback, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => database.WriteTogetherAsync(_ => Bodies.Parse("{}"u8.ToArray()), _ => WriteEnd.Rollback, CancellationToken.None));

        Assert.NotNull(Bodies.Parse("{}"u8.ToArray()).Document);
    }

    [Fact]
    public void Questionnaires_and_analyses_are_watched_too()
    {
        var database = api.Services.GetRequiredService<Database>();
        var releases = api.Services.GetRequiredService<ReleaseBuilder>();
        Func<SqliteConnection, object>[] computations =
        [
            _ => QuestionnaireRules.Check(default, new HashSet<string>(), []),
            connection => TypologyAnalysis.Make(connection, "1"),
            _ => releases.Build("umsetzende-kommunen", isFinal: false),
            _ => AssessmentEngine.Run(null!, null!),
        ];

        Assert.All(computations, computation => Assert.Contains(
            "inside a write transaction",
            Assert.Throws<InvalidOperationException>(() => database.Write(connection => computation(connection))).Message,
            StringComparison.Ordinal));
    }
#endif

    [Fact]
    public async Task Assessments_are_computed_while_another_request_writes()
    {
        await using (await HeldWriters.OfAsync(api))
        {
            // It is refused by its content, which shows that it was looked at before any transaction.
            await api.Client.SendAsync("POST", "/v1/assessments", """{"answers":{}}""").ShouldBeProblemAsync(422, "unprocessable");
        }
    }
}
