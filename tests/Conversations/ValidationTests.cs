using AnkerOrte.Tests.Privacy;

namespace AnkerOrte.Tests.Conversations;

/// <summary>What interviews and focus groups say to a type: sites are counted, and nothing is told that is not released.</summary>
public sealed class ValidationTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Text = "p-anna: Ein Makerspace sind wir. Nur nicht abends.\np-bert: Genau.";
    private readonly HttpClient researcher = api.As("researcher", "owner-r");
    private readonly HttpClient releaser = api.As("releaser", "owner-l");
    private readonly HttpClient anyone = api.Client;

    private sealed record Talk(string Id, string Path, string Passage, string Hash);

    private async Task<List<string>> SitesAsync(string type) =>
        [.. (await anyone.SendAsync("GET", $"/v1/types/{type}/anchor-sites?limit=6").ShouldBeAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("site").GetProperty("id").GetString()!)];

    private async Task<Talk> RecordAsync(string type, string[] sites, string kind = "interviews", string project = "jena")
    {
        var made = await researcher.SendAsync("POST", "/v1/" + kind, new
        {
            project,
            heldOn = "2026-05-12",
            participants = kind == "interviews" ? new[] { "p-anna" } : ["p-anna", "p-bert"],
            sites,
            types = new[] { type },
        }).ShouldBeAsync(HttpStatusCode.Created);
        var (id, path) = (made.GetProperty("id").GetString()!, new Uri(made.GetProperty("self").GetString()!).AbsolutePath);
        var stored = await researcher.SendAsync("PUT", path + "/transcript", new { text = Text }).ShouldBeAsync(HttpStatusCode.OK);
        var passage = await researcher.SendAsync("POST", path + "/passages", new { start = 8, end = 32, quote = "Ein Makerspace sind wir.", pseudonym = "p-anna" }).ShouldBeAsync(HttpStatusCode.Created);
        return new(id, path, passage.GetProperty("id").GetString()!, stored.GetProperty("textSha256").GetString()!);
    }

    private async Task ReleaseAsync(Talk talk)
    {
        await Talks.GiveAsync(researcher, talk.Id, "p-anna", "transcript-use", "quotation-pseudonymous");
        await researcher.SendAsync("POST", $"/v1/passages/{talk.Passage}/submit", new { textSha256 = talk.Hash }).ShouldBeAsync(HttpStatusCode.OK);
        await releaser.SendAsync("POST", $"/v1/passages/{talk.Passage}/release", new { textSha256 = talk.Hash }).ShouldBeAsync(HttpStatusCode.OK);
    }

    private Task<JsonElement> SayAsync(Talk talk, string type, object said) => researcher.SendAsync("PUT", $"{talk.Path}/validations/{type}", said).ShouldBeAsync(HttpStatusCode.OK);

    private static Task<JsonElement> SumAsync(HttpClient client, string type) => client.SendAsync("GET", $"/v1/types/{type}/validation").ShouldBeAsync(HttpStatusCode.OK);

    /// <summary>"status asked/confirmed/partly/rejected", with a dash for what is not told.</summary>
    private static string Read(JsonElement sum) => $"{sum.GetProperty("status").GetString()} {Count(sum.GetProperty("sites"))}";

    private static string Count(JsonElement count) => string.Join('/', new[] { "asked", "confirmed", "partly", "rejected" }.Select(part =>
        count.TryGetProperty(part, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture) : "-"));

    [Fact]
    public async Task Three_of_four_interviewed_sites_confirm_a_type_and_public_numbers_change_by_three_at_least()
    {
        const string Type = "makerspace";
        var sites = await SitesAsync(Type);
        var talks = new List<Talk>();
        foreach (var site in sites.Take(4))
        {
            talks.Add(await RecordAsync(Type, [site]));
        }

        // The same site again counts once, with what is least favourable.
        var again = await RecordAsync(Type, [sites[0]]);
        var group = await RecordAsync(Type, [sites[0]], "focus-groups");
        foreach (var talk in talks.Take(3))
        {
            await SayAsync(talk, Type, new { verdict = "confirmed", passage = talk.Passage });
        }

        await SayAsync(talks[3], Type, new { verdict = "partly", dimensions = new[] { new { dimension = "goals", verdict = "rejected", passage = talks[3].Passage } } });
        await SayAsync(again, Type, new { verdict = "confirmed" });
        await SayAsync(group, Type, new { verdict = "rejected" });

        Assert.Equal("validated 4/3/1/0", Read(await SumAsync(researcher, Type)));
        Assert.Equal("too-few-interviews 0/-/-/-", Read(await SumAsync(anyone, Type)));
        await ReleaseAsync(talks[0]);
        await ReleaseAsync(talks[1]);
        Assert.Equal("too-few-interviews 0/-/-/-", Read(await SumAsync(anyone, Type)));
        await ReleaseAsync(talks[2]);
        Assert.Equal("validated 3/3/0/0", Read(await SumAsync(anyone, Type)));

        // The fourth alone would show what it said.
        await ReleaseAsync(talks[3]);

        var sum = await SumAsync(anyone, Type);
        Assert.Equal("validated 3/3/0/0", Read(sum));
        Assert.Equal("Confirmed by 3 of 3 interviewed sites.", sum.GetProperty("text").GetProperty("en").GetString());
        Assert.Equal("0/-/-/-", Count(sum.GetProperty("focusGroups")));
        Assert.Empty(sum.GetProperty("dimensions").EnumerateArray());
        Assert.Equal(talks.Select(talk => talk.Passage).Order(StringComparer.Ordinal), sum.GetProperty("passages").EnumerateArray().Select(passage => passage.GetProperty("id").GetString()!));
        var all = await SumAsync(researcher, Type);
        Assert.Equal(("1/0/0/1", "1/0/0/1"), (Count(all.GetProperty("focusGroups")), Count(all.GetProperty("dimensions")[0].GetProperty("sites"))));

        await SayAsync(again, Type, new { verdict = "rejected" });
        Assert.Equal("contested 4/2/1/1", Read(await SumAsync(researcher, Type)));
        Assert.Equal("validated 3/3/0/0", Read(await SumAsync(anyone, Type)));
        await researcher.SendAsync("DELETE", $"{again.Path}/validations/{Type}").ShouldBeAsync(HttpStatusCode.NoContent);
        await researcher.SendAsync("DELETE", $"{again.Path}/validations/{Type}").ShouldBeProblemAsync(404, "not-found");

        await researcher.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talks[3].Id, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeAsync(HttpStatusCode.OK);
        sum = await SumAsync(anyone, Type);
        Assert.Equal("validated 3/3/0/0", Read(sum));
        Assert.Empty(sum.GetProperty("dimensions").EnumerateArray());
        Assert.DoesNotContain(talks[3].Passage, sum.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("validated 3/3/0/0", Read(await SumAsync(researcher, Type)));
        Talk? last = null;
        foreach (var site in sites.Skip(3).Take(3))
        {
            Assert.Equal("validated 3/3/0/0", Read(await SumAsync(anyone, Type)));
            var talk = await RecordAsync(Type, [site]);
            await SayAsync(talk, Type, new { verdict = "rejected" });
            await ReleaseAsync(talk);
            last = talk;
        }

        Assert.Equal("contested 6/3/0/3", Read(await SumAsync(researcher, Type)));
        Assert.Equal("contested 6/3/0/3", Read(await SumAsync(anyone, Type)));
        // Four of six withdraw: too few are left to show numbers.
        foreach (var talk in talks.Take(3).Append(last!))
        {
            await researcher.SendAsync(
                "POST", "/v1/consents/withdrawals",
                new { conversation = talk.Id, pseudonym = "p-anna", purposes = new[] { "transcript-use" } })
                .ShouldBeAsync(HttpStatusCode.OK);
        }

        Assert.Equal("too-few-interviews 0/-/-/-", Read(await SumAsync(anyone, Type)));
        await researcher.SendAsync("PUT", $"{talks[3].Path}/validations/{Type}", new { verdict = "confirmed" }).ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task A_record_is_replaced_as_a_whole_and_read_by_those_who_reach_the_conversation()
    {
        var talk = await RecordAsync("showroom", ["probierladen-jena"]);
        await SayAsync(talk, "showroom", new { verdict = "rejected", passage = talk.Passage, dimensions = new[] { new { dimension = "goals", verdict = "rejected" } } });
        await SayAsync(talk, "showroom", new { verdict = "partly", dimensions = new[] { new { dimension = "formats", verdict = "confirmed", passage = talk.Passage } } });

        var record = Assert.Single((await researcher.SendAsync("GET", talk.Path + "/validations").ShouldBeAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());

        Assert.Equal(("showroom", "partly", "probierladen-jena", false), (
            record.GetProperty("type").GetString(), record.GetProperty("verdict").GetString(), record.GetProperty("site").GetString(),
            record.TryGetProperty("passage", out var passage) && passage.ValueKind == JsonValueKind.String));
        var part = Assert.Single(record.GetProperty("dimensions").EnumerateArray());
        Assert.Equal(("formats", "confirmed", talk.Passage), (part.GetProperty("dimension").GetString(), part.GetProperty("verdict").GetString(), part.GetProperty("passage").GetString()));
        var elsewhere = api.As("researcher", "owner-x", "project:ulm");
        await elsewhere.SendAsync("GET", talk.Path + "/validations").ShouldBeProblemAsync(404, "not-found");
        await elsewhere.SendAsync("PUT", talk.Path + "/validations/showroom", new { verdict = "confirmed" }).ShouldBeProblemAsync(404, "not-found");
        Assert.Equal("too-few-interviews 0/0/0/0", Read(await SumAsync(elsewhere, "showroom")));
        await releaser.SendAsync("PUT", talk.Path + "/validations/showroom", new { verdict = "confirmed" }).ShouldBeProblemAsync(403, "forbidden");
        await anyone.SendAsync("GET", talk.Path + "/validations").ShouldBeProblemAsync(401, "unauthorized");
    }

    [Fact]
    public async Task A_record_names_sites_dimensions_and_passages_that_belong_to_it()
    {
        var talk = await RecordAsync("makerspace", ["probierladen-jena"]);
        var other = await RecordAsync("makerspace", ["probierladen-jena"]);
        var two = await RecordAsync("makerspace", [.. (await SitesAsync("makerspace")).Take(2)]);

        var errors = await researcher.SendAsync("PUT", talk.Path + "/validations/makerspace", new
        {
            verdict = "confirmed",
            site = "elsewhere",
            passage = other.Passage,
            dimensions = new object[] { new { dimension = "goals", verdict = "partly" }, new { dimension = "goals", verdict = "partly" }, new { dimension = "colour", verdict = "partly" } },
        }).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(
            [("/site", "unknown"), ("/passage", "unknown"), ("/dimensions/1/dimension", "duplicate"), ("/dimensions/2/dimension", "unknown")],
            errors.Select(error => (error.GetProperty("pointer").GetString()!, error.GetProperty("code").GetString()!)));
        var missing = Assert.Single(await researcher.SendAsync("PUT", two.Path + "/validations/makerspace", new { verdict = "confirmed" }).ShouldBeProblemAsync(422, "unprocessable"));
        Assert.Equal("/site", missing.GetProperty("pointer").GetString());
        await researcher.SendAsync("PUT", talk.Path + "/validations/city-lab", new { verdict = "confirmed" }).ShouldBeProblemAsync(404, "not-found");
        await anyone.SendAsync("GET", "/v1/types/nirgends/validation").ShouldBeProblemAsync(404, "not-found");
        Assert.Empty((await researcher.SendAsync("GET", talk.Path + "/validations").ShouldBeAsync(HttpStatusCode.OK)).GetProperty("items").EnumerateArray());
    }
}
