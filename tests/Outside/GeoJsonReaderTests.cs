using System.Globalization;
using System.Text.RegularExpressions;

namespace AnkerOrte.Tests.Outside;

/// <summary>Geographic programs of others read what the service says is GeoJSON.</summary>
[Collection(OneRunningService.Name)]
public sealed partial class GeoJsonReaderTests(RunningService service)
{
    private const string AllSites = "/v1/anchor-sites?format=geojson";

    [ToolFact("ogrinfo")]
    public async Task Gdal_reads_every_site_and_a_point_for_all_but_three()
    {
        var file = await service.DownloadAsync(AllSites, "anchor-sites.geojson");

        Assert.Equal(110, await CountAsync(file));
        Assert.Equal(107, await CountAsync(file, "-where", "OGR_GEOMETRY = 'POINT'"));
    }

    [ToolFact("ogrinfo")]
    public async Task Gdal_reads_the_address_itself_and_every_point_lies_in_germany()
    {
        var summary = await SummaryAsync(service.Url + AllSites);

        var corners = Extent().Match(summary).Groups.Values.Skip(1).Select(corner => double.Parse(corner.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.InRange(corners[0], 5.8, corners[2]);
        Assert.InRange(corners[1], 47.2, corners[3]);
        Assert.InRange(corners[2], corners[0], 15.1);
        Assert.InRange(corners[3], corners[1], 55.1);
    }

    [ToolTheory("node")]
    [InlineData(AllSites, 110)]
    [InlineData("/v1/municipalities?state=DE-HB&format=geojson", 2)]
    public async Task A_strict_validator_accepts_the_file(string address, int features)
    {
        var file = await service.DownloadAsync(address, "checked.geojson");

        var result = (await Tools.NodeAsync("check-geojson.mjs", file)).ShouldSucceed().Json;

        Assert.Equal(features, result.GetProperty("features").GetInt32());
    }

    private static async Task<int> CountAsync(string source, params string[] options) =>
        int.Parse(Count().Match(await SummaryAsync(source, options)).Groups[1].Value, CultureInfo.InvariantCulture);

    private static async Task<string> SummaryAsync(string source, params string[] options)
    {
        var result = (await Tools.RunAsync("ogrinfo", ["-ro", "-so", "-al", .. options, source])).ShouldSucceed();
        Assert.DoesNotContain("Warning", result.Errors, StringComparison.OrdinalIgnoreCase);
        return result.Output;
    }

    [GeneratedRegex(@"Feature Count: (\d+)")]
    private static partial Regex Count();

    [GeneratedRegex(@"Extent: \(([-\d.]+), ([-\d.]+)\) - \(([-\d.]+), ([-\d.]+)\)")]
    private static partial Regex Extent();
}
