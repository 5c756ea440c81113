using System.Diagnostics;
using AnkerOrte.Api.Access;

namespace AnkerOrte.Tests.Privacy;

/// <summary>An older backup is put in the place of the database: what was erased or withdrawn since stays so.</summary>
public sealed class RestoreTests : IDisposable
{
    private readonly OutlivingFile file = new();

    [Fact]
    public async Task What_was_erased_is_erased_again_before_the_first_request_is_served()
    {
        string anna, talk, response = "/v1/surveys/umsetzende-kommunen/responses/restored";
        using (var api = file.StartNew())
        {
            talk = Talks.Add(api, passages: [("p-anna", "Das war 2021.", "released"), ("p-bert", "Wir waren skeptisch.", "released")]);
            var officer = api.As("privacy-officer");
            foreach (var pseudonym in new[] { "p-anna", "p-bert" })
            {
                await Talks.GiveAsync(officer, talk, pseudonym, "transcript-use", "quotation-pseudonymous");
            }

            anna = "/v1/persons/" + (await officer.SendAsync("POST", "/v1/persons", new { name = "Anna Backup", deleteAfter = "2099-01-01", pseudonyms = new[] { new { conversation = talk, pseudonym = "p-anna" } } })
                .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
            var contributor = api.As("contributor", "owner-restore");
            await contributor.SendAsync("PUT", response, new { version = 1, submit = false, answers = new { } }).ShouldBeAsync(HttpStatusCode.Created);
            file.Backup();

            await officer.SendAsync("POST", anna + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);
            await officer.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-bert", purposes = new[] { "quotation-pseudonymous" } }).ShouldBeAsync(HttpStatusCode.OK);
            Assert.Equal(HttpStatusCode.NoContent, (await contributor.SendAsync("DELETE", response, ifMatch: "*")).StatusCode);
        }

        file.Restore();
        using (var api = file.Start())
        {
            Assert.Equal([("erased", ""), ("withdrawn", "Wir waren skeptisch.")], Talks.Passages(api, talk));
            await (await api.As("privacy-officer").GetAsync(anna)).ShouldBeProblemAsync(410, "gone");
            await (await api.As("researcher").GetAsync(response)).ShouldBeProblemAsync(404, "not-found");
            var log = (await (await api.As("admin").GetAsync("/v1/audit-log?action=replay%20journal")).JsonAsync()).Items();
            Assert.Equal([("person " + anna[12..], "request"), ($"withdrawal {talk}/p-bert/quotation-pseudonymous", "consent-withdrawn"), ("survey-response umsetzende-kommunen/restored", "deleted")],
                log.Select(entry => (entry.GetProperty("object").GetString()!, entry.GetProperty("reason").GetString()!)));
            Assert.DoesNotContain("Anna Backup", await Files.ReadAsync(api), StringComparison.Ordinal);
        }

        // Once is enough.
        using var again = file.Start();
        Assert.Equal(3, (await (await again.As("admin").GetAsync("/v1/audit-log?action=replay%20journal")).JsonAsync()).Total());
        Assert.Equal(3, (await File.ReadAllLinesAsync(file.Path + ".erasures")).Length);
    }

    [Fact]
    public async Task What_could_not_be_noted_is_noted_by_the_next_start()
    {
        using (var api = file.StartNew())
        {
            var officer = api.As("privacy-officer");
            var anna = "/v1/persons/" + (await officer.SendAsync("POST", "/v1/persons", new { name = "Anna", deleteAfter = "2099-01-01" }).ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
            Directory.CreateDirectory(file.Path + ".erasures");
            await officer.SendAsync("POST", anna + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK);
            await (await officer.GetAsync(anna)).ShouldBeProblemAsync(410, "gone");
        }

        Directory.Delete(file.Path + ".erasures");
        file.Start().Dispose();
        Assert.Single(await File.ReadAllLinesAsync(file.Path + ".erasures"));

        // A line that was cut off by a power cut is written again.
        var whole = await File.ReadAllTextAsync(file.Path + ".erasures");
        await File.WriteAllTextAsync(file.Path + ".erasures", whole[..^10]);
        file.Start().Dispose();
        Assert.Equal(whole, await File.ReadAllTextAsync(file.Path + ".erasures"));
    }

    [Fact]
    public async Task A_service_that_cannot_know_what_was_erased_does_not_start()
    {
        file.StartNew().Dispose();
        await File.WriteAllTextAsync(file.Path + ".erasures", "not json\n");

        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(Permissions).Assembly.Location, "--urls", "http://127.0.0.1:0", $"--ConnectionStrings:AnkerOrte=Data Source={file.Path}"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var reading = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        // One that starts nevertheless would serve for ever.
        patience.Token.Register(process.Kill);
        await process.WaitForExitAsync();
        var error = await reading;

        Assert.Equal(2, process.ExitCode);
        Assert.StartsWith("AnkerOrte cannot start: The journal beside the database cannot be read", error, StringComparison.Ordinal);
    }

    public void Dispose() => file.Dispose();
}
