using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Recommendations;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Findings;

/// <summary>What is done with a finding: passages for and against it, how sure it is, and whether it holds.</summary>
internal static class FindingHandlers
{
    public static readonly Text Thing = new("Die Erkenntnis", "finding");

    public static IResult Link(Write write, string id, FindingPassageInput input)
    {
        if (Status(write.Connection, id) is null)
        {
            return Problems.NoSuch(Thing, id);
        }

        // What is not released must look like what does not exist.
        if (!write.Connection.ExecuteScalar<bool>("select exists (select 1 from released_passages where id = @Passage)", input))
        {
            return Problems.Unprocessable([ProblemError.At("/passage", "unknown", new("Eine freigegebene Textstelle dieser Kennung gibt es nicht.", "There is no released passage of this id."))]);
        }

        write.Connection.Execute(
            """
            insert into finding_passages (finding_id, passage_id, relation) values (@id, @Passage, @relation)
            on conflict (finding_id, passage_id) do update set relation = excluded.relation
            """, new { id, input.Passage, relation = WireEnum.Write(input.Relation) });
        return Changed(write, id);
    }

    public static IResult Unlink(Write write, string id, string passage)
    {
        if (write.Connection.Execute("delete from finding_passages where finding_id = @id and passage_id = @passage", new { id, passage }) == 0)
        {
            return Problems.NoSuch(new("Den Beleg", "evidence"), passage);
        }

        // What it rested on has changed: somebody has to look whether it still holds.
        FindingReview.Review(write.Connection, [id], write.Author);
        return Done.Nothing();
    }

    public static IResult Rate(Write write, string id, ConfidenceInput input)
    {
        if (FindingQueries.Find(write.Connection, id, approvedOnly: false) is not { } finding)
        {
            return Problems.NoSuch(Thing, id);
        }

        if (write.CheckIfMatch(WireJson.Write(finding)) is { } stale)
        {
            return stale;
        }

        if (CheckConfidence(input, "") is { Count: > 0 } errors)
        {
            return Problems.Unprocessable(errors);
        }

        write.Connection.Execute(
            """
            update findings set confidence_level = @level, methodological_limitations = @limitations, coherence = @coherence, adequacy = @adequacy, relevance = @relevance,
                confidence_reason = @reason
            where id = @id
            """, new
            {
                id,
                level = WireEnum.Write(input.Level),
                limitations = WireEnum.Write(input.MethodologicalLimitations),
                coherence = WireEnum.Write(input.Coherence),
                adequacy = WireEnum.Write(input.Adequacy),
                relevance = WireEnum.Write(input.Relevance),
                reason = input.Reason ?? "",
            });
        RecommendationStrength.Settle(write.Connection, [id], write.Author);
        return Changed(write, id);
    }

    public static IResult Approve(Write write, string id)
    {
        var connection = write.Connection;
        if (Status(connection, id) is not var (status, isSingle))
        {
            return Problems.NoSuch(Thing, id);
        }

        if (status == "approved")
        {
            return new Problem(Problems.Conflict, new("Die Erkenntnis gilt schon.", "The finding is approved already."));
        }

        if (LacksEvidence(connection, id, isSingle) is { } lacking)
        {
            return lacking;
        }

        connection.Execute("update findings set status = 'approved', updated_at = @At where id = @id", new { id, write.At });
        Tombstones.AddRecord(connection, RecordKind.Finding, id, "published", write.At);
        PutWords(connection, FindingQueries.Find(connection, id)!);
        Feed.Add(connection, RecordKind.Finding, id, "created", write.At);
        RecommendationStrength.Settle(connection, [id], write.Author);
        return Answer(write, id);
    }

    public static IResult Review(Write write, string id)
    {
        if (Status(write.Connection, id) is not var (status, _))
        {
            return Problems.NoSuch(Thing, id);
        }

        if (status != "approved")
        {
            return new Problem(Problems.Conflict, new("Die Erkenntnis wird schon geprüft.", "The finding is under review already."));
        }

        FindingReview.Review(write.Connection, [id], write.Author);
        Tombstones.AddRecord(write.Connection, RecordKind.Finding, id, "unpublished", write.At);
        return Answer(write, id);
    }

    public static void PutWords(SqliteConnection connection, Finding finding) =>
        SearchIndex.Put(connection, [new SearchEntry(RecordKind.Finding, finding.Id, finding.Title.De, finding.Text.De) { Text = [finding.Text.De] }]);

    /// <summary>Null if a finding has as many independent voices as it needs.</summary>
    public static IResult? LacksEvidence(SqliteConnection connection, string id, bool isSingle)
    {
        var voices = connection.ExecuteScalar<int>("select voices from finding_support where finding_id = @id", new { id });
        return voices >= (isSingle ? 1 : 2) ? null : Problems.Unprocessable([ProblemError.At("/evidence", "too-little-evidence", new(
            $"Eine Erkenntnis gilt mit zwei unabhängigen Quellen, als Einzelbefund mit einer; hier sprechen {voices} dafür.",
            $"A finding holds with two independent sources, a single finding with one; here {voices} support it."))]);
    }

    /// <summary>Whoever differs from what the components suggest says why.</summary>
    public static List<ProblemError> CheckConfidence(ConfidenceInput input, string pointer)
    {
        var (level, suggestion) = (WireEnum.Write(input.Level), Cerqual.Suggest(
            WireEnum.Write(input.MethodologicalLimitations), WireEnum.Write(input.Coherence), WireEnum.Write(input.Adequacy), WireEnum.Write(input.Relevance)));
        return level == suggestion || !string.IsNullOrWhiteSpace(input.Reason) ? [] : [ProblemError.At(pointer + "/reason", "required", new(
            $"Die vier Komponenten legen „{suggestion}“ nahe; wer davon abweicht, begründet es.", $"The four components suggest `{suggestion}`; a reason is needed to differ."))];
    }

    public static Done Changed(Write write, string id)
    {
        write.Connection.Execute("update findings set updated_at = @At where id = @id", new { id, write.At });
        if (Status(write.Connection, id) is ("approved", var isSingle))
        {
            if (LacksEvidence(write.Connection, id, isSingle) is null)
            {
                Feed.Add(write.Connection, RecordKind.Finding, id, "updated", write.At);
            }
            else
            {
                // What supported it speaks against it now.
                FindingReview.Review(write.Connection, [id], write.Author);
            }
        }

        return Answer(write, id);
    }

    /// <summary>With a version, so that a later edition of the shipped content leaves alone what was changed here.</summary>
    private static Done Answer(Write write, string id)
    {
        var finding = FindingQueries.Find(write.Connection, id, approvedOnly: false)!;
        Versions.Add(write.Connection, RecordKind.Finding, id, "updated", WireJson.Write(finding with { Passages = [] }), write.Author);
        return Done.Changed(WireJson.Write(finding));
    }

    public static (string Status, bool IsSingle)? Status(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<(string, bool)?>(
        "select status, single_finding from findings where id = @id and deleted_at is null", new { id });
}
