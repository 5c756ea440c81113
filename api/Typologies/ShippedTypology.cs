using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>
/// Loads typology.json as a published version. If the version exists already, nothing changes, because published versions are final.
/// </summary>
internal static class ShippedTypology
{
    public static void Put(SqliteConnection connection, byte[] file, Author author)
    {
        var shipped = ShippedFiles.Parse<ShippedVersion>(file);
        if (connection.ExecuteScalar<bool>("select exists (select 1 from typologies where version = @Version)", shipped))
        {
            return;
        }

        var record = new TypologyInput
        {
            Title = shipped.Title,
            Note = shipped.Note,
            Construction = shipped.Construction,
            DimensionsUsed = shipped.DimensionsUsed,
            Types = [.. shipped.Types.Select(ToInput)],
            ReductionSteps = [],
            Correspondence = [],
            OtherTypologies = shipped.OtherTypologies,
        };
        connection.Execute(
            """
            insert into typologies (version, number, status, origin, record, created_at, updated_at, published_at)
            values (@Version, cast(@Version as integer), 'published', 'shipped', @record, @At, @At, @At);
            update typology_numbers set last = cast(@Version as integer);
            """, new { shipped.Version, record = WireJson.Text(record), author.At });
        TypologyQueries.PutTypes(connection, shipped.Version, record);
        // An older database may lack a site of this file.
        TypologyQueries.PutMemberships(connection, shipped.Version, shipped.Memberships.Where(membership =>
            connection.ExecuteScalar<bool>("select exists (select 1 from anchor_sites where id = @SiteId)", membership)));
        Feed.Add(connection, RecordKind.Typology, shipped.Version, "created", author.At);
        Feed.AddAll(connection, RecordKind.Type, record.Types.Select(type => type.Key), "created", author.At);
        TypologyQueries.PutSearch(connection, record);
    }

    private static AnchorTypeInput ToInput(ShippedType type) => new()
    {
        Key = type.Key,
        Label = type.Label,
        Summary = type.Summary,
        DefiningFeatures = type.DefiningFeatures,
        DistinguishedFrom = type.DistinguishedFrom,
        TypicalStrengths = GermanText(type.TypicalStrengths),
        TypicalRisks = GermanText(type.TypicalRisks),
        EarlyDecisions = GermanText(type.EarlyDecisions),
        Findings = type.Findings,
        Literature = type.Literature,
    };

    private static List<LocalizedText> GermanText(IEnumerable<string> texts) => [.. texts.Select(text => new LocalizedText { De = text })];

    private sealed record ShippedVersion(
        string Version, LocalizedText Title, LocalizedText Note, string Construction, IReadOnlyList<string> DimensionsUsed,
        IReadOnlyList<ShippedType> Types, IReadOnlyList<MembershipInput> Memberships, IReadOnlyList<LiteratureNote> OtherTypologies);

    private sealed record ShippedType(
        string Key, LocalizedText Label, LocalizedText Summary, IReadOnlyList<TypeFeature> DefiningFeatures, IReadOnlyList<TypeDistinction> DistinguishedFrom,
        IReadOnlyList<string> TypicalStrengths, IReadOnlyList<string> TypicalRisks, IReadOnlyList<string> EarlyDecisions,
        IReadOnlyList<string> Findings, IReadOnlyList<LiteratureNote> Literature);
}
