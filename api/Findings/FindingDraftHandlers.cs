using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Findings;

/// <summary>New findings and new wordings. A new one is a draft until it is approved.</summary>
internal static class FindingDraftHandlers
{
    public static IResult Create(Write write, FindingInput input)
    {
        var id = input.Id ?? Secret.Id("f");
        if (write.Connection.ExecuteScalar<bool>("select exists (select 1 from findings where id = @id)", new { id }))
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Die Kennung ist vergeben.", "The id is taken."))]);
        }

        if (Check(write.Connection, input) is { Count: > 0 } errors)
        {
            return Problems.Unprocessable(errors);
        }

        Put(write, id, input);
        return Done.Created(Finish(write, id, "created"), RecordKinds.Path(RecordKind.Finding, id)) with { IsPublic = false };
    }

    public static IResult Replace(Write write, string id, FindingInput input)
    {
        var connection = write.Connection;
        if (FindingQueries.Find(connection, id, approvedOnly: false) is not { } before)
        {
            return Problems.NoSuch(FindingHandlers.Thing, id);
        }

        if (write.CheckIfMatch(WireJson.Write(before)) is { } stale)
        {
            return stale;
        }

        var errors = Check(connection, input);
        if (input.Id is { } other && other != id)
        {
            errors.Add(ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse und bleibt.", "The id is that of the address and stays."), id));
        }

        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        Put(write, id, input);
        var isPublic = before.Status == FindingStatus.Approved;
        if (isPublic && FindingHandlers.LacksEvidence(connection, id, input.SingleFinding) is { } problem)
        {
            return problem;
        }

        if (isPublic)
        {
            FindingHandlers.PutWords(connection, FindingQueries.Find(connection, id)!);
            Feed.Add(connection, RecordKind.Finding, id, "updated", write.At);
        }

        RecommendationStrength.Settle(connection, [id], write.Author);
        return Done.Changed(Finish(write, id, "updated")) with { IsPublic = isPublic };
    }

    /// <summary>Recommendations that rested on it follow.</summary>
    public static IResult Remove(Write write, string id)
    {
        var connection = write.Connection;
        if (FindingQueries.Find(connection, id, approvedOnly: false) is not { } finding)
        {
            return Problems.NoSuch(FindingHandlers.Thing, id);
        }

        if (write.CheckIfMatch(WireJson.Write(finding)) is { } stale)
        {
            return stale;
        }

        var unpublished = Remove(connection, id, write.Author);
        return unpublished.Count == 0
            ? Done.Nothing()
            : Done.Changed(WireJson.Write(new WithdrawalConsequences { Passages = [], Findings = [], Recommendations = unpublished })) with { IsTagged = false };
    }

    /// <returns>Recommendations that are not published any more.</returns>
    public static IReadOnlyList<string> Remove(SqliteConnection connection, string id, Author author)
    {
        // Out of search and feed first, which know it as long as it is approved.
        var (_, unpublished) = FindingReview.Review(connection, [id], author);
        FindingComputationHandlers.RemoveOf(connection, id, author.At);
        connection.Execute("update findings set deleted_at = @At, updated_at = @At where id = @id", new { id, author.At });
        Versions.Add(connection, RecordKind.Finding, id, "deleted", null, author);
        Tombstones.AddRecord(connection, RecordKind.Finding, id, "removed", author.At);
        return unpublished;
    }

    private static byte[] Finish(Write write, string id, string action)
    {
        var finding = FindingQueries.Find(write.Connection, id, approvedOnly: false)!;
        Versions.Add(write.Connection, RecordKind.Finding, id, action, WireJson.Write(finding with { Passages = [] }), write.Author);
        return WireJson.Write(finding);
    }

    private static List<ProblemError> Check(SqliteConnection connection, FindingInput input)
    {
        var errors = FindingHandlers.CheckConfidence(input.Confidence, "/confidence");
        errors.AddRange(input.Types.Index().Where(type => !Exists(connection, "select 1 from types t join current_typology v on v.version = t.typology where t.key = @value", type.Item)).Select(type =>
            ProblemError.At($"/types/{type.Index}", "unknown", new($"Den Typ {type.Item} gibt es nicht.", $"There is no type {type.Item}."))));
        foreach (var (index, entry) in input.Evidence.Index())
        {
            if (Exists(connection, "select 1 from findings where id = @value union all select 1 from recommendations where id = @value", entry.Source)
                || Exists(connection, "select 1 from sources where id = @value and (url like '%/v1/findings/%' or url like '%/v1/recommendations/%')", entry.Source))
            {
                errors.Add(ProblemError.At($"/evidence/{index}/source", "evidence-loop", new(
                    "Erkenntnisse beruhen nicht auf Erkenntnissen oder Empfehlungen, sondern auf Quellen.", "Findings do not rest on findings or recommendations, but on sources.")));
            }
            else if (!Exists(connection, "select 1 from sources where id = @value and deleted_at is null", entry.Source))
            {
                errors.Add(ProblemError.At($"/evidence/{index}/source", "unknown", new($"Die Quelle {entry.Source} gibt es nicht.", $"There is no source {entry.Source}.")));
            }

            if (entry.Site is { } site && !Exists(connection, "select 1 from published_sites where id = @value", site))
            {
                errors.Add(ProblemError.At($"/evidence/{index}/site", "unknown", new($"Den Ort {site} gibt es nicht.", $"There is no site {site}.")));
            }
        }

        return errors;
    }

    private static void Put(Write write, string id, FindingInput input)
    {
        write.Connection.Execute(
            """
            insert into findings (id, number, kind, status, dimension, title_de, title_en, text_de, text_en, confidence_level, methodological_limitations, coherence,
                adequacy, relevance, confidence_reason, single_finding, author, created_at, updated_at)
            values (@id, (select coalesce(max(number), 0) + 1 from findings), @kind, 'draft', @dimension, @titleDe, @titleEn, @textDe, @textEn, @level, @limitations, @coherence,
                @adequacy, @relevance, @reason, @SingleFinding, @owner, @At, @At)
            on conflict (id) do update set
                kind = excluded.kind, dimension = excluded.dimension, title_de = excluded.title_de, title_en = excluded.title_en, text_de = excluded.text_de, text_en = excluded.text_en,
                confidence_level = excluded.confidence_level, methodological_limitations = excluded.methodological_limitations, coherence = excluded.coherence, adequacy = excluded.adequacy,
                relevance = excluded.relevance, confidence_reason = excluded.confidence_reason, single_finding = excluded.single_finding, author = excluded.author, updated_at = excluded.updated_at;
            delete from finding_types where finding_id = @id;
            delete from evidence where finding_id = @id;
            """, new
            {
                id,
                kind = WireEnum.Write(input.Kind),
                dimension = WireEnum.Write(input.Dimension),
                titleDe = input.Title.De,
                titleEn = input.Title.En,
                textDe = input.Text.De,
                textEn = input.Text.En,
                level = WireEnum.Write(input.Confidence.Level),
                limitations = WireEnum.Write(input.Confidence.MethodologicalLimitations),
                coherence = WireEnum.Write(input.Confidence.Coherence),
                adequacy = WireEnum.Write(input.Confidence.Adequacy),
                relevance = WireEnum.Write(input.Confidence.Relevance),
                reason = input.Confidence.Reason ?? "",
                input.SingleFinding,
                owner = write.Caller!.Owner,
                write.At,
            });
        write.Connection.Execute("insert into finding_types (finding_id, type) values (@id, @type)", input.Types.Distinct().Select(type => new { id, type }));
        write.Connection.Execute(
            """
            insert into evidence (id, finding_id, position, relation, basis, source_id, site_id) values (@entryId, @id, @position, @relation, @basis, @Source, @Site)
            """, input.Evidence.Select((entry, position) => new
            {
                entryId = $"e-{id}-{position + 1}",
                id,
                position,
                relation = WireEnum.Write(entry.Relation),
                basis = entry.Basis is { } basis ? WireEnum.Write(basis) : null,
                entry.Source,
                entry.Site,
            }));
    }

    private static bool Exists(SqliteConnection connection, string sql, string value) => connection.ExecuteScalar<bool>($"select exists ({sql})", new { value });
}
