using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Evidence;

/// <summary>Hops → nodes, links that read as sentences, and the tree from the root.</summary>
internal static class EvidenceGraphs
{
    private const int LongestLabel = 90;

    /// <param name="hops">In the order of the answer.</param>
    /// <param name="root">Id of the node that was asked for.</param>
    /// <param name="fromTop">Whether the tree grows towards sources, or away from one.</param>
    /// <param name="alone">The root, where there may be no hop.</param>
    /// <param name="voices">Evidence that is no document.</param>
    public static EvidenceGraph Make(IReadOnlyList<HopRow> hops, string root, bool fromTop, EvidenceNode? alone = null, IReadOnlyList<VoiceRow>? voices = null)
    {
        var nodes = new Dictionary<string, EvidenceNode>();
        var links = new List<EvidenceLink>();
        var seen = new HashSet<(string, string, LinkRelation)>();
        if (alone is not null)
        {
            nodes.Add(alone.Id, alone);
        }

        foreach (var hop in hops)
        {
            var finding = Add(hop.FindingId, EvidenceKind.Finding, hop.FindingTitle, hop.FindingText, "/v1/findings/" + hop.FindingId);
            if (hop.RecommendationId is { } id)
            {
                Link(Add(id, EvidenceKind.Recommendation, hop.RecommendationTitle!, hop.RecommendationText, "/v1/recommendations/" + id), finding, LinkRelation.RestsOn);
            }

            var source = Add(hop.SourceId, EvidenceKind.Source, $"{hop.Publisher}{(hop.SourceDate is null ? "" : $" ({hop.SourceDate})")}: {hop.SourceTitle}", hop.Url, "/v1/sources/" + hop.SourceId);
            var relation = WireEnum.Read<LinkRelation>(hop.Relation);
            var site = hop.SiteId is { } siteId ? Add(siteId, EvidenceKind.AnchorSite, hop.SiteName!, null, "/v1/anchor-sites/" + siteId) : null;
            if (hop.ExperienceId is { } experienceId)
            {
                var experience = Add(
                    experienceId, EvidenceKind.Experience, $"{hop.SiteName}: {Excerpt.Of(hop.ExperienceText!, LongestLabel)}",
                    hop.ExperienceText, "/v1/anchor-sites/" + hop.SiteId);
                Link(experience, finding, relation);
                Link(experience, source, LinkRelation.DocumentedBy);
                Link(experience, site!, LinkRelation.RestsOn);
            }
            else
            {
                Link(site ?? source, finding, relation);
                if (site is not null)
                {
                    Link(site, source, LinkRelation.DocumentedBy);
                }
            }
        }

        foreach (var hop in voices ?? [])
        {
            var finding = Add(hop.FindingId, EvidenceKind.Finding, hop.FindingTitle, hop.FindingText, "/v1/findings/" + hop.FindingId);
            if (hop.RecommendationId is { } id)
            {
                Link(Add(id, EvidenceKind.Recommendation, hop.RecommendationTitle!, hop.RecommendationText, "/v1/recommendations/" + id), finding, LinkRelation.RestsOn);
            }

            Link(Add(hop.Id, WireEnum.Read<EvidenceKind>(hop.Kind), hop.Label, hop.Text, hop.Path), finding, WireEnum.Read<LinkRelation>(hop.Relation));
        }

        return new EvidenceGraph
        {
            Root = root,
            Nodes = [.. nodes.Values],
            Links = links,
            Tree = Grow(root, links, nodes, fromTop),
            Citation = Addresses.Cite($"Belege zu „{nodes[root].Label}“", nodes[root].Url!.AbsolutePath + (fromTop ? "/evidence" : "/impact"), "2026"),
        };

        string Add(string id, EvidenceKind kind, string label, string? text, string path)
        {
            nodes.TryAdd(id, new EvidenceNode { Id = id, Kind = kind, Label = label, Text = text, Url = Addresses.Of(path) });
            return id;
        }

        void Link(string from, string to, LinkRelation relation)
        {
            if (seen.Add((from, to, relation)))
            {
                links.Add(new EvidenceLink { From = from, To = to, Relation = relation });
            }
        }
    }

    public static EvidenceNode Node(Source source) => new()
    {
        Id = source.Id,
        Kind = EvidenceKind.Source,
        Label = $"{source.Publisher}{(source.Date is null ? "" : $" ({source.Date})")}: {source.Title}",
        Text = source.Url.OriginalString,
        Url = Addresses.Of("/v1/sources/" + source.Id),
    };

    public static EvidenceNode Node(string passage, string origin, string quote) => new()
    {
        Id = passage,
        Kind = EvidenceKind.Passage,
        Label = origin,
        Text = quote,
        Url = Addresses.Of(PassageRow.Path(passage)),
    };

    /// <summary>Each node below the one that it was reached from; the kinds have an order, so nothing comes twice on a way.</summary>
    private static EvidenceBranch Grow(string root, List<EvidenceLink> links, Dictionary<string, EvidenceNode> nodes, bool fromTop)
    {
        var next = links.SelectMany(link => new[] { (At: link.From, Other: link.To, link.Relation), (At: link.To, Other: link.From, link.Relation) })
            .Where(step => fromTop ? Rank(nodes[step.Other].Kind) > Rank(nodes[step.At].Kind) : Rank(nodes[step.Other].Kind) < Rank(nodes[step.At].Kind)).ToLookup(step => step.At);
        return new EvidenceBranch { Id = root, Branches = Branches(root) };

        List<IReadOnlyDictionary<string, object>> Branches(string id) => [.. next[id].Select(step => new Dictionary<string, object>
        {
            ["id"] = step.Other,
            ["relation"] = WireEnum.Write(step.Relation),
            ["branches"] = Branches(step.Other),
        })];
    }

    private static int Rank(EvidenceKind kind) => kind switch
    {
        EvidenceKind.Recommendation => 0,
        EvidenceKind.Finding => 1,
        EvidenceKind.Experience => 2,
        EvidenceKind.AnchorSite => 3,
        _ => 4,
    };
}
