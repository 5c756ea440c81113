using System.IO.Compression;
using AnkerOrte.Api.Commands;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Tests.Storage;

/// <summary>A database that the previous release has made and filled (all but the municipalities without a site).</summary>
public sealed class UpgradeTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ankerorte-upgrade-");

    [Fact]
    public async Task The_database_of_the_previous_release_is_brought_along_whole()
    {
        using var upgraded = new ApiFixture(new Dictionary<string, string?> { ["ConnectionStrings:AnkerOrte"] = $"Data Source={Unpack()}" }, copyTemplate: false);
        using var fresh = new ApiFixture();

        foreach (var list in new[] { "/v1/anchor-sites", "/v1/sources", "/v1/projects", "/v1/codebook" })
        {
            Assert.Equal(await RecordsAsync(fresh, list), await RecordsAsync(upgraded, list));
        }

        // What names are found and sorted by is made anew as well.
        foreach (var list in new[] { "/v1/municipalities?q=Muehlhausen", "/v1/municipalities?sort=name&limit=200&state=DE-TH", "/v1/municipalities?hasSites=true&limit=200", "/v1/search?q=M%C3%BChlhausen" })
        {
            Assert.Equal((await fresh.GetAsync(list)).Items().Texts("self"), (await upgraded.GetAsync(list)).Items().Texts("self"));
        }

        // Each record begins the feed once.
        var file = Path.Combine(folder.FullName, "old.db");
        Assert.Equal(Read(fresh.DatabaseFile, Created), Read(file, Created));
        Assert.Equal(["anchor-site 110 1", "code 96 1", "source 443 1"], Read(file, "select kind || ' ' || count(*) || ' ' || max(version) from versions group by kind order by kind"));
        var history = (await upgraded.GetAsync("/v1/anchor-sites/probierladen-jena/history")).Items();
        Assert.Equal(["created"], history.Texts("action"));
        Assert.Equal("ProbierLaden Jena", history[0].GetProperty("record").GetProperty("name").GetString());
        await upgraded.As("editor").SendAsync("PATCH", "/v1/anchor-sites/probierladen-jena", new { status = "paused" }, await upgraded.Client.TagAsync("/v1/anchor-sites/probierladen-jena")).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(110, (await upgraded.WalkAsync("/v1/anchor-sites?limit=200")).Count);
        Assert.Empty(IntegrityCheck.Run(file));
    }

    public void Dispose() => folder.Delete(recursive: true);

    private string Unpack()
    {
        var file = Path.Combine(folder.FullName, "old.db");
        using var packed = new BrotliStream(File.OpenRead(Repository.File("tests", "Storage", "previous-release.db.br")), CompressionMode.Decompress);
        using var target = File.Create(file);
        packed.CopyTo(target);
        return file;
    }

    private const string Created = "select kind || ' ' || key from changes where action = 'created' order by kind, key";

    private static List<string> Read(string file, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        return [.. connection.Query<string>(sql)];
    }

    /// <summary>When something became new here is the one thing that differs.</summary>
    private static async Task<List<string>> RecordsAsync(ApiFixture api, string list) =>
        [.. (await api.WalkAsync(list + "?limit=200")).Select(record => string.Join('\n', record.EnumerateObject().Where(member => member.Name != "updatedAt").Select(member => member.ToString())))];
}
