using AnkerOrte.Api.Commands;

namespace AnkerOrte.Tests.Http;

public sealed class ConcurrentWritersTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Site = "/v1/anchor-sites/probierladen-jena";

    [Fact]
    public async Task Of_two_hundred_writers_who_have_seen_the_same_version_exactly_one_wins()
    {
        using var editor = api.As("editor");
        var winners = new List<string>();
        for (var round = 1; round <= 3; round++)
        {
            var tag = await editor.TagAsync(Site);

            var answers = await Task.WhenAll(Enumerable.Range(1, 200).Select(writer => Task.Run(() =>
                editor.SendAsync("PATCH", Site, new { selfDesignation = $"Runde {round}, Schreiber {writer}" }, tag))));

            Assert.Equal(199, answers.Count(answer => answer.StatusCode == HttpStatusCode.PreconditionFailed));
            var won = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
            winners.Add((await won.JsonAsync()).GetProperty("selfDesignation").GetString()!);
            Assert.Equal(winners[^1], (await api.GetAsync(Site)).GetProperty("selfDesignation").GetString());
        }

        var history = (await api.GetAsync(Site + "/history")).Items();
        Assert.Equal([1, 2, 3, 4], history.ConvertAll(entry => entry.GetProperty("version").GetInt32()));
        Assert.Equal(winners, history.Skip(1).Select(entry => entry.GetProperty("record").GetProperty("selfDesignation").GetString()!));
        Assert.Empty(IntegrityCheck.Run(api.DatabaseFile));
    }
}
