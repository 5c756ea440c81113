using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Suppression hides what it has to, and no tables without small numbers.</summary>
public sealed class ReleaseSizeTests
{
    /// <summary>ANKERORTE_RELEASE_SIZES=5000,10000 takes larger ones.</summary>
    public static TheoryData<int> Sizes() =>
        [.. (Environment.GetEnvironmentVariable("ANKERORTE_RELEASE_SIZES") ?? "73,300").Split(',').Select(int.Parse)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task No_table_without_small_numbers_is_withheld(int responses)
    {
        using var own = new ApiFixture();
        using var researcher = own.As("researcher");
        await own.AutoAcceptAsync();
        var definition = await own.GetAsync($"{Survey}/versions/1/definition");
        using var sender = own.As("contributor");
        string[] lines = [.. RandomResponses.Lines(definition, own.Municipalities(), responses)];
        Assert.Equal((responses, 0, 0), (await sender.BulkAsync(string.Join('\n', lines))).Counts());

        await own.ReleaseAsync();

        var totals = await own.GetAsync($"{Survey}/results");
        Assert.Equal(responses, totals.GetProperty("release").GetProperty("responseCount").GetInt64());
        // In small surveys, small numbers of answers to an item hide the items that depend on it.
        string[] followUps = responses < 300 ? ["agreement", "visitorsBasis", "hoursPerWeek"] : [];
        Assert.Empty(
            totals.GetProperty("items").EnumerateArray().Where(item => item.GetProperty("withheld").GetBoolean()).ToList().Texts("item")
            .Except(followUps));
        var answers = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("answers")).ToList();
        var cells = totals.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("code").GetString() is not null)
            .ToLookup(cell => cell.GetProperty("item").GetString());
        foreach (var item in new[] { "status", "digitalRole", "accessibility", "fee" })
        {
            var counts = cells[item]
                .ToDictionary(
                cell => cell.GetProperty("code").GetString()!,
                cell => answers.Count(
                answer => answer.TryGetProperty(item, out var given) && given.GetString() == cell.GetProperty("code").GetString()));
            if (counts.Values.All(count => count is 0 or >= 3))
            {
                Assert.All(cells[item],
                    cell => Assert.Equal(counts[cell.GetProperty("code").GetString()!], cell.GetProperty("count").GetInt32()));
            }
        }

        // Every group has many answers to these questions, so their tables have no small numbers from a thousand responses on.
        var byClass = await own.GetAsync($"{Survey}/results?by=populationClass&item=digitalRole&item=goals");
        Assert.True(responses < 1000 || byClass.GetProperty("items").EnumerateArray()
            .All(item => !item.GetProperty("withheld").GetBoolean()));
    }
}
