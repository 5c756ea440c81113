using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Proposals;

/// <summary>Rows of proposals → contract.</summary>
internal static class ProposalMapping
{
    public static Proposal Compose(ProposalRow row) => new()
    {
        Id = row.Id,
        AnchorSite = new AnchorSiteReference { Id = row.SiteId, Name = row.SiteName, Self = Addresses.Of(RecordKinds.Path(RecordKind.AnchorSite, row.SiteId)) },
        Origin = WireEnum.Read<ProposalOrigin>(row.Origin),
        Evidence = row.Evidence,
        State = WireEnum.Read<ProposalState>(row.State),
        Changes = Changes(row),
        Comment = row.Comment,
        Reason = row.Reason,
        CreatedAt = Instant.Read(row.CreatedAt),
        UpdatedAt = Instant.Read(row.UpdatedAt),
        DecidedAt = Instant.ReadOptional(row.DecidedAt),
        Self = Addresses.Of("/v1/proposals/" + row.Id),
    };

    /// <summary>While it is open, against the site as it is now; afterwards what was kept with the decision.</summary>
    public static IReadOnlyList<FieldChange> Changes(ProposalRow row)
    {
        if (row.DecidedChanges is { } decided)
        {
            return JsonSerializer.Deserialize<List<FieldChange>>(decided, WireJson.Options)!;
        }

        var current = JsonNode.Parse(row.CurrentRecord!)!;
        using var patch = JsonDocument.Parse(row.Patch);
        var proposed = MergePatch.Apply(current.DeepClone(), patch.RootElement);
        return [.. JsonDiff.Compare(current.Deserialize<JsonElement>(), proposed.Deserialize<JsonElement>())];
    }
}

internal sealed record ProposalRow
{
    public required string Id { get; init; }
    public required string SiteId { get; init; }
    public required string SiteName { get; init; }
    public required string Origin { get; init; }
    public string? Evidence { get; init; }
    public required string Patch { get; init; }
    public string? Comment { get; init; }
    public required string State { get; init; }
    public string? Reason { get; init; }
    public string? DecidedChanges { get; init; }
    public required string CreatedAt { get; init; }
    public required string UpdatedAt { get; init; }
    public string? DecidedAt { get; init; }
    public string? CurrentRecord { get; init; }
    public string? Place { get; init; }
}
