using System.Text.RegularExpressions;

namespace AnkerOrte.Tests.Privacy;

/// <summary>The identity vault: for the privacy officer alone, and joined by nobody.</summary>
public sealed class PersonTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient officer = api.As("privacy-officer");

    [Fact]
    public async Task A_person_is_kept_with_contact_pseudonyms_and_an_end()
    {
        var talk = Talks.Add(api);
        var made = await officer.SendAsync("POST", "/v1/persons", new
        {
            name = "Erika Beispiel",
            email = "erika@example.org",
            project = "jena",
            pseudonyms = new[] { new { conversation = talk, pseudonym = "p-anna" } },
            deleteAfter = "2099-06-30",
        });
        var person = await Task.FromResult(made).ShouldBeAsync(HttpStatusCode.Created);
        var address = made.Headers.Location!.AbsolutePath;

        Assert.Matches("^person-[0-9a-f]{16}$", person.GetProperty("id").GetString());
        var read = await officer.GetAsync(address);
        Assert.True(read.Headers.CacheControl!.NoStore);
        Assert.Equal(person.GetRawText(), (await read.JsonAsync()).GetRawText());
        Assert.Equal("p-anna", person.GetProperty("pseudonyms")[0].GetProperty("pseudonym").GetString());
        Assert.Equal([person.GetProperty("id").GetString()!], (await (await officer.GetAsync($"/v1/persons?conversation={talk}")).JsonAsync()).Items().Texts("id"));
        Assert.Equal(0, (await (await officer.GetAsync("/v1/persons?pseudonym=p-nobody")).JsonAsync()).Total());
        Assert.Equal(0, (await (await officer.GetAsync($"/v1/persons?conversation={talk}&restricted=true")).JsonAsync()).Total());
    }

    [Fact]
    public async Task What_is_wrong_with_a_person_is_said_at_once()
    {
        var talk = Talks.Add(api);
        await officer.SendAsync("POST", "/v1/persons", Person("Erste", talk)).ShouldBeAsync(HttpStatusCode.Created);

        var errors = await officer.SendAsync("POST", "/v1/persons", new
        {
            name = "Zweite",
            deleteAfter = "2099-01-01",
            pseudonyms = new[] { new { conversation = talk, pseudonym = "p-anna" }, new { conversation = talk, pseudonym = "p-nobody" }, new { conversation = talk, pseudonym = "p-bert" }, new { conversation = talk, pseudonym = "p-bert" } },
        }).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal([("/pseudonyms/0", "taken"), ("/pseudonyms/1", "unknown-participant"), ("/pseudonyms/3", "repeated")],
            errors.Select(error => (error.GetProperty("pointer").GetString()!, error.GetProperty("code").GetString()!)));
        Assert.Equal(["/deleteAfter"], (await officer.SendAsync("POST", "/v1/persons", new { name = "Ohne Ende" }).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        Assert.Equal(["/project"], (await officer.SendAsync("POST", "/v1/persons", new { name = "x", project = "nowhere", deleteAfter = "2099-01-01" }).ShouldBeProblemAsync(422, "unprocessable")).Texts("pointer"));
        await officer.SendAsync("POST", "/v1/persons", new { name = "x", deleteAfter = "2099-02-30" }).ShouldBeProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task The_end_of_the_project_is_the_usual_end()
    {
        using var with = new ApiFixture(new Dictionary<string, string?> { ["Retention:ProjectEnd"] = "2027-12-31" });

        var person = await with.As("privacy-officer").SendAsync("POST", "/v1/persons", new { name = "Erika" }).ShouldBeAsync(HttpStatusCode.Created);

        Assert.Equal("2028-06-30", person.GetProperty("deleteAfter").GetString());
    }

    [Fact]
    public async Task What_is_wrong_is_put_right_and_leaves_the_file()
    {
        var made = await officer.SendAsync("POST", "/v1/persons", new { name = "Erika Falschname-Xyzzy", email = "falsch-xyzzy@example.org", deleteAfter = "2099-01-01" }, key: "rectify");
        var address = made.Headers.Location!.AbsolutePath;
        var tag = made.Headers.ETag!.Tag;

        await officer.SendAsync("PATCH", address, new { name = "Richtig" }, mediaType: "application/merge-patch+json").ShouldBeProblemAsync(428, "precondition-required");
        var changed = await officer.SendAsync("PATCH", address, new { name = "Erika Richtig", email = (string?)null, phone = "03641 1" }, ifMatch: tag, mediaType: "application/merge-patch+json").ShouldBeAsync(HttpStatusCode.OK);
        await officer.SendAsync("PATCH", address, new { name = "Zu spät" }, ifMatch: tag, mediaType: "application/merge-patch+json").ShouldBeProblemAsync(412, "precondition-failed");

        Assert.Equal(("Erika Richtig", "03641 1"), (changed.GetProperty("name").GetString(), changed.GetProperty("phone").GetString()));
        Assert.False(changed.TryGetProperty("email", out _));
        Assert.Equal("2099-01-01", changed.GetProperty("deleteAfter").GetString());
        // Nor is it told to who repeats the request that made it.
        await officer.SendAsync("POST", "/v1/persons", new { name = "Erika Falschname-Xyzzy", email = "falsch-xyzzy@example.org", deleteAfter = "2099-01-01" }, key: "rectify").ShouldBeProblemAsync(409, "response-deleted");
        Assert.DoesNotContain("xyzzy", await Files.ReadAsync(api), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Nobody_but_the_privacy_officer_of_the_project_knows_that_somebody_is_there()
    {
        var ours = await officer.SendAsync("POST", "/v1/persons", new { name = "Jenaerin", project = "jena", deleteAfter = "2099-01-01" }).ShouldBeAsync(HttpStatusCode.Created);
        var nobodys = await officer.SendAsync("POST", "/v1/persons", new { name = "Ohne Projekt", deleteAfter = "2099-01-01" }).ShouldBeAsync(HttpStatusCode.Created);
        var address = "/v1/persons/" + ours.GetProperty("id").GetString();
        var (jena, ulm) = (api.As("privacy-officer", null, "project:jena"), api.As("privacy-officer", null, "project:ulm"));

        Assert.Equal(HttpStatusCode.OK, (await jena.GetAsync(address)).StatusCode);
        var forbidden = await ulm.GetAsync(address);
        var unknown = await ulm.GetAsync("/v1/persons/person-0000000000000000");
        await forbidden.ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(
            (await unknown.Content.ReadAsStringAsync()).Replace("person-0000000000000000", "X", StringComparison.Ordinal),
            (await forbidden.Content.ReadAsStringAsync()).Replace(ours.GetProperty("id").GetString()!, "X", StringComparison.Ordinal));
        await (await jena.GetAsync("/v1/persons/" + nobodys.GetProperty("id").GetString())).ShouldBeProblemAsync(404, "not-found");
        await ulm.SendAsync("POST", address + "/erasure", new { reason = "request" }).ShouldBeProblemAsync(404, "not-found");
        await ulm.SendAsync("PUT", address + "/restriction", new { restricted = true }).ShouldBeProblemAsync(404, "not-found");
        await (await ulm.GetAsync(address + "/export")).ShouldBeProblemAsync(404, "not-found");
        Assert.DoesNotContain("jena", (await (await ulm.GetAsync("/v1/persons?limit=200")).JsonAsync()).Items().Select(item => item.GetProperty("project").GetString()));
        await ulm.SendAsync("POST", "/v1/persons", new { name = "x", project = "jena", deleteAfter = "2099-01-01" }).ShouldBeProblemAsync(403, "forbidden");
        var talk = Talks.Add(api, project: "jena");
        Assert.Equal(["unknown-participant"], (await ulm.SendAsync("POST", "/v1/persons", new { name = "x", project = "ulm", deleteAfter = "2099-01-01", pseudonyms = new[] { new { conversation = talk, pseudonym = "p-anna" } } })
            .ShouldBeProblemAsync(422, "unprocessable")).Texts("code"));
        await (await api.As("admin").GetAsync(address)).ShouldBeProblemAsync(403, "forbidden");
        await (await api.As("researcher").GetAsync("/v1/persons")).ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task Every_look_into_the_vault_is_in_the_audit_log_without_what_was_seen()
    {
        var client = api.As("privacy-officer", "owner-vault-1");
        var made = await client.SendAsync("POST", "/v1/persons", new { name = "Protokoll Person", deleteAfter = "2099-01-01" }).ShouldBeAsync(HttpStatusCode.Created);
        var address = "/v1/persons/" + made.GetProperty("id").GetString();
        await client.GetAsync(address);
        await client.GetAsync("/v1/persons?limit=1");
        await client.GetAsync(address + "/export");

        var entries = (await (await client.GetAsync("/v1/audit-log?actor=owner-vault-1")).JsonAsync()).Items();

        Assert.Equal([("createPerson", address), ("getPerson", address), ("listPersons", "/v1/persons"), ("exportPerson", address + "/export")],
            entries.Select(entry => (entry.GetProperty("action").GetString()!, entry.GetProperty("object").GetString()!)));
        Assert.All(entries, entry => Assert.False(entry.TryGetProperty("after", out _) || entry.GetRawText().Contains("Protokoll", StringComparison.Ordinal)));
    }

    /// <summary>The border of the vault, in the source: no SQL elsewhere names its tables.</summary>
    [Fact]
    public void No_other_folder_names_a_table_of_the_vault()
    {
        var vault = new Regex(@"\b(persons|person_pseudonyms|data_subject_requests)\b", RegexOptions.IgnoreCase);
        var files = Directory.GetFiles(Repository.File("api"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).ToList();
        var sql = new Regex("(?s)\"\"\".*?\"\"\"|\"[^\"\n]*\"");

        var naming = files.Where(file => sql.Matches(File.ReadAllText(file)).Any(text => vault.IsMatch(text.Value) && Regex.IsMatch(text.Value, @"\b(from|join|into|update)\s", RegexOptions.IgnoreCase)))
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file))).Distinct().ToList();

        Assert.Equal(["Privacy"], naming);
        Assert.True(files.Count > 100);
    }

    [Fact]
    public async Task A_request_is_due_in_a_month_and_in_three_if_it_was_extended()
    {
        var person = await officer.SendAsync("POST", "/v1/persons", new { name = "Fragt nach", deleteAfter = "2099-01-01" }).ShouldBeAsync(HttpStatusCode.Created);
        var id = person.GetProperty("id").GetString();
        var request = await officer.SendAsync("POST", "/v1/data-subject-requests", new { person = id, kind = "access", receivedOn = "2026-01-31" }).ShouldBeAsync(HttpStatusCode.OK);
        var address = "/v1/data-subject-requests/" + request.GetProperty("id").GetString();

        Assert.Equal(("2026-02-28", true, "open"), (request.GetProperty("dueOn").GetString(), request.GetProperty("isOverdue").GetBoolean(), request.GetProperty("state").GetString()));
        Assert.Equal("2026-04-30", (await officer.SendAsync("PATCH", address, new { extended = true }).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("dueOn").GetString());
        await officer.SendAsync("PATCH", address, new { extended = true }).ShouldBeProblemAsync(409, "conflict");
        Assert.Equal("closed", (await officer.SendAsync("PATCH", address, new { outcome = "granted" }).ShouldBeAsync(HttpStatusCode.OK)).GetProperty("state").GetString());
        await officer.SendAsync("PATCH", address, new { outcome = "refused" }).ShouldBeProblemAsync(409, "conflict");
        await officer.SendAsync("POST", "/v1/data-subject-requests", new { person = "person-none", kind = "access", receivedOn = "2026-01-31" }).ShouldBeProblemAsync(422, "unprocessable");
        await officer.SendAsync("POST", "/v1/data-subject-requests", new { person = id, kind = "access", receivedOn = "2999-01-31" }).ShouldBeProblemAsync(422, "unprocessable");
        await api.As("privacy-officer", null, "project:ulm").SendAsync("PATCH", address, new { extended = true }).ShouldBeProblemAsync(404, "not-found");
        Assert.DoesNotContain(request.GetProperty("id").GetString()!, (await (await officer.GetAsync("/v1/data-subject-requests?state=open")).JsonAsync()).Items().Texts("id"));
        Assert.Contains(request.GetProperty("id").GetString()!, (await (await officer.GetAsync("/v1/data-subject-requests?state=closed")).JsonAsync()).Items().Texts("id"));
    }

    private static object Person(string name, string talk) => new { name, deleteAfter = "2099-01-01", pseudonyms = new[] { new { conversation = talk, pseudonym = "p-anna" } } };
}

/// <summary>What stands in the database file and in its log, readable or not.</summary>
internal static class Files
{
    public static async Task<string> ReadAsync(ApiFixture api)
    {
        var text = "";
        foreach (var file in new[] { api.DatabaseFile, api.DatabaseFile + "-wal", api.DatabaseFile + ".erasures" }.Where(File.Exists))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.UTF8);
            text += await reader.ReadToEndAsync();
        }

        return text;
    }
}
