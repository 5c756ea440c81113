using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Sources;

/// <summary>What editors do with a source, and the SQL of it. Sites show what they cite, so they change with it.</summary>
internal static class SourceHandlers
{
    private static readonly Text Thing = new("Die Quelle", "source");

    public static IResult Create(Write write, SourceInput input)
    {
        if (input.Id is { } wanted && Exists(write.Connection, wanted))
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Die Kennung ist vergeben, vielleicht an eine entfernte Quelle.", "The id is taken, perhaps by a source that was removed."))]);
        }

        var source = input with { Id = input.Id ?? NextId(write.Connection) };
        return Check(write.Connection, source) ?? Store(write, source, "created");
    }

    public static IResult Replace(Write write, string id, SourceInput input)
    {
        if (Open(write, id, out var before) is { } problem)
        {
            return problem;
        }

        if (input.Id is not null && input.Id != id)
        {
            return Problems.Unprocessable([ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse und bleibt.", "The id is that of the address and stays."), id)]);
        }

        var source = input with { Id = id };
        return source == before
            ? Done.Changed(WireJson.Write(SourceQueries.Find(write.Connection, id).Source)) with { IsChange = false }
            : Check(write.Connection, source) ?? Store(write, source, "updated");
    }

    /// <param name="schema">What the result of the patch must fit as a whole.</param>
    public static IResult Patch(Write write, string id, JsonElement patch, Schema schema)
    {
        if (Latest(write.Connection, id) is not { } before)
        {
            return Problems.NoSuch(Thing, id);
        }

        var merged = MergePatch.Apply(JsonNode.Parse(WireJson.Write(before)), patch).Deserialize<JsonElement>();
        var errors = Bodies.Check(schema, merged);
        return errors.Count > 0 ? Problems.Invalid(errors) : Replace(write, id, merged.Deserialize<SourceInput>(WireJson.Options)!);
    }

    public static IResult Remove(Write write, string id)
    {
        if (Open(write, id, out _) is { } problem)
        {
            return problem;
        }

        var citing = Citing(write.Connection, id);
        if (citing.Count > 0)
        {
            return new Problem(Problems.Conflict, new($"Wird noch zitiert von: {string.Join(", ", citing)}.", $"Is still cited by: {string.Join(", ", citing)}."));
        }

        return Remove(write.Connection, id, write.Author) is { } consequences ? Done.Changed(WireJson.Write(consequences))
            with
        { IsTagged = false } : Done.Nothing();
    }

    /// <returns>What rested on it; null if nothing did.</returns>
    public static WithdrawalConsequences? Remove(SqliteConnection connection, string id, Author author)
    {
        connection.Execute("update sources set deleted_at = @At, updated_at = @At where id = @id", new { author.At, id });
        SearchIndex.Remove(connection, RecordKind.Source, id);
        Versions.Add(connection, RecordKind.Source, id, "deleted", null, author);
        Feed.Add(connection, RecordKind.Source, id, "deleted", author.At);
        Tombstones.AddRecord(connection, RecordKind.Source, id, "removed", author.At);
        var resting = FindingQueries.Citing(connection, id);
        if (resting.Count == 0)
        {
            return null;
        }

        var (findings, recommendations) = FindingReview.Review(connection, resting, author);
        return new WithdrawalConsequences { Passages = [], Findings = findings, Recommendations = recommendations };
    }

    public static IResult Restore(Write write, string id) => SourceQueries.Find(write.Connection, id) switch
    {
        (null, null) => Problems.NoSuch(Thing, id),
        (not null, _) => new Problem(Problems.Conflict, new("Die Quelle ist nicht entfernt.", "The source was not removed.")),
        _ => Latest(write.Connection, id) is var source && Check(write.Connection, source!) is { } problem ? problem : Store(write, source!, "restored"),
    };

    /// <summary>Tables, words, history and feed of one version.</summary>
    public static void Put(SqliteConnection connection, SourceInput source, string action, Author author)
    {
        connection.Execute(
            """
            insert into sources (id, url, title, title_key, publisher, publisher_key, date, kind, created_at, updated_at)
            values (@Id, @url, @Title, @titleKey, @Publisher, @publisherKey, @Date, @kind, @At, @At)
            on conflict (id) do update set
                url = excluded.url, title = excluded.title, title_key = excluded.title_key, publisher = excluded.publisher,
                publisher_key = excluded.publisher_key, date = excluded.date, kind = excluded.kind, updated_at = excluded.updated_at, deleted_at = null
            """, new
            {
                source.Id,
                url = source.Url.OriginalString,
                source.Title,
                titleKey = GermanText.SortKey(source.Title),
                source.Publisher,
                publisherKey = GermanText.SortKey(source.Publisher),
                source.Date,
                kind = WireEnum.Write(source.Kind),
                author.At,
            });
        SearchIndex.Put(connection, [new SearchEntry(RecordKind.Source, source.Id!, source.Title, source.Publisher)
        {
            Keywords = [source.Publisher],
            Text = [source.Url.OriginalString],
        }]);
        Versions.Add(connection, RecordKind.Source, source.Id!, action, WireJson.Write(source), author);
        if (action == "restored")
        {
            Tombstones.AddRecord(connection, RecordKind.Source, source.Id!, action, author.At);
        }

        Feed.Add(connection, RecordKind.Source, source.Id!, action, author.At);
    }

    private static Done Store(Write write, SourceInput source, string action)
    {
        Put(write.Connection, source, action, write.Author);
        var citing = Citing(write.Connection, source.Id!);
        foreach (var site in citing)
        {
            Feed.Touch(write.Connection, RecordKind.AnchorSite, site, write.At);
        }

        foreach (var finding in FindingQueries.Citing(write.Connection, source.Id!))
        {
            Feed.Touch(write.Connection, RecordKind.Finding, finding, write.At);
        }

        AnchorSiteDocuments.Rebuild(write.Connection, citing);
        var document = WireJson.Write(SourceQueries.Find(write.Connection, source.Id!).Source);
        return action == "created" ? Done.Created(document, RecordKinds.Path(RecordKind.Source, source.Id!)) : Done.Changed(document);
    }

    private static IResult? Open(Write write, string id, out SourceInput? before)
    {
        before = null;
        var (source, deletedAt) = SourceQueries.Find(write.Connection, id);
        if (source is null)
        {
            return deletedAt is null ? Problems.NoSuch(Thing, id) : Problems.IsGone(Thing, id, deletedAt);
        }

        before = Latest(write.Connection, id);
        return write.CheckIfMatch(WireJson.Write(source));
    }

    private static IResult? Check(SqliteConnection connection, SourceInput source)
    {
        if (source.Date?.Length == 10 && !DateOnly.TryParseExact(source.Date, "yyyy-MM-dd", out _))
        {
            return Problems.Unprocessable([ProblemError.At("/date", "date", new($"Den Tag {source.Date} gibt es nicht.", $"There is no day {source.Date}."))]);
        }

        var other = connection.QueryFirstOrDefault<string>(
            "select id from sources where url = @url and id <> @Id and deleted_at is null", new { url = source.Url.OriginalString, source.Id });
        return other is null ? null : new Problem(Problems.Conflict, null,
            [ProblemError.At("/url", "duplicate", new($"Diese Adresse hat schon /v1/sources/{other}.", $"/v1/sources/{other} has this address already."), other)]);
    }

    private static SourceInput? Latest(SqliteConnection connection, string id) =>
        Versions.Latest(connection, RecordKind.Source, id) is { } record ? JsonSerializer.Deserialize<SourceInput>(record, WireJson.Options) : null;

    public static List<string> Citing(SqliteConnection connection, string id) =>
        [.. connection.Query<string>("select distinct site_id from site_sources where source_id = @id order by site_id", new { id })];

    private static bool Exists(SqliteConnection connection, string id) =>
        connection.ExecuteScalar<bool>("select exists (select 1 from sources where id = @id)", new { id });

    /// <summary>Numbers count on, also past those that were removed.</summary>
    private static string NextId(SqliteConnection connection)
    {
        // Others may be called src-something or have more digits than a number has.
        var last = connection.ExecuteScalar<long?>(
            "select max(cast(substr(id, 5) as integer)) from sources where id glob 'src-[0-9]*' and substr(id, 5) not glob '*[^0-9]*' and length(id) <= 13") ?? 0;
        return Enumerable.Range(1, int.MaxValue).Select(step => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"src-{last + step:0000}")).First(id => !Exists(connection, id));
    }
}
