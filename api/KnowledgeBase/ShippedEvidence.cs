using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.KnowledgeBase;

/// <summary>findings.json and recommendations.json → tables, words and feed.</summary>
internal static class ShippedEvidence
{
    public static void PutFindings(SqliteConnection connection, byte[] file, Author author)
    {
        var publishers = connection.Query<(string Id, string Publisher)>("select id, publisher from sources").ToDictionary(source => source.Id, source => source.Publisher);
        var edited = Versions.Edited(connection, RecordKind.Finding);
        foreach (var (finding, number) in ShippedFiles.Parse<List<ShippedFinding>>(file).Select((finding, number) => (finding, number)).Where(entry => !edited.Contains(entry.finding.Id)))
        {
            var isNew = !connection.ExecuteScalar<bool>("select exists (select 1 from findings where id = @Id)", finding);
            connection.Execute(
                """
                insert into findings (id, number, kind, status, dimension, title_de, title_en, text_de, text_en, confidence_level, methodological_limitations, coherence,
                    adequacy, relevance, confidence_reason, single_finding, created_at, updated_at)
                values (@Id, @number, @Kind, 'approved', @Dimension, @titleDe, @titleEn, @textDe, @textEn, @Level, @MethodologicalLimitations, @Coherence,
                    @Adequacy, @Relevance, @Reason, @single, @At, @At)
                on conflict (id) do update set
                    kind = excluded.kind, dimension = excluded.dimension, title_de = excluded.title_de, title_en = excluded.title_en, text_de = excluded.text_de, text_en = excluded.text_en,
                    confidence_level = excluded.confidence_level, methodological_limitations = excluded.methodological_limitations, coherence = excluded.coherence,
                    adequacy = excluded.adequacy, relevance = excluded.relevance, confidence_reason = excluded.confidence_reason, single_finding = excluded.single_finding, updated_at = excluded.updated_at
                """, new
                {
                    finding.Id,
                    number,
                    finding.Kind,
                    finding.Dimension,
                    titleDe = finding.Title.De,
                    titleEn = finding.Title.En,
                    textDe = finding.Text.De,
                    textEn = finding.Text.En,
                    finding.Confidence.Level,
                    finding.Confidence.MethodologicalLimitations,
                    finding.Confidence.Coherence,
                    finding.Confidence.Adequacy,
                    finding.Confidence.Relevance,
                    finding.Confidence.Reason,
                    single = finding.Evidence.Where(entry => entry.Relation == "supports").Select(entry => publishers.GetValueOrDefault(entry.SourceId)).Distinct().Count() < 2,
                    author.At,
                });
            connection.Execute("delete from finding_types where finding_id = @Id; delete from evidence where finding_id = @Id;", finding);
            connection.Execute("insert into finding_types (finding_id, type) values (@Id, @type)", finding.Types.Select(type => new { finding.Id, type }));
            // A site may be gone from a database that is older than this file; the source still says what it says.
            connection.Execute(
                """
                insert into evidence (id, finding_id, position, relation, basis, source_id, site_id)
                values (@entryId, @Id, @position, @Relation, @Basis, @SourceId, (select id from anchor_sites where id = @SiteId))
                """, finding.Evidence.Select((entry, position) => new { entryId = $"e-{finding.Id[2..]}-{position + 1}", finding.Id, position, entry.Relation, entry.Basis, entry.SourceId, entry.SiteId }));
            SearchIndex.Put(connection, [new SearchEntry(RecordKind.Finding, finding.Id, finding.Title.De, finding.Text.De) { Text = [finding.Text.De] }]);
            Feed.Add(connection, RecordKind.Finding, finding.Id, isNew ? "created" : "updated", author.At);
        }
    }

    public static void PutRecommendations(SqliteConnection connection, byte[] file, Author author)
    {
        var edited = Versions.Edited(connection, RecordKind.Recommendation);
        foreach (var (advice, number) in ShippedFiles.Parse<List<ShippedRecommendation>>(file).Select((advice, number) => (advice, number)).Where(entry => !edited.Contains(entry.advice.Id)))
        {
            var isNew = !connection.ExecuteScalar<bool>("select exists (select 1 from recommendations where id = @Id)", advice);
            connection.Execute(
                """
                insert into recommendations (id, number, status, title_de, title_en, text_de, text_en, conditions_de, conditions_en, mistake_de, mistake_en,
                    phase, effort, strength, audience, created_at, updated_at)
                values (@Id, @number, 'published', @titleDe, @titleEn, @textDe, @textEn, @conditionsDe, @conditionsEn, @mistakeDe, @mistakeEn,
                    @Phase, @Effort, @Strength, @audience, @At, @At)
                on conflict (id) do update set
                    title_de = excluded.title_de, title_en = excluded.title_en, text_de = excluded.text_de, text_en = excluded.text_en, conditions_de = excluded.conditions_de,
                    conditions_en = excluded.conditions_en, mistake_de = excluded.mistake_de, mistake_en = excluded.mistake_en, phase = excluded.phase, effort = excluded.effort,
                    strength = excluded.strength, audience = excluded.audience, updated_at = excluded.updated_at
                """, new
                {
                    advice.Id,
                    number,
                    titleDe = advice.Title.De,
                    titleEn = advice.Title.En,
                    textDe = advice.Text.De,
                    textEn = advice.Text.En,
                    conditionsDe = advice.Conditions.De,
                    conditionsEn = advice.Conditions.En,
                    mistakeDe = advice.CommonMistake.De,
                    mistakeEn = advice.CommonMistake.En,
                    advice.Phase,
                    advice.Effort,
                    advice.Strength,
                    audience = WireJson.Text(advice.Audience),
                    author.At,
                });
            connection.Execute("delete from recommendation_types where recommendation_id = @Id; delete from recommendation_findings where recommendation_id = @Id; delete from recommendation_sites where recommendation_id = @Id;", advice);
            connection.Execute("insert into recommendation_types (recommendation_id, type) values (@Id, @type)", advice.Types.Select(type => new { advice.Id, type }));
            connection.Execute("insert into recommendation_findings (recommendation_id, position, finding_id) values (@Id, @position, @finding)", advice.Findings.Select((finding, position) => new { advice.Id, position, finding }));
            connection.Execute(
                "insert into recommendation_sites (recommendation_id, position, site_id) select @Id, @position, id from anchor_sites where id = @site",
                advice.ExampleSites.Select((site, position) => new { advice.Id, position, site }));
            SearchIndex.Put(connection, [new SearchEntry(RecordKind.Recommendation, advice.Id, advice.Title.De, advice.Text.De)
            {
                Keywords = [advice.Title.En],
                Text = [advice.Text.De, advice.Text.En, advice.Conditions.De, advice.CommonMistake.De],
            }]);
            Feed.Add(connection, RecordKind.Recommendation, advice.Id, isNew ? "created" : "updated", author.At);
        }
    }

    private sealed record ShippedFinding(
        string Id, string Kind, LocalizedText Title, LocalizedText Text, string Dimension, IReadOnlyList<string> Types, IReadOnlyList<ShippedEntry> Evidence, ShippedConfidence Confidence);

    private sealed record ShippedEntry(string SourceId, string? SiteId, string Relation, string Basis);

    private sealed record ShippedConfidence(string Level, string MethodologicalLimitations, string Coherence, string Adequacy, string Relevance, string Reason);

    private sealed record ShippedRecommendation(
        string Id, LocalizedText Title, LocalizedText Text, string Phase, IReadOnlyList<string> Audience, IReadOnlyList<string> Types, LocalizedText Conditions, string Effort,
        LocalizedText CommonMistake, string Strength, IReadOnlyList<string> Findings, IReadOnlyList<string> ExampleSites);
}
