using System.Text;
// The tests, which compile this file too, use it everywhere.
#pragma warning disable IDE0005
using System.Text.Json;
#pragma warning restore IDE0005
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Benchmarks;

/// <summary>A request as an attacker would send it: the most expensive parameters that the contract allows, different each time.</summary>
/// <param name="Operation">Of the contract.</param>
/// <param name="Path">From what is known of the content and a number that no other request has.</param>
internal sealed record HostileRequest(string Operation, Func<HostileContent, int, string> Path)
{
    /// <summary>The JSON of a POST; null: a GET.</summary>
    public Func<int, string>? Body { get; init; }

    private const string Facets = "goals,contents,targetGroups,formats,spaces,operators,funding,setting,type,state,status,project";

    /// <summary>Sixteen different words are the most; short ones are the beginning of many others.</summary>
    private static string Words(int number) =>
        string.Join('+', Enumerable.Range(0, 15).Select(i => "adesnimtrubgkfh"[i]).Append((char)('a' + (number % 26))));

    /// <summary>As many cells as are allowed without a key.</summary>
    private static readonly string LargestTable = Table(5_000, 100);

    public static readonly HostileRequest[] All =
    [
        new("listAnchorSites, q and facets",
            (_, i) => $"/v1/anchor-sites?limit=200&sort=relevance&facets={Facets}&updatedSince=2020-01-01T00:00:{i % 60:00}Z&q={Words(i)}"),
        new("listAnchorSites, GeoJSON near",
            (_, i) => $"/v1/anchor-sites?format=geojson&sort=distance&near=51.0,10.{i % 1000:000}&radiusKm=999"),
        new("listAnchorSites, CSV wide", (_, i) => $"/v1/anchor-sites?format=csv&wide=true&near=51.0,10.{i % 1000:000}"),
        new("getAnchorSiteHistory", (known, i) => $"/v1/anchor-sites/{known.Sites[i % known.Sites.Count]}/history?limit={100 + (i % 100)}"),
        new("compareAnchorSites",
            (known, i) =>
            $"/v1/comparisons?sites={string.Join(',', Enumerable.Range(0, 10).Select(n => known.Sites[((n * 11) + i) % known.Sites.Count]))}"),
        new("listMunicipalities, GeoJSON near", (_, i) => $"/v1/municipalities?format=geojson&near=51.0,10.{i % 1000:000}&radiusKm=999"),
        new("listMunicipalities, CSV", (_, i) => $"/v1/municipalities?format=csv&populationMin={i % 100}"),
        new("listMunicipalities, typing errors", (_, i) => $"/v1/municipalities?limit=200&q=xq{i % 1000:000}{new string('y', 90)}"),
        new("listSimilarMunicipalities", (_, i) => $"/v1/municipalities/09162000/similar?within=germany&limit={100 + (i % 100)}"),
        new("listProjects", (_, i) => $"/v1/projects?format=csv&q={Words(i)}"),
        new("listSources", (_, i) => $"/v1/sources?format=csv&updatedSince=2020-01-01T00:{i / 60 % 60:00}:{i % 60:00}Z"),
        new("listDimensions", (_, i) => $"/v1/codebook?format=csv&updatedSince=2020-01-01T00:{i / 60 % 60:00}:{i % 60:00}Z"),
        new("getTypology", (_, _) => "/v1/typologies/1"),
        new("getTypologyMap", (_, i) => $"/v1/typologies/1/map.svg?lang={(i % 2 == 0 ? "de" : "en")}"),
        new("getTypeProfile", (known, i) => $"/v1/types/{known.Types[i % known.Types.Count]}/profile?format=csv"),
        new("getPropertySpace",
            (_, i) => $"/v1/property-space?dimensions={Facets.Split(',')[i % 10]},{Facets.Split(',')[(i + 3) % 10]},{Facets.Split(',')[(i + 5) % 10]}"),
        new("listFindings", (_, i) => $"/v1/findings?limit=200&q={Words(i)}"),
        new("getFindingEvidence", (known, i) => $"/v1/findings/{known.Findings[i % known.Findings.Count]}/evidence"),
        new("listRecommendations", (_, i) => $"/v1/recommendations?limit=200&q={Words(i)}"),
        new("getRecommendationEvidence",
            (known, i) => $"/v1/recommendations/{known.Recommendations[i % known.Recommendations.Count]}/evidence"),
        new("listPassages", (_, i) => $"/v1/passages?limit=200&q={Words(i)}"),
        new("getDecisionGuide", (_, _) => "/v1/decision-guide?ags=09162000"),
        new("getGuideEvaluation", (_, _) => "/v1/decision-guide/evaluation?format=csv"),
        new("createAssessment", (_, _) => "/v1/assessments") { Body = i => WireJson.Text(AnsweredGuide.Make(i)) },
        new("search", (_, i) => $"/v1/search?limit=200&q={Words(i)}"),
        new("search, CSV of one letter", (_, i) => $"/v1/search?format=csv&q={(char)('a' + (i % 26))}"),
        new("listChanges", (_, _) => "/v1/changes?limit=200&kind=source"),
        new("getSurveyCodebook", (_, _) => "/v1/surveys/umsetzende-kommunen/codebook?format=csv"),
        new("createTypologyRun, table", (_, _) => "/v1/typology-runs?dryRun=true") { Body = _ => LargestTable },
        new("createTypologyRun, inventory",
            (_, _) => "/v1/typology-runs") { Body = i =>
            $$"""{"source":{"kind":"inventory"},"seed":{{i}},"restarts":1000,"bootstrap":1000,"kMax":20}""" },
        new("getTypologyRunDissimilarities", (known, _) => known.Run + "/dissimilarities"),
        new("getTypologyRun", (known, _) => known.Run),
        new("rerunAssessment", (known, _) => known.Assessment + "/rerun"),
        new("getAssessment, Markdown", (known, i) => $"{known.Assessment}?format=markdown&lang={(i % 2 == 0 ? "de" : "en")}"),
        new("listTypes", (_, i) => $"/v1/types?format=csv&limit={1 + (i % 200)}"),
        new("getType", (known, i) => $"/v1/types/{known.Types[i % known.Types.Count]}"),
        new("getTypeProfilePicture", (known, i) => $"/v1/types/{known.Types[i % known.Types.Count]}/profile.svg"),
        new("listTypeSites", (known, i) => $"/v1/types/{known.Types[i % known.Types.Count]}/anchor-sites?limit=200"),
        new("getAnchorSiteType", (known, i) => $"/v1/anchor-sites/{known.Sites[i % known.Sites.Count]}/type"),
        new("listMemberships", (_, i) => $"/v1/typologies/1/memberships?limit={100 + (i % 100)}"),
        new("getCorrespondence", (_, _) => "/v1/typologies/1/correspondences/1"),
        new("getSurveyResults",
            (_, i) => $"/v1/surveys/umsetzende-kommunen/results?format=json&by={(i % 2 == 0 ? "state,type" : "state,size")}"),
        new("getSurveyRelease", (_, _) => "/v1/surveys/umsetzende-kommunen/releases/1?by=state,type"),
    ];

    public static string Table(int rows, int columns) => JsonSerializer.Serialize(new
    {
        source = new
        {
            kind = "table",
            columns = Enumerable.Range(0, columns).Select(column => new { key = $"c{column}", kind = "numeric" }),
            rows = Enumerable.Range(0, rows)
                .Select(row =>
                new
                {
                    id = $"r{row}",
                    values = Enumerable.Range(0, columns)
                .ToDictionary(column => $"c{column}", column => (row * 7) + column)
                }),
        },
        kMax = 2,
        restarts = 0,
    });
}

/// <summary>What an attacker finds out first.</summary>
/// <param name="Run">Path of a run with 3,000 rows.</param>
/// <param name="Assessment">Path of an assessment.</param>
internal sealed record HostileContent(
    IReadOnlyList<string> Sites, IReadOnlyList<string> Types, IReadOnlyList<string> Findings, IReadOnlyList<string> Recommendations,
    string Run, string Assessment)
{
    public static async Task<HostileContent> ReadAsync(HttpClient client, string address)
    {
        return new(await IdsAsync("/v1/anchor-sites?limit=200&fields=id", "id"), await IdsAsync("/v1/types", "key"),
            await IdsAsync("/v1/findings", "id"), await IdsAsync("/v1/recommendations", "id"),
            await AddAsync("/v1/typology-runs", HostileRequest.Table(3_000, 5)),
            await AddAsync("/v1/assessments", WireJson.Text(AnsweredGuide.Make(1))));

        async Task<string> AddAsync(string path, string body)
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var made = await client.PostAsync(address + path, content);
            made.EnsureSuccessStatusCode();
            return made.Headers.Location!.AbsolutePath;
        }

        async Task<IReadOnlyList<string>> IdsAsync(string path, string member)
        {
            using var list = JsonDocument.Parse(await client.GetByteArrayAsync(address + path));
            return [.. list.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty(member).GetString()!)];
        }
    }
}

/// <summary>Answers to the decision guide, half of the questions, another half for each number.</summary>
internal static class AnsweredGuide
{
    public static AssessmentInput Make(int number)
    {
        var random = new SplitMix64((ulong)number);
        var answers = Guide.Shipped.Scored.Where((_, i) => i == number % 8 || random.Below(2) == 1)
            .ToDictionary(question => question.Key, question =>
                (object)JsonSerializer.SerializeToElement(question.Options[random.Below(question.Options.Count)].Key));
        return new AssessmentInput
        {
            Answers = answers,
            MustHaves = [new MustHaveInput { Question = "floor-area", Value = JsonSerializer.SerializeToElement(50 + random.Below(400)) }],
        };
    }
}
