using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Creates, edits, deletes and publishes drafts of the typology.</summary>
internal static class TypologyHandlers
{
    public static IResult Create(Write write, NewTypology input)
    {
        var connection = write.Connection;
        if (TypologyQueries.FindDraft(connection) is { } draft)
        {
            return new Problem(Problems.Conflict, new($"Es gibt schon den Entwurf {draft}.", $"The draft {draft} already exists."));
        }

        var before = input.BasedOn ?? TypologyQueries.Current(connection);
        if (TypologyQueries.Find(connection, before) is not { } row)
        {
            return Problems.Unprocessable([ProblemError.At("/basedOn", "unknown-value", new(
                $"Es gibt keine Version {before}.",
                $"There is no version {before}."))]);
        }

        var record = row.Input with { ReductionSteps = [], Correspondence = [] };
        var version = TypologyQueries.AddDraft(connection, WireJson.Text(record), before, write.Caller?.Owner, write.At);
        TypologyQueries.PutTypes(connection, version, record);
        TypologyQueries.CopyMemberships(connection, before, version);
        return Done.Created(Document(connection, version), TypologyMapping.Path(version));
    }

    public static IResult Replace(Write write, string version, TypologyInput input)
    {
        if (Open(write, version, needsMatch: true) is { } problem)
        {
            return problem;
        }

        var errors = TypologyRules.Check(write.Connection, input);
        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        TypologyQueries.Replace(write.Connection, version, WireJson.Text(input), write.Caller?.Owner, write.At);
        TypologyQueries.PutTypes(write.Connection, version, input);
        return Done.Changed(Document(write.Connection, version));
    }

    public static IResult Remove(Write write, string version)
    {
        if (Open(write, version, needsMatch: true) is { } problem)
        {
            return problem;
        }

        TypologyQueries.Remove(write.Connection, version);
        return Done.Nothing();
    }

    public static IResult PutMemberships(Write write, string version, MembershipBatch batch)
    {
        if (Open(write, version, needsMatch: false) is { } problem)
        {
            return problem;
        }

        var keys = TypeQueries.Keys(write.Connection, version).ToHashSet();
        var known = write.Connection.Query<string>("select id from published_sites where id in @ids", new { ids = batch.Items.Select(item => item.SiteId) }).ToHashSet();
        var errors = TypologyRules.Check([.. batch.Items], keys, known);
        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        var before = TypologyQueries.AllMemberships(write.Connection, version).ToDictionary(row => row.SiteId, TypologyMapping.Compose);
        var changed = batch.Items.Where(item => before.GetValueOrDefault(item.SiteId) is not { } old
            || (old.Type, old.Degree, old.SecondaryType, old.Rationale, old.Confidence) != (item.Type, item.Degree, item.SecondaryType, item.Rationale, item.Confidence)).ToList();
        TypologyQueries.PutMemberships(write.Connection, version, changed);
        TypologyQueries.Touch(write.Connection, version, write.Caller?.Owner, write.At);
        return Done.Changed(WireJson.Write(new MembershipReport { Changed = changed.Count, Unchanged = batch.Items.Count - changed.Count })) with
        {
            IsTagged = false,
            IsChange = changed.Count > 0,
        };
    }

    /// <summary>
    /// Publishes a draft. The publisher must not be its last editor, and the draft must pass all gates. Types and sites get entries in the
    /// change feed.
    /// </summary>
    public static IResult Publish(Write write, string version)
    {
        var connection = write.Connection;
        if (TypologyQueries.Find(connection, version) is not { } row)
        {
            return Problems.NoSuch(TypologyEndpoints.Thing, version);
        }

        if (row.Status != "draft")
        {
            return IsPublished(version);
        }

        if (row.Author == write.Caller?.Owner)
        {
            return new Problem(Problems.Forbidden, new(
                "Wer den Entwurf zuletzt bearbeitet hat, darf ihn nicht veröffentlichen (Vier-Augen-Prinzip).",
                "The last editor of the draft must not publish it (four-eyes principle)."));
        }

        var failing = TypologyGates.Check(connection, row).Where(gate => !gate.Passed).ToList();
        if (failing.Count > 0)
        {
            return Problems.Unprocessable([.. failing.Select(gate => ProblemError.At("/gates/" + gate.Gate, gate.Gate, new(
                $"Stufe {gate.Stage}: {gate.Requirement.De} Es fehlt: {Named(gate)}.", $"Stage {gate.Stage}: {gate.Requirement.En} Missing: {Named(gate)}.")))]);
        }

        var before = TypologyQueries.Current(connection);
        var (sites, types) = (Members(connection, before), TypeQueries.Keys(connection, before));
        TypologyQueries.Publish(connection, version, write.Caller?.Owner, write.At);
        Feed.Add(connection, RecordKind.Typology, before, "updated", write.At);
        Feed.Add(connection, RecordKind.Typology, version, "created", write.At);
        TellTypes(connection, types, row.Input, write.At);
        TellSites(connection, sites, Members(connection, version), write.At);
        return Done.Changed(Document(connection, version));

        static string Named(TypologyGate gate) => string.Join(", ", gate.Places.Take(10)) + (gate.Places.Count > 10 ? " …" : "");
    }

    private static void TellTypes(SqliteConnection connection, List<string> before, TypologyInput now, string at)
    {
        foreach (var gone in before.Except(now.Types.Select(type => type.Key)))
        {
            SearchIndex.Remove(connection, RecordKind.Type, gone);
            Feed.Add(connection, RecordKind.Type, gone, "deleted", at);
        }

        TypologyQueries.PutSearch(connection, now);
        foreach (var key in now.Types.Select(type => type.Key))
        {
            // A type whose key was used before is restored; a new key is created.
            var isKnown = connection.ExecuteScalar<bool>("select exists (select 1 from changes where kind = 'type' and key = @key)", new { key });
            Feed.Add(connection, RecordKind.Type, key, before.Contains(key) ? "updated" : isKnown ? "restored" : "created", at);
        }
    }

    private static void TellSites(SqliteConnection connection, Dictionary<string, string> before, Dictionary<string, string> now, string at)
    {
        var changed = before.Keys.Union(now.Keys).Where(id => before.GetValueOrDefault(id) != now.GetValueOrDefault(id)).Order(StringComparer.Ordinal).ToList();
        foreach (var id in changed)
        {
            Feed.Touch(connection, RecordKind.AnchorSite, id, at);
        }

        AnchorSiteDocuments.Rebuild(connection, changed);
    }

    private static Dictionary<string, string> Members(SqliteConnection connection, string version) =>
        TypologyQueries.AllMemberships(connection, version).ToDictionary(row => row.SiteId, row => string.Join('\n', row.Type, row.Degree, row.SecondaryType, row.Confidence, row.Rationale));

    private static IResult? Open(Write write, string version, bool needsMatch) => TypologyQueries.Find(write.Connection, version) switch
    {
        null => Problems.NoSuch(TypologyEndpoints.Thing, version),
        { Status: not "draft" } => IsPublished(version),
        var row => needsMatch ? write.CheckIfMatch(WireJson.Write(TypologyMapping.Compose(write.Connection, row))) : null,
    };

    private static Problem IsPublished(string version) => new(Problems.Conflict, new(
        $"Version {version} ist veröffentlicht und kann nicht mehr geändert werden. POST /v1/typologies legt einen Entwurf an.",
        $"Version {version} is published and can no longer be changed. POST /v1/typologies creates a draft."));

    private static byte[] Document(SqliteConnection connection, string version) =>
        WireJson.Write(TypologyMapping.Compose(connection, TypologyQueries.Find(connection, version)!));
}
