namespace AnkerOrte.Tests.Comparisons;

public sealed class ComparisonTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task Unknown_is_kept_apart_from_no()
    {
        // No source says what Bamberg's contents are; Dresden's are known and making is not among them.
        var comparison = await api.GetAsync("/v1/comparisons?sites=buergerlabor-dresden,buergerlabor-bamberg-smart-city,probierladen-jena");

        Assert.Equal(["buergerlabor-dresden", "buergerlabor-bamberg-smart-city", "probierladen-jena"], comparison.GetProperty("sites").EnumerateArray().ToList().Texts("id"));
        Assert.Equal(["yes", "unknown", "no"], Values(comparison, "contents.urban-planning"));
        Assert.Equal(["no", "unknown", "yes"], Values(comparison, "contents.ai"));
        Assert.Equal(["yes", "yes", "no"], Values(comparison, "goals.participation"));
        Assert.Equal(["paused", "closed", "operating"], Values(comparison, "status"));
        Assert.Equal(["unknown", "2022-06-21", "unknown"], Values(comparison, "closedOn"));
        Assert.DoesNotContain(comparison.GetProperty("attributes").EnumerateArray(), attribute => attribute.GetProperty("key").GetString() == "contents.making");
    }

    [Fact]
    public async Task The_csv_has_a_column_per_site()
    {
        var lines = (await api.Client.GetStringAsync("/v1/comparisons?sites=jedi-jena,probierladen-jena&format=csv&delimiter=%3B")).Split("\r\n");

        Assert.Equal("key;labelDe;labelEn;jedi-jena;probierladen-jena;attribution", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("goals.inclusion;Ziele: Teilhabe und Inklusion;Goals: Inclusion;no;yes;", StringComparison.Ordinal));
    }

    private static List<string?> Values(JsonElement comparison, string key) =>
        [.. comparison.GetProperty("attributes").EnumerateArray().Single(attribute => attribute.GetProperty("key").GetString() == key).GetProperty("values").EnumerateArray().Select(value => value.GetString())];
}
