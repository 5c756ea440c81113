using System.Text;
using AnkerOrte.Api.Database;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Many responses at once: every row is told what became of it, and no bad row takes a good one with it.</summary>
public sealed class BulkTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private readonly HttpClient sender = api.As("contributor", "loader");

    private static string Line(string id, string status = "operating") => Response(Answers(status), id: id).ToJsonString();

    [Fact]
    public async Task Lines_are_taken_replayed_and_refused_one_by_one()
    {
        var first = await sender.BulkAsync(string.Join('\n', Line("b-1"), Line("b-2"), ""));
        Assert.Equal((2, 0, 0), first.Counts());

        var second = await sender.BulkAsync(string.Join("\r\n", Line("b-1"), Line("b-2", "closed"), "", Line("b-3"), "{\"id\":", Response(Answers().With("gaols", 1), id: "b-4").ToJsonString(), Response().ToJsonString(), Line("b 5"), Line("b-3")) + "\n{\"id\":\"b-6\",\"ver");

        Assert.Equal(
        [
            "1 b-1 replayed", "2 b-2 rejected conflict@/answers/status", "3 b-3 accepted", "4 - rejected not-json@", "5 b-4 rejected unknown-item@/answers/gaols",
            "6 - rejected missing@/id", "7 b 5 rejected pattern@/id", "8 b-3 replayed", "9 - rejected cut-off@",
        ], second.Rows());
        Assert.Equal((1, 2, 6), second.Counts());
        Assert.Equal("operating", (await (await sender.GetAsync($"{Survey}/responses/b-2")).JsonAsync()).GetProperty("answers").GetProperty("status").GetString());
    }

    [Fact]
    public async Task An_array_does_the_same()
    {
        var report = await sender.BulkAsync($"[{Line("a-1")}, {Line("a-2")}, 5, {Line("a-1")}]", "application/json");

        Assert.Equal(["1 a-1 accepted", "2 a-2 accepted", "3 - rejected type@", "4 a-1 replayed"], report.Rows());
    }

    [Fact]
    public async Task All_or_nothing_stores_nothing_if_one_row_fails()
    {
        var bad = Response(Answers("planned").With("visitors", 3), id: "n-2").ToJsonString();
        var errors = await sender.BulkRawAsync(Encoding.UTF8.GetBytes(string.Join('\n', Line("n-1"), bad, Line("n-3"))), query: "?atomic=true").ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(("/rows/2/answers/visitors", "hidden-item"), (Assert.Single(errors).GetProperty("pointer").GetString(), errors[0].GetProperty("code").GetString()));
        await sender.GetAsync($"{Survey}/responses/n-1").ShouldBeProblemAsync(404, "not-found");

        // Also what only the database can tell.
        await sender.BulkAsync(Line("n-4"));
        var conflict = await sender.BulkRawAsync(Encoding.UTF8.GetBytes(string.Join('\n', Line("n-5"), Line("n-4", "closed"))), query: "?atomic=true").ShouldBeProblemAsync(422, "unprocessable");
        Assert.Equal("/rows/2/answers/status", Assert.Single(conflict).GetProperty("pointer").GetString());
        await sender.GetAsync($"{Survey}/responses/n-5").ShouldBeProblemAsync(404, "not-found");
        Assert.Equal(["1 n-6 accepted", "2 n-4 replayed"], (await sender.BulkAsync(string.Join('\n', Line("n-6"), Line("n-4")), query: "?atomic=true")).Rows());
    }

    [Theory]
    [InlineData("")]
    [InlineData("&atomic=true")]
    public async Task A_dry_run_reports_and_stores_nothing(string more)
    {
        Assert.Equal(["1 d-1 accepted"], (await sender.BulkAsync(Line("d-1"), query: "?dryRun=true" + more)).Rows());

        await sender.GetAsync($"{Survey}/responses/d-1").ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task The_table_of_an_export_can_be_loaded_again_in_both_forms()
    {
        await sender.BulkAsync(Response(Answers().With("tips", "=cmd(); \"so\"\r\nund so").With("website", "https://example.org/ä"), id: "c-1").ToJsonString());
        using var other = api.As("contributor", "reader");
        foreach (var (shape, prefix) in new[] { ("wide", "w-"), ("limesurvey", "l-") })
        {
            var table = await sender.GetStringAsync($"{Survey}/responses?format=csv&shape={shape}&bom=true");
            var lines = table.TrimStart('\uFEFF');
            var loaded = await other.BulkAsync("\uFEFF" + lines.Replace("\nc-1,", $"\n{prefix}c-1,", StringComparison.Ordinal), "text/csv", "?dryRun=true");

            Assert.Contains(loaded.Rows(), row => row.EndsWith($"{prefix}c-1 accepted", StringComparison.Ordinal));
            var same = await sender.BulkAsync(table, "text/csv");
            Assert.Equal(0, same.GetProperty("rejected").GetInt64());
            Assert.Equal(0, same.GetProperty("accepted").GetInt64());
        }
    }

    [Theory]
    [InlineData("wide")]
    [InlineData("long")]
    [InlineData("limesurvey")]
    public async Task A_line_break_of_any_kind_stays_within_its_cell(string shape)
    {
        await sender.BulkAsync(Response(Answers().With("tips", "eins\nzwei\rdrei\r\nvier"), id: "breaks-1").ToJsonString());

        var table = await sender.GetStringAsync($"{Survey}/responses?format=csv&shape={shape}");

        Assert.Contains("\"eins\nzwei\rdrei\r\nvier\"", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id,version,status,status\nx,1,planned,planned\n", "duplicate-column")]
    [InlineData("version,status\n1,planned\n", "missing-column")]
    [InlineData("id,version,staus\nx,1,planned\n", "unknown-column")]
    [InlineData("", "empty")]
    public async Task A_header_that_cannot_be_read_refuses_the_file_and_names_the_column(string csv, string code)
    {
        var errors = await sender.BulkRawAsync(Encoding.UTF8.GetBytes(csv), "text/csv").ShouldBeProblemAsync(422, "unprocessable");

        Assert.Contains(code, errors.Texts("code"));
    }

    [Fact]
    public async Task A_line_of_a_megabyte_costs_only_itself()
    {
        var report = await sender.BulkAsync(string.Join('\n', Line("m-1"), new string('x', 1_200_000), Line("m-2")));

        Assert.Equal(["1 m-1 accepted", "2 - rejected too-long@", "3 m-2 accepted"], report.Rows());
    }

    [Fact]
    public async Task Other_types_sizes_and_surveys_are_refused()
    {
        await sender.BulkRawAsync("x"u8.ToArray(), "application/xml").ShouldBeProblemAsync(415, "unsupported-media-type");
        await sender.BulkRawAsync("x"u8.ToArray(), "text/csv; charset=iso-8859-1").ShouldBeProblemAsync(415, "unsupported-media-type");
        var content = new StringContent(Line("o-1"), Encoding.UTF8, "application/x-ndjson");
        await sender.PostAsync("/v1/surveys/nowhere/responses/bulk", content).ShouldBeProblemAsync(404, "not-found");
        await api.As("contributor", null, "project:jena").BulkRawAsync(Encoding.UTF8.GetBytes(Line("o-2"))).ShouldBeProblemAsync(403, "forbidden");
        Assert.Equal(["1 o-3 rejected wrong-version@/version"], (await sender.BulkAsync(Response(version: 7, id: "o-3").ToJsonString())).Rows());
        Assert.Equal(["1 - rejected encoding@"], (await (await sender.BulkRawAsync([.. "{\"id\":\""u8, 0xFC, .. "\"}\n"u8])).JsonAsync()).Rows());
    }

    [Fact]
    public async Task Twenty_thousand_rows_are_all_there_while_others_write_and_read()
    {
        var body = string.Join('\n', Enumerable.Range(1, 20_000).Select(number => Line($"many-{number}")));
        using var single = api.As("contributor");

        var loading = sender.BulkAsync(body);
        var singles = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => single.PutAsync($"between-{number}", Response())));
        var report = await loading;

        Assert.Equal((20_000, 0, 0), report.Counts());
        Assert.Equal(Enumerable.Range(1, 20_000), report.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("row").GetInt32()));
        Assert.All(singles, answer => Assert.Equal(HttpStatusCode.Created, answer.StatusCode));
        using var connection = api.Services.GetRequiredService<Database>().Open();
        Assert.Equal(20_000, connection.ExecuteScalar<long>("select count(*) from responses where id like 'many-%' and state = 'submitted'"));
        Assert.Equal((0, 20_000, 0), (await sender.BulkAsync(body)).Counts());
    }
}
