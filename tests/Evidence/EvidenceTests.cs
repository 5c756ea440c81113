using AnkerOrte.Api.Analysis;
using AnkerOrte.Tests.Analysis;

namespace AnkerOrte.Tests.Evidence;

public sealed class EvidenceTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private static readonly List<JsonElement> Findings = [.. Repository.Shipped("findings.json").EnumerateArray()];
    private static readonly List<JsonElement> Recommendations = [.. Repository.Shipped("recommendations.json").EnumerateArray()];
    private static readonly Dictionary<string, string> Publishers = Repository.Shipped("sources.json").EnumerateArray().ToDictionary(source => Text(source, "id"), source => Text(source, "publisher"));
    private static readonly string[] Phases = ["orientation", "planning", "setup", "operation", "consolidation"];
    private static readonly string[] Strengths = ["strong", "conditional", "experience"];

    [Fact]
    public async Task Every_finding_comes_with_each_piece_of_evidence_once()
    {
        var served = (await api.WalkAsync("/v1/findings?limit=50")).ToDictionary(finding => Text(finding, "id"));

        Assert.Equal(Findings.Count, served.Count);
        Assert.All(Findings, finding =>
        {
            var own = served[Text(finding, "id")];
            var expected = finding.GetProperty("evidence").EnumerateArray().Select(entry => (Text(entry, "sourceId"), Maybe(entry, "siteId"), Text(entry, "relation"), Text(entry, "basis")));
            Assert.Equal(expected, own.GetProperty("evidence").EnumerateArray().Select(entry =>
                (Text(entry.GetProperty("source"), "id"), entry.TryGetProperty("site", out var site) ? Text(site, "id") : null, Text(entry, "relation"), Text(entry, "basis"))));
            var publishers = finding.GetProperty("evidence").EnumerateArray().Where(entry => Text(entry, "relation") == "supports").Select(entry => Publishers[Text(entry, "sourceId")]).Distinct().Count();
            Assert.Equal(publishers < 2, own.GetProperty("singleFinding").GetBoolean());
            Assert.Equal("approved", Text(own, "status"));
        });
        // All 175 experiences are told of, none as evidence of its own.
        Assert.Equal(175, served.Values.Sum(finding => finding.GetProperty("evidence").EnumerateArray().Sum(entry => entry.GetProperty("experiences").GetArrayLength())));
    }

    [Fact]
    public void The_suggested_confidence_is_as_published()
    {
        int[][] concerns = [[0, 0, 1, 0], [1, 1, 1, 0], [0, 2, 1, 0], [2, 2, 0, 0], [3, 0, 2, 0], [3, 3, 0, 0]];
        string[] words = ["none", "minor", "moderate", "serious"];

        Assert.Equal(Vectors.Two.GetProperty("cerqual").EnumerateArray().Select(level => level.GetString()!.Replace(' ', '-')), concerns.Select(four => Cerqual.Suggest([.. four.Select(concern => words[concern])])));
    }

    [Fact]
    public async Task A_finding_tells_in_how_many_sites_it_was_seen_by_type()
    {
        var finding = await api.GetAsync("/v1/findings/f-feste-zustaendige");

        var shipped = Findings.Single(finding => Text(finding, "id") == "f-feste-zustaendige");
        var sites = shipped.GetProperty("evidence").EnumerateArray().Where(entry => Text(entry, "relation") == "supports").Select(entry => Maybe(entry, "siteId")).OfType<string>().Distinct().ToList();
        var types = Repository.Shipped("typology.json").GetProperty("memberships").EnumerateArray().ToDictionary(row => Text(row, "siteId"), row => Text(row, "type"));
        var seen = finding.GetProperty("seenIn");
        Assert.Equal((sites.Count, 110), (seen.GetProperty("sites").GetInt32(), seen.GetProperty("of").GetInt32()));
        Assert.All(seen.GetProperty("byType").EnumerateArray(), row =>
        {
            Assert.Equal(sites.Count(site => types[site] == Text(row, "type")), row.GetProperty("sites").GetInt32());
            Assert.Equal(types.Values.Count(type => type == Text(row, "type")), row.GetProperty("of").GetInt32());
        });
    }

    [Fact]
    public async Task Recommendations_come_by_phase_then_by_strength_and_never_stronger_than_their_findings()
    {
        var served = await api.WalkAsync("/v1/recommendations?limit=20");

        Assert.Equal(Recommendations.Count, served.Count);
        var order = served.Select(advice => (Array.IndexOf(Phases, Text(advice, "phase")), Array.IndexOf(Strengths, Text(advice, "strength")))).ToList();
        Assert.Equal(order.Order(), order);
        var levels = Findings.ToDictionary(finding => Text(finding, "id"), finding => Text(finding.GetProperty("confidence"), "level"));
        Assert.All(served, advice =>
        {
            var shipped = Recommendations.Single(other => Text(other, "id") == Text(advice, "id"));
            Assert.Equal(shipped.GetProperty("findings").EnumerateArray().Select(id => id.GetString()), advice.GetProperty("findings").EnumerateArray().Select(finding => Text(finding, "id")));
            Assert.All(advice.GetProperty("findings").EnumerateArray(), finding =>
                Assert.True(Array.IndexOf(Strengths, Text(advice, "strength")) >= Array.IndexOf(Strengths, Strongest(levels[Text(finding, "id")]))));
            Assert.All(advice.GetProperty("nextSteps").EnumerateArray(), next =>
                Assert.Equal(Array.IndexOf(Phases, Text(advice, "phase")) + 1, Array.IndexOf(Phases, Text(served.Single(other => Text(other, "id") == Text(next, "id")), "phase"))));
        });
    }

    [Theory]
    [InlineData("phase=planning", "phase")]
    [InlineData("strength=strong", "strength")]
    [InlineData("audience=council", "audience")]
    public async Task Filters_hold(string query, string member)
    {
        var wanted = query.Split('=')[1];
        var expected = Recommendations.Count(advice => advice.GetProperty(member) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Any(value => value.GetString() == wanted) : Text(advice, member) == wanted);

        Assert.Equal(expected, (await api.GetAsync("/v1/recommendations?limit=1&" + query)).Total());
    }

    [Fact]
    public async Task A_recommendation_for_every_type_is_one_for_each()
    {
        var expected = Recommendations.Count(advice => advice.GetProperty("types").GetArrayLength() == 0 || advice.GetProperty("types").EnumerateArray().Any(type => type.GetString() == "makerspace"));

        Assert.Equal(expected, (await api.GetAsync("/v1/recommendations?type=makerspace")).Total());
        await (await api.Client.GetAsync("/v1/recommendations?type=maker")).ShouldBeProblemAsync(400, "invalid-request");
        Assert.Equal(Findings.Count(finding => finding.GetProperty("types").EnumerateArray().Any(type => type.GetString() == "makerspace")), (await api.GetAsync("/v1/findings?type=makerspace")).Total());
        Assert.Contains((await api.GetAsync("/v1/search?q=Erwartungen&kind=finding")).Items(), hit => Text(hit, "self") == "http://localhost/v1/findings/f-widerspruechliche-erwartungen");
    }

    [Fact]
    public async Task The_chain_of_every_recommendation_is_whole_and_its_addresses_answer()
    {
        var addresses = new HashSet<string>();
        foreach (var shipped in Recommendations)
        {
            var graph = await api.GetAsync($"/v1/recommendations/{Text(shipped, "id")}/evidence");
            var nodes = graph.GetProperty("nodes").EnumerateArray().ToDictionary(node => Text(node, "id"));
            Assert.Equal(Text(shipped, "id"), Text(graph, "root"));
            var links = graph.GetProperty("links").EnumerateArray().Select(link => (From: Text(link, "from"), To: Text(link, "to"), Relation: Text(link, "relation"))).ToList();
            Assert.All(links, link => Assert.True(nodes.ContainsKey(link.From) && nodes.ContainsKey(link.To)));
            // Everything hangs together.
            var reached = new HashSet<string> { Text(graph, "root") };
            while (links.Any(link => reached.Contains(link.From) != reached.Contains(link.To)))
            {
                foreach (var link in links.Where(link => reached.Contains(link.From) || reached.Contains(link.To)).ToList())
                {
                    reached.UnionWith([link.From, link.To]);
                }
            }

            Assert.Equal(nodes.Keys.Order(), reached.Order());
            var findings = shipped.GetProperty("findings").EnumerateArray().Select(id => id.GetString()!).ToList();
            Assert.Equal(findings.Order(), links.Where(link => link.Relation == "rests-on" && link.From == Text(shipped, "id")).Select(link => link.To).Order());
            var sources = Findings.Where(finding => findings.Contains(Text(finding, "id"))).SelectMany(finding => finding.GetProperty("evidence").EnumerateArray().Select(entry => Text(entry, "sourceId"))).Distinct();
            Assert.Equal(sources.Order(), nodes.Values.Where(node => Text(node, "kind") == "source").Select(node => Text(node, "id")).Order());
            // Counter-evidence is there.
            Assert.Equal(Findings.Where(finding => findings.Contains(Text(finding, "id"))).Any(finding => finding.GetProperty("evidence").EnumerateArray().Any(entry => Text(entry, "relation") == "contradicts")),
                links.Any(link => link.Relation == "contradicts"));
            Assert.Equal(Text(shipped, "id"), Text(graph.GetProperty("tree"), "id"));
            Assert.Equal(findings, graph.GetProperty("tree").GetProperty("branches").EnumerateArray().Select(branch => Text(branch, "id")));
            addresses.UnionWith(nodes.Values.Select(node => Text(node, "url")));
        }

        foreach (var address in addresses)
        {
            Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync(address)).StatusCode);
        }
    }

    [Fact]
    public async Task What_rests_on_a_source_is_what_leads_to_it()
    {
        var impact = await api.GetAsync("/v1/sources/src-0195/impact");

        var findings = Findings.Where(finding => finding.GetProperty("evidence").EnumerateArray().Any(entry => Text(entry, "sourceId") == "src-0195")).Select(finding => Text(finding, "id")).ToHashSet();
        var nodes = impact.GetProperty("nodes").EnumerateArray().ToList();
        Assert.NotEmpty(findings);
        Assert.Equal(findings.Order(), nodes.Where(node => Text(node, "kind") == "finding").Select(node => Text(node, "id")).Order());
        Assert.Equal(Recommendations.Where(advice => advice.GetProperty("findings").EnumerateArray().Any(id => findings.Contains(id.GetString()!))).Select(advice => Text(advice, "id")).Order(),
            nodes.Where(node => Text(node, "kind") == "recommendation").Select(node => Text(node, "id")).Order());
        Assert.Equal("src-0195", Text(impact, "root"));
        await (await api.Client.GetAsync("/v1/sources/src-9999/impact")).ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task The_chain_comes_as_linked_data_and_as_text_for_a_council_paper()
    {
        var id = Text(Recommendations.First(advice => Findings.Single(finding => Text(finding, "id") == advice.GetProperty("findings")[0].GetString()).GetProperty("evidence").EnumerateArray().Any(entry => Text(entry, "relation") == "contradicts")), "id");
        var linked = await api.Client.GetAsync($"/v1/recommendations/{id}/evidence?format=jsonld");
        Assert.Equal("application/ld+json", linked.Content.Headers.ContentType!.MediaType);
        var graph = (await linked.JsonAsync()).GetProperty("@graph").EnumerateArray().ToList();
        var iris = graph.Select(node => Text(node, "@id")).ToHashSet();
        Assert.All(graph, node => Assert.All(node.EnumerateObject().Where(member => member.Name is "rests-on" or "supports" or "contradicts" or "qualifies" or "documented-by"),
            member => Assert.All(member.Value.EnumerateArray(), iri => Assert.Contains(iri.GetString()!, iris))));

        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/recommendations/{id}/evidence");
        request.Headers.Accept.ParseAdd("text/markdown");
        request.Headers.AcceptLanguage.ParseAdd("de");
        var text = await (await api.Client.SendAsync(request)).Content.ReadAsStringAsync();
        Assert.StartsWith("# " + Text(Recommendations.Single(advice => Text(advice, "id") == id).GetProperty("title"), "de"), text, StringComparison.Ordinal);
        Assert.Contains("**Dagegen spricht**", text, StringComparison.Ordinal);
        Assert.EndsWith($"http://localhost/v1/recommendations/{id}/evidence (CC BY 4.0)\n", text, StringComparison.Ordinal);
        await (await api.Client.GetAsync("/v1/recommendations/r-none/evidence")).ShouldBeProblemAsync(404, "not-found");
        await (await api.Client.GetAsync("/v1/findings/f-none")).ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task A_new_experience_is_new_evidence_and_goes_with_its_site()
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        var before = await own.GetAsync("/v1/findings/f-problem-zuerst");
        var site = NewSite.Named("Erfahrener Ort");
        site["experiences"] = JsonSerializer.SerializeToNode(new[] { new { kind = "lesson", text = "Erst das Problem.", findingId = "f-problem-zuerst", relation = "qualifies", sourceId = "src-0195" } });
        var made = await editor.SendAsync("POST", "/v1/anchor-sites", site).ShouldBeAsync(HttpStatusCode.Created);

        var after = await own.GetAsync("/v1/findings/f-problem-zuerst");
        Assert.Equal(before.GetProperty("evidence").GetArrayLength() + 1, after.GetProperty("evidence").GetArrayLength());
        Assert.Equal("qualifies", Text(after.GetProperty("evidence").EnumerateArray().Last(), "relation"));
        Assert.NotEqual(Text(before, "updatedAt"), Text(after, "updatedAt"));
        await editor.SendAsync("DELETE", $"/v1/anchor-sites/{Text(made, "id")}", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);
        Assert.Equal(before.GetProperty("evidence").GetArrayLength(), (await own.GetAsync("/v1/findings/f-problem-zuerst")).GetProperty("evidence").GetArrayLength());
    }

    [Fact]
    public async Task Findings_show_the_new_title_of_a_source()
    {
        using var own = new ApiFixture();
        using var editor = own.As("editor");
        // Findings rest on it, and no site cites it.
        var cited = Repository.Shipped("anchor-sites.json").EnumerateArray().SelectMany(site => site.GetProperty("sourceIds").EnumerateArray().Select(id => id.GetString()!)).ToHashSet();
        var (finding, source) = Findings.SelectMany(finding => finding.GetProperty("evidence").EnumerateArray().Select(entry => (Text(finding, "id"), Text(entry, "sourceId")))).First(pair => !cited.Contains(pair.Item2));

        var before = (await own.GetAsync("/v1/changes?from=end")).GetProperty("cursor").GetString();
        await editor.SendAsync("PATCH", $"/v1/sources/{source}", new { title = "Anderer Titel" }, ifMatch: "*").ShouldBeAsync(HttpStatusCode.OK);

        Assert.Contains((await own.GetAsync($"/v1/findings/{finding}")).GetProperty("evidence").EnumerateArray(), entry => Text(entry.GetProperty("source"), "title") == "Anderer Titel");
        var change = (await own.GetAsync("/v1/changes?after=" + before)).Items().Single(change => Text(change, "kind") == "finding" && Text(change, "id") == finding);
        Assert.Contains(change.GetProperty("record").GetProperty("evidence").EnumerateArray(), entry => Text(entry.GetProperty("source"), "title") == "Anderer Titel");
    }

    private static string Text(JsonElement element, string member) => element.GetProperty(member).GetString()!;

    private static string? Maybe(JsonElement element, string member) => element.TryGetProperty(member, out var value) ? value.GetString() : null;

    /// <summary>The strongest recommendation that a level of confidence allows.</summary>
    private static string Strongest(string level) => level switch { "high" or "moderate" => "strong", "low" => "conditional", _ => "experience" };
}
