using System.IO.Compression;
using AnkerOrte.Api.Conversations;
using Dapper;

namespace AnkerOrte.Tests.Privacy;

/// <summary>
/// After the use of a transcript is withdrawn, its words are nowhere: every GET of the contract is asked by everybody who reads
/// confidential records, and every stored answer is asked for again.
/// </summary>
public sealed class WithdrawnWordsTests : IDisposable
{
    private const string Word = "Zeisigkauz";

    /// <summary>What somebody else said stays readable.</summary>
    private const string Other = "Rohrspatz";

    private const string Interview = $"M: Und?\np-anna: {Word} eins.\np-anna: {Word} zwei.\np-anna: {Word} drei.\np-anna: {Word} vier.\np-anna: {Word} fünf.";
    private const string Group = $"p-anna: {Word} sechs.\np-bert: {Other} sieben.\np-anna: {Word} acht.";

    private readonly ApiFixture api = new();
    private readonly HttpClient researcher;

    public WithdrawnWordsTests() => researcher = api.As("researcher", "owner-r");

    [Fact]
    public async Task No_way_leads_to_words_whose_use_was_withdrawn()
    {
        var interview = Talks.Add(api, kind: "interview", participants: ["p-anna"], text: Interview, passages:
            [("p-anna", Word + " eins.", "draft"), ("p-anna", Word + " zwei.", "under-review"), ("p-anna", Word + " drei.", "rejected"),
                ("p-anna", Word + " vier.", "under-review")]);
        var group = Talks.Add(api, text: Group, passages:
            [("p-anna", Word + " sechs.", "under-review"), ("p-bert", Other + " sieben.", "under-review"),
                ("p-bert", $"{Other} sieben.\np-anna: {Word}", "rejected")]);
        foreach (var (talk, pseudonym) in new[] { (interview, "p-anna"), (group, "p-anna"), (group, "p-bert") })
        {
            await Talks.GiveAsync(researcher, talk, pseudonym, "transcript-use", "quotation-pseudonymous");
        }

        var link = api.With(
            (await researcher.SendAsync("POST", $"/v1/interviews/{interview}/release-links", new { pseudonym = "p-anna" })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("token").GetString()!);
        var releaser = api.As("releaser", "owner-l");
        var code = (await researcher.SendAsync("POST", "/v1/qualitative-codebook/codes", new { name = "Ort" })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        // Answers that are kept for repetitions, with the words in them.
        var repeated = new List<(HttpClient Client, string Address, object Body)>();
        var start = Interview[..Interview.IndexOf(Word + " fünf.", StringComparison.Ordinal)].EnumerateRunes().Count();
        var mark = (researcher, $"/v1/interviews/{interview}/passages",
            (object)new { start, end = start + Word.Length + 6, quote = Word + " fünf." });
        repeated.Add(mark);
        foreach (var (talk, passage, text) in new[] { (interview, interview + "-3", Interview), (group, group + "-1", Group) })
        {
            repeated.Add((releaser, $"/v1/passages/{passage}/release", new { textSha256 = Redaction.Hash(text) }));
        }

        repeated.Add((releaser, $"/v1/passages/{interview}-1/reject", new { textSha256 = Redaction.Hash(Interview) }));
        foreach (var passage in Enumerable.Range(0, 4).Select(number => $"{interview}-{number}").Append(group + "-0").Append(group + "-2"))
        {
            repeated.Add((researcher, $"/v1/passages/{passage}/codings", new { code, memo = Word + " sagt es." }));
        }

        foreach (var (client, address, body) in repeated)
        {
            var made = await client.SendAsync("POST", address, body, key: "k-" + address);
            Assert.True(made.IsSuccessStatusCode, address + await made.Content.ReadAsStringAsync());
        }

        api.Write(connection =>
            connection.Execute(
            "insert into conversation_types (conversation_id, type) values (@interview, 'makerspace')", new { interview }));
        await researcher.SendAsync(
            "PUT", $"/v1/interviews/{interview}/validations/makerspace", new { verdict = "confirmed", passage = interview + "-3" })
            .ShouldBeAsync(HttpStatusCode.OK);
        await researcher.SendAsync(
            "POST", "/v1/findings/f-problem-zuerst/passages", new { passage = interview + "-3", relation = "supports" })
            .ShouldBeAsync(HttpStatusCode.OK);

        var before = await FindAsync(Word, interview, group, link);
        foreach (var way in new[]
        {
            "researcher getPassage", "releaser getPassage", "privacy-officer getPassage", "nobody getPassage",
                "researcher listInterviewPassages", "researcher listFocusGroupPassages",
            "researcher getInterviewTranscript", "researcher getFocusGroupTranscript", "researcher listPassageCodings",
                "researcher listCodings", "researcher getCoding", "researcher exportRefiProject",
            "nobody listPassages", "nobody search", "nobody listChanges", "nobody getFinding", "nobody getFindingEvidence",
                "nobody getPassageImpact", "nobody getTypeValidation", "link getRelease",
        })
        {
            Assert.Contains(way, before);
        }

        foreach (var talk in new[] { interview, group })
        {
            await researcher.SendAsync(
                "POST", "/v1/consents/withdrawals",
                new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeAsync(HttpStatusCode.OK);
        }

        Assert.Empty(await FindAsync(Word, interview, group, link));
        foreach (var (client, address, body) in repeated.Where(sent => !sent.Address.Contains(group + "-1", StringComparison.Ordinal)))
        {
            var again = await client.SendAsync("POST", address, body, key: "k-" + address);
            Assert.DoesNotContain(Word, await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        }

        // Who takes part beside them is still heard.
        var left = await FindAsync(Other, interview, group, link);
        Assert.Contains("researcher getPassage", left);
        Assert.Contains("researcher getFocusGroupTranscript", left);
        Assert.Contains("nobody getPassage", left);
        Assert.Equal(
            Other + " sieben.", (await (await researcher.GetAsync($"/v1/passages/{group}-1")).JsonAsync()).GetProperty("quote")
            .GetString());
        Assert.Equal(("withdrawn", ""), await StateAsync(group + "-2"));
    }

    [Fact]
    public async Task A_passage_that_was_rejected_before_withdrawals_hid_those_has_no_words_either()
    {
        var talk = Talks.Add(
            api, kind: "interview", participants: ["p-anna"], text: Interview, passages: [("p-anna", Word + " eins.", "rejected")]);
        await Talks.GiveAsync(researcher, talk, "p-anna", "transcript-use");
        await researcher.SendAsync(
            "POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "transcript-use" } })
            .ShouldBeAsync(HttpStatusCode.OK);
        api.Write(connection =>
            connection.Execute(
            "update passages set state = 'rejected' where id = @id; update conversations set state = 'rejected' where id = @talk",
            new { id = talk + "-0", talk }));

        Assert.Equal(("rejected", ""), await StateAsync(talk + "-0"));
        await researcher.SendAsync("POST", $"/v1/passages/{talk}-0/codings", new { }).ShouldBeProblemAsync(409, "conflict");
    }

    [Fact]
    public async Task The_export_of_one_person_has_no_words_of_another_who_has_withdrawn_them()
    {
        var officer = api.As("privacy-officer");
        var talk = Talks.Add(api, text: Group, passages: [("p-bert", $"{Other} sieben.\np-anna: {Word}", "draft")]);
        foreach (var pseudonym in new[] { "p-anna", "p-bert" })
        {
            await Talks.GiveAsync(researcher, talk, pseudonym, "transcript-use");
        }

        var bert = (await officer.SendAsync(
            "POST", "/v1/persons",
            new { name = "Bert", deleteAfter = "2099-01-01", pseudonyms = new[] { new { conversation = talk, pseudonym = "p-bert" } } })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        await researcher.SendAsync(
            "POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "transcript-use" } })
            .ShouldBeAsync(HttpStatusCode.OK);

        var export = await (await officer.GetAsync($"/v1/persons/{bert}/export")).Content.ReadAsStringAsync();

        Assert.Contains(Other, export, StringComparison.Ordinal);
        Assert.DoesNotContain(Word, export, StringComparison.Ordinal);
    }

    private async Task<(string, string)> StateAsync(string passage)
    {
        var found = await (await researcher.GetAsync("/v1/passages/" + passage)).JsonAsync();
        return (found.GetProperty("state").GetString()!, found.GetProperty("quote").GetString()!);
    }

    /// <summary>Every GET that shows a word, as "sender operation".</summary>
    private async Task<HashSet<string>> FindAsync(string word, string interview, string group, HttpClient link)
    {
        var senders = new[] { "researcher", "releaser", "privacy-officer", "editor" }.Select(role => (role, api.As(role)))
            .Append(("nobody", api.Client)).Append(("link", link)).ToList();
        var found = new HashSet<string>();
        foreach (var (_, path, operation) in ContractDocument.Operations.Where(operation => operation.Method == "get"))
        {
            foreach (var address in Fill(path, interview, group))
            {
                foreach (var (sender, client) in senders)
                {
                    var answer = await client.GetAsync(address);
                    if (await ContainsAsync(answer, word))
                    {
                        found.Add($"{sender} {operation.OperationId}");
                    }
                }
            }
        }

        return found;
    }

    private List<string> Fill(string path, string interview, string group)
    {
        var passages = Talks.Read(
            api, connection =>
            connection.Query<string>("select id from passages where conversation_id in (@interview, @group)", new { interview, group })
            .ToList());
        var codings = Talks.Read(api, connection => connection.Query<string>("select id from codings").ToList());
        List<string> ids = path switch
        {
            "/v1/changes" => [path + "?kind=passage&limit=200"],
            "/v1/search" => [path + "?q=" + Word, path + "?q=" + Other],
            _ when path.StartsWith("/v1/interviews/{id}", StringComparison.Ordinal) =>
                [path.Replace("{id}", interview, StringComparison.Ordinal)],
            _ when path.StartsWith("/v1/focus-groups/{id}", StringComparison.Ordinal) =>
                [path.Replace("{id}", group, StringComparison.Ordinal)],
            _ when path.StartsWith("/v1/passages/{id}", StringComparison.Ordinal) =>
                [.. passages.Select(id => path.Replace("{id}", id, StringComparison.Ordinal))],
            _ when path.StartsWith("/v1/codings/{coding}", StringComparison.Ordinal) =>
                [.. codings.Select(id => path.Replace("{coding}", id, StringComparison.Ordinal))],
            _ when path.StartsWith("/v1/findings/{id}", StringComparison.Ordinal) =>
                [path.Replace("{id}", "f-problem-zuerst", StringComparison.Ordinal)],
            _ when path.StartsWith("/v1/recommendations/{id}", StringComparison.Ordinal) =>
                [path.Replace("{id}", "r-problem-und-nutzen-zuerst", StringComparison.Ordinal)],
            _ when path.StartsWith("/v1/types/{key}", StringComparison.Ordinal) =>
                [path.Replace("{key}", "makerspace", StringComparison.Ordinal)],
            _ when path.Contains('{', StringComparison.Ordinal) => [],
            _ => [path],
        };
        return [.. ids.Where(address => !address.Contains('{', StringComparison.Ordinal))];
    }

    private static async Task<bool> ContainsAsync(HttpResponseMessage answer, string word)
    {
        if (answer.Content.Headers.ContentType?.MediaType != "application/zip")
        {
            return (await answer.Content.ReadAsStringAsync()).Contains(word, StringComparison.Ordinal);
        }

        using var zip = new ZipArchive(await answer.Content.ReadAsStreamAsync());
        return zip.Entries.Any(entry =>
        {
            using var reader = new StreamReader(entry.Open());
            return reader.ReadToEnd().Contains(word, StringComparison.Ordinal);
        });
    }

    public void Dispose() => api.Dispose();
}
