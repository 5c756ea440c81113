using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.SurveyResults;
using AnkerOrte.Api.TypologyRuns;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Findings;

/// <summary>Published survey results and typology runs as evidence. A survey is a voice of its own, a run computes with what others said.</summary>
internal static class FindingComputationHandlers
{
    public static IResult Link(Write write, string id, FindingComputationInput input)
    {
        var connection = write.Connection;
        if (FindingHandlers.Status(connection, id) is null)
        {
            return Problems.NoSuch(FindingHandlers.Thing, id);
        }

        if ((input.Survey is null) == (input.Run is null) || (input.Survey is null) != (input.Item is null))
        {
            return Problems.Unprocessable([ProblemError.At("", "contradiction", new(
                "Entweder `survey` mit `item` oder `run`.", "Either `survey` with `item`, or `run`."))]);
        }

        long? release = null;
        if (input.Survey is { } survey)
        {
            release = ReleaseQueries.Latest(connection, survey)?.Number;
            IReadOnlyList<string> items = release is { } latest ? ReleaseQueries.ItemCodes(connection, survey, latest) : [];
            if (!items.Contains(input.Item!))
            {
                return Problems.Unprocessable([release is null
                    ? ProblemError.At("/survey", "unknown", new(
                        $"Von einer Befragung {survey} sind keine Ergebnisse veröffentlicht.",
                            $"No results of a survey {survey} are published."))
                    : ProblemError.At("/item", "unknown", new(
                        "Zu dieser Frage sind keine Ergebnisse veröffentlicht.", "No results are published for this item."),
                            string.Join(", ", items))]);
            }
        }
        // The run becomes public by this: nobody publishes what others computed with data of their own.
        else if (!RunQueries.KeepCited(connection, input.Run!, write.Caller!.Owner, write.At))
        {
            return Problems.Unprocessable([ProblemError.At("/run", "unknown", new(
                "Einen abgeschlossenen Rechenlauf dieser Kennung über das Inventar oder von Ihnen gibt es nicht.", "There is no succeeded run of this id over the inventory or of your own."))]);
        }

        connection.Execute(
            """
            insert into finding_computations (id, finding_id, kind, survey, item, release, run, relation, statement_de, statement_en)
            values (@computation, @id, @kind, @Survey, @Item, @release, @Run, @relation, @de, @en)
            on conflict do update set
                release = excluded.release, relation = excluded.relation, statement_de = excluded.statement_de, statement_en = excluded.statement_en
            """, new
            {
                id,
                computation = Secret.Id("computation"),
                kind = input.Run is null ? "survey-aggregate" : "typology-run",
                input.Survey,
                input.Item,
                release,
                input.Run,
                relation = WireEnum.Write(input.Relation),
                de = input.Statement.De,
                en = input.Statement.En,
            });
        return FindingHandlers.Changed(write, id);
    }

    public static IResult Unlink(Write write, string id, string computation)
    {
        if (write.Connection.QuerySingleOrDefault<(string Id, string? Run)?>(
            "delete from finding_computations where finding_id = @id and id = @computation returning id, run", new { id, computation }) is not { } gone)
        {
            return Problems.NoSuch(new("Den Beleg", "evidence"), computation);
        }

        RunQueries.LetExpire(write.Connection, gone.Run, write.At);
        // What it rested on has changed: somebody has to look whether it still holds.
        FindingReview.Review(write.Connection, [id], write.Author);
        return Done.Nothing();
    }

    /// <summary>A finding that is removed cites nothing any more.</summary>
    public static void RemoveOf(SqliteConnection connection, string finding, string at)
    {
        foreach (var run in connection.Query<string?>(
            "delete from finding_computations where finding_id = @finding returning run", new { finding }).ToList())
        {
            RunQueries.LetExpire(connection, run, at);
        }
    }
}
