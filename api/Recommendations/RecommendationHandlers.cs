using AnkerOrte.Api.Access;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Recommendations;

/// <summary>New recommendations and new wordings. A new one is a draft until it is published; none is stronger than its findings.</summary>
internal static class RecommendationHandlers
{
    public static readonly Text Thing = new("Die Empfehlung", "recommendation");

    public static IResult Create(Write write, RecommendationInput input)
    {
        var id = input.Id ?? Secret.Id("r");
        if (write.Connection.ExecuteScalar<bool>("select exists (select 1 from recommendations where id = @id)", new { id }))
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Die Kennung ist vergeben.", "The id is taken."))]);
        }

        if (Check(write.Connection, input) is { Count: > 0 } errors)
        {
            return Problems.Unprocessable(errors);
        }

        Put(write, id, input);
        return Done.Created(Finish(write, id, "created"), RecordKinds.Path(RecordKind.Recommendation, id)) with { IsPublic = false };
    }

    public static IResult Replace(Write write, string id, RecommendationInput input)
    {
        if (RecommendationQueries.Find(write.Connection, id, publishedOnly: false) is not { } before)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (write.CheckIfMatch(WireJson.Write(before)) is { } stale)
        {
            return stale;
        }

        var errors = Check(write.Connection, input);
        if (input.Id is { } other && other != id)
        {
            errors.Add(ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse und bleibt.", "The id is that of the address and stays."), id));
        }

        var isPublic = before.Status == RecommendationStatus.Published;
        if (isPublic && RecommendationStrength.Limit(write.Connection, input.Findings) is null)
        {
            errors.Add(NothingApproved);
        }

        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        Put(write, id, input);
        if (isPublic)
        {
            RecommendationSearch.Put(write.Connection, id);
            Feed.Add(write.Connection, RecordKind.Recommendation, id, "updated", write.At);
        }

        return Done.Changed(Finish(write, id, "updated")) with { IsPublic = isPublic };
    }

    public static IResult Publish(Write write, string id)
    {
        if (RecommendationQueries.Find(write.Connection, id, publishedOnly: false) is not { } found)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (found.Status == RecommendationStatus.Published)
        {
            return new Problem(Problems.Conflict, new("Die Empfehlung ist schon veröffentlicht.", "The recommendation is published already."));
        }

        var findings = write.Connection.Query<string>("select finding_id from recommendation_findings where recommendation_id = @id order by position", new { id }).ToList();
        var errors = new List<ProblemError>();
        if (RecommendationStrength.Limit(write.Connection, findings) is not { } limit)
        {
            errors.Add(NothingApproved);
        }
        else if (RecommendationStrength.IsStronger(WireEnum.Write(found.Strength), limit))
        {
            errors.Add(TooStrong(limit));
        }

        if (errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        write.Connection.Execute("update recommendations set status = 'published', updated_at = @At where id = @id", new { id, write.At });
        Tombstones.AddRecord(write.Connection, RecordKind.Recommendation, id, "published", write.At);
        RecommendationSearch.Put(write.Connection, id);
        Feed.Add(write.Connection, RecordKind.Recommendation, id, "created", write.At);
        return Done.Changed(Finish(write, id, "updated"));
    }

    /// <summary>A draft: only people publish it again, whatever its findings do.</summary>
    public static IResult Unpublish(Write write, string id)
    {
        if (RecommendationQueries.Find(write.Connection, id, publishedOnly: false) is not { } found)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (found.Status == RecommendationStatus.Draft)
        {
            return new Problem(Problems.Conflict, new("Die Empfehlung ist ein Entwurf.", "The recommendation is a draft already."));
        }

        TakeBack(write.Connection, id, isRemoved: false, write.Author);
        return Done.Changed(Finish(write, id, "updated"));
    }

    public static IResult Remove(Write write, string id)
    {
        if (RecommendationQueries.Find(write.Connection, id, publishedOnly: false) is not { } found)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (write.CheckIfMatch(WireJson.Write(found)) is { } stale)
        {
            return stale;
        }

        TakeBack(write.Connection, id, isRemoved: true, write.Author);
        return Done.Nothing();
    }

    /// <summary>Takes a recommendation out of what is public.</summary>
    /// <param name="connection">In the transaction of the caller.</param>
    /// <param name="id">A recommendation that is there.</param>
    /// <param name="isRemoved">False: it becomes a draft.</param>
    /// <param name="author">Who does it.</param>
    public static void TakeBack(SqliteConnection connection, string id, bool isRemoved, Author author)
    {
        var isPublished = RecommendationQueries.Find(connection, id) is not null;
        connection.Execute(
            isRemoved
                ? "update recommendations set deleted_at = @At, updated_at = @At where id = @id"
                : "update recommendations set status = 'draft', updated_at = @At where id = @id", new { id, author.At });
        if (isPublished)
        {
            SearchIndex.Remove(connection, RecordKind.Recommendation, id);
            Feed.Add(connection, RecordKind.Recommendation, id, "deleted", author.At);
        }

        if (isRemoved)
        {
            Versions.Add(connection, RecordKind.Recommendation, id, "deleted", null, author);
        }

        Tombstones.AddRecord(connection, RecordKind.Recommendation, id, isRemoved ? "removed" : "unpublished", author.At);
    }

    private static ProblemError NothingApproved => ProblemError.At("/findings", "no-approved-finding", new(
        "Eine Empfehlung beruht auf mindestens einer geltenden Erkenntnis.", "A recommendation rests on at least one approved finding."));

    private static ProblemError TooStrong(string limit) => ProblemError.At("/strength", "stronger-than-findings", new(
        $"Die schwächste Erkenntnis trägt höchstens „{limit}“.", $"The weakest finding bears `{limit}` at most."), limit);

    private static List<ProblemError> Check(SqliteConnection connection, RecommendationInput input)
    {
        var errors = new List<ProblemError>();
        errors.AddRange(Missing("/findings", input.Findings, "select id from findings where deleted_at is null and id in @ids", "Erkenntnis", "finding"));
        errors.AddRange(Missing("/types", input.Types, "select t.key from types t join current_typology v on v.version = t.typology where t.key in @ids", "Typ", "type"));
        errors.AddRange(Missing("/exampleSites", input.ExampleSites, "select id from published_sites where id in @ids", "Ort", "site"));
        if (RecommendationStrength.Limit(connection, input.Findings) is { } limit && RecommendationStrength.IsStronger(WireEnum.Write(input.Strength), limit))
        {
            errors.Add(TooStrong(limit));
        }

        return errors;

        IEnumerable<ProblemError> Missing(string pointer, IReadOnlyList<string> ids, string sql, string german, string english)
        {
            var known = connection.Query<string>(sql, new { ids }).ToHashSet();
            return ids.Index().Where(id => !known.Contains(id.Item)).Select(id =>
                ProblemError.At($"{pointer}/{id.Index}", "unknown", new($"{german} {id.Item} gibt es nicht.", $"There is no {english} {id.Item}.")));
        }
    }

    private static byte[] Finish(Write write, string id, string action)
    {
        var document = WireJson.Write(RecommendationQueries.Find(write.Connection, id, publishedOnly: false)!);
        Versions.Add(write.Connection, RecordKind.Recommendation, id, action, document, write.Author);
        return document;
    }

    private static void Put(Write write, string id, RecommendationInput input)
    {
        write.Connection.Execute(
            """
            insert into recommendations (id, number, status, title_de, title_en, text_de, text_en, conditions_de, conditions_en, mistake_de, mistake_en,
                phase, effort, strength, wanted_strength, audience, author, created_at, updated_at)
            values (@id, (select coalesce(max(number), 0) + 1 from recommendations), 'draft', @titleDe, @titleEn, @textDe, @textEn, @conditionsDe, @conditionsEn, @mistakeDe, @mistakeEn,
                @phase, @effort, @strength, @strength, @audience, @owner, @At, @At)
            on conflict (id) do update set
                title_de = excluded.title_de, title_en = excluded.title_en, text_de = excluded.text_de, text_en = excluded.text_en, conditions_de = excluded.conditions_de,
                conditions_en = excluded.conditions_en, mistake_de = excluded.mistake_de, mistake_en = excluded.mistake_en, phase = excluded.phase, effort = excluded.effort,
                strength = excluded.strength, wanted_strength = excluded.wanted_strength, audience = excluded.audience, author = excluded.author, updated_at = excluded.updated_at;
            delete from recommendation_types where recommendation_id = @id;
            delete from recommendation_findings where recommendation_id = @id;
            delete from recommendation_sites where recommendation_id = @id;
            """, new
            {
                id,
                titleDe = input.Title.De,
                titleEn = input.Title.En,
                textDe = input.Text.De,
                textEn = input.Text.En,
                conditionsDe = input.Conditions.De,
                conditionsEn = input.Conditions.En,
                mistakeDe = input.CommonMistake.De,
                mistakeEn = input.CommonMistake.En,
                phase = WireEnum.Write(input.Phase),
                effort = WireEnum.Write(input.Effort),
                strength = WireEnum.Write(input.Strength),
                audience = WireJson.Text(input.Audience),
                owner = write.Caller!.Owner,
                write.At,
            });
        write.Connection.Execute("insert into recommendation_types (recommendation_id, type) values (@id, @type)", input.Types.Distinct().Select(type => new { id, type }));
        write.Connection.Execute("insert into recommendation_findings (recommendation_id, position, finding_id) values (@id, @position, @finding)", input.Findings.Distinct().Select((finding, position) => new { id, position, finding }));
        write.Connection.Execute("insert into recommendation_sites (recommendation_id, position, site_id) values (@id, @position, @site)", input.ExampleSites.Distinct().Select((site, position) => new { id, position, site }));
    }
}
