using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>What editors do with a site. Each runs inside one write and answers with the site as it is published then.</summary>
internal static class AnchorSiteHandlers
{
    public static readonly Text Thing = new("Den Ankerort", "anchor site");

    public static IResult Create(Write write, AnchorSiteInput input)
    {
        if (input.Id is { } wanted && FindState(write.Connection, wanted) is not null)
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Die Kennung ist vergeben, vielleicht an einen entfernten Ort.", "The id is taken, perhaps by a site that was removed."))]);
        }

        var site = Tidy(input, input.Id ?? Slugs.Free(input.Name, id => FindState(write.Connection, id) is not null));
        return Check(write, site, null, out var check) ?? Store(write, site, null, "created", check!);
    }

    public static IResult Replace(Write write, string id, AnchorSiteInput input) =>
        Open(write, id, out var before) ?? ReplaceOpened(write, id, input, before!);

    /// <param name="schema">What the result of the patch must fit as a whole.</param>
    public static IResult Patch(Write write, string id, JsonElement patch, Schema schema) =>
        Open(write, id, out var before) ?? (Merge(before!, patch, schema, out var merged) ?? ReplaceOpened(write, id, merged!, before!));

    /// <summary>What would be wrong with a patch that waits for somebody's decision; it must change something.</summary>
    public static IResult? CheckPatch(Write write, string id, JsonElement patch, Schema schema)
    {
        AnchorSiteInput? merged = null;
        if ((Open(write, id, out var before) ?? Merge(before!, patch, schema, out merged)) is { } problem)
        {
            return problem;
        }

        var site = ExperienceIds.Recognise(Tidy(merged!, id), before!);
        return IsSame(site, before!)
            ? Problems.Unprocessable([ProblemError.At("", "no-change", new("Ändert nichts.", "Changes nothing."))])
            : Check(write, site, before, out _);
    }

    public static IResult Remove(Write write, string id)
    {
        if (Open(write, id, out var before) is { } problem)
        {
            return problem;
        }

        AnchorSiteTables.Remove(write.Connection, before!, write.Author);
        return Done.Nothing();
    }

    public static IResult Restore(Write write, string id)
    {
        if (FindState(write.Connection, id) is not { } state)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (state.DeletedAt is null)
        {
            return new Problem(Problems.Conflict, new("Der Ort ist nicht entfernt.", "The site was not removed."));
        }

        var site = Latest(write.Connection, id)!;
        return Check(write, site, site, out var check) ?? Store(write, site, null, "restored", check!);
    }

    public static IResult Confirm(Write write, string id, string by, string source)
    {
        if (Open(write, id, out var site) is { } problem)
        {
            return problem;
        }

        AnchorSiteTables.Confirm(write.Connection, site!, by, source, write.Author with { Reason = write.Reason ?? source });
        return Done.Changed(Document(write.Connection, id));
    }

    /// <summary>The site as it was written last; null if there is none.</summary>
    public static AnchorSiteInput? Latest(SqliteConnection connection, string id) =>
        Versions.Latest(connection, RecordKind.AnchorSite, id) is { } record ? JsonSerializer.Deserialize<AnchorSiteInput>(record, WireJson.Options) : null;

    /// <summary>A patch on what was written last, held against the contract.</summary>
    public static IResult? Merge(AnchorSiteInput before, JsonElement patch, Schema schema, out AnchorSiteInput? merged)
    {
        var result = MergePatch.Apply(JsonNode.Parse(WireJson.Write(before)), patch).Deserialize<JsonElement>();
        var errors = Bodies.Check(schema, result);
        merged = errors.Count == 0 ? result.Deserialize<AnchorSiteInput>(WireJson.Options) : null;
        return errors.Count == 0 ? null : Problems.Invalid(errors);
    }

    /// <summary>The site if it can be written: it is there, not removed, within the scope of the key, and the version that the client has seen.</summary>
    public static IResult? Open(Write write, string id, out AnchorSiteInput? site)
    {
        site = null;
        if (FindState(write.Connection, id) is not { } state)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (state.DeletedAt is not null)
        {
            return Problems.IsGone(Thing, id, state.DeletedAt);
        }

        site = Latest(write.Connection, id);
        return CheckScope(write, site!) ?? write.CheckIfMatch(Document(write.Connection, id));
    }

    private static IResult ReplaceOpened(Write write, string id, AnchorSiteInput input, AnchorSiteInput before)
    {
        if (input.Id is not null && input.Id != id)
        {
            return Problems.Unprocessable([ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse und bleibt.", "The id is that of the address and stays."), id)]);
        }

        var site = ExperienceIds.Recognise(Tidy(input, id), before);
        if (IsSame(site, before))
        {
            return Done.Changed(Document(write.Connection, id)) with { IsChange = false };
        }

        return Check(write, site, before, out var check) ?? Store(write, site, before, "updated", check!);
    }

    private static IResult? Check(Write write, AnchorSiteInput site, AnchorSiteInput? before, out SiteCheck? check)
    {
        check = AnchorSiteRules.Check(write.Connection, site, before, DateOnly.FromDateTime(Instant.Read(write.At).UtcDateTime));
        return check.Problem ?? CheckScope(write, site);
    }

    private static Done Store(Write write, AnchorSiteInput checkedSite, AnchorSiteInput? before, string action, SiteCheck check)
    {
        var made = write.Connection.ExecuteScalar<int?>("select experiences_made from anchor_sites where id = @Id", new { checkedSite.Id }) ?? 0;
        var site = ExperienceIds.Complete(checkedSite, made);
        AnchorSiteTables.Store(write.Connection, site, before, action, write.Author);
        var document = Document(write.Connection, site.Id!);
        return (action == "created" ? Done.Created(document, RecordKinds.Path(RecordKind.AnchorSite, site.Id!)) : Done.Changed(document)) with { Warnings = check.Warnings };
    }

    /// <summary>Shipped sites were not tidied when they were written.</summary>
    private static bool IsSame(AnchorSiteInput site, AnchorSiteInput before) =>
        WireJson.Write(site).AsSpan().SequenceEqual(WireJson.Write(ExperienceIds.Recognise(Tidy(before, site.Id!), before)));

    public static IResult? CheckScope(Write write, AnchorSiteInput site) =>
        write.Caller is { } caller && Permissions.IsOfProjects(write.Http.Operation()) && !caller.May("project:" + site.ProjectId) ? caller.OutOfScope() : null;

    /// <summary>One way to write nothing: empty parts are left out.</summary>
    private static AnchorSiteInput Tidy(AnchorSiteInput input, string id) =>
        input with { Id = id, Experiences = input.Experiences is { Count: > 0 } ? input.Experiences : null, Facts = input.Facts == new FactsInput() ? null : input.Facts };

    private static byte[] Document(SqliteConnection connection, string id) => connection.QuerySingle<byte[]>(
        """
        select cast(d.document as blob)
        from anchor_sites s
        join site_documents d on d.number = s.number
        where s.id = @id
        """, new { id });

    private static SiteState? FindState(SqliteConnection connection, string id) =>
        connection.QuerySingleOrDefault<SiteState>("select deleted_at from anchor_sites where id = @id", new { id });

    private sealed record SiteState
    {
        public string? DeletedAt { get; init; }
    }
}
