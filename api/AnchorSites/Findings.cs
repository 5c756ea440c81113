using System.Text.Json;
using AnkerOrte.Api.KnowledgeBase;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>The findings that experiences may speak to: those that are shipped.</summary>
internal static class Findings
{
    public static readonly IReadOnlySet<string> Ids = ReadIds();

    private static HashSet<string> ReadIds()
    {
        using var findings = JsonDocument.Parse(Content.Read("findings.json"));
        return findings.RootElement.EnumerateArray().Select(finding => finding.GetProperty("id").GetString()!).ToHashSet();
    }
}
