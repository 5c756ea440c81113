using System.Text;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Surveys;

/// <summary>What goes wrong in the files of others: each is named by row and place, and nothing else of the load is lost.</summary>
public sealed class BadResponseTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    private const string Required = "\"status\":\"planned\",\"goals\":[\"inclusion\"],\"digitalRole\":\"supporting\",\"operators\":[\"municipality\"],\"funding\":[\"municipal-budget\"],\"consent\":\"aggregate-only\"";

    private readonly HttpClient sender = api.As("contributor", "sender");

    /// <summary>One bad row between two good ones, as a line and as an element of an array.</summary>
    [Theory]
    [InlineData("unknown", "{\"gaols\":[\"inclusion\"]}", "unknown-item@/answers/gaols")]
    [InlineData("option", "{\"goals\":[\"inclusion\",\"inklusion\"]}", "unknown-option@/answers/goals/1")]
    [InlineData("hidden", "{\"status\":\"planned\",\"visitors\":5}", "hidden-item@/answers/visitors")]
    [InlineData("exclusive", "{\"support\":[\"none\",\"exchange\"]}", "exclusive@/answers/support")]
    [InlineData("twice", "{\"status\":\"planned\",\"status\":\"closed\"}", "duplicate-member@/answers/status")]
    [InlineData("null", "{\"status\":null}", "empty@/answers/status")]
    [InlineData("half", "{\"tips\":\"\\ud800\"}", "encoding@/answers/tips")]
    [InlineData("zero", "{\"tips\":\"a\\u0000b\"}", "control-character@/answers/tips")]
    public async Task A_wrong_answer_costs_its_row_only(string name, string answers, string expected)
    {
        string Row(string id, string what) => $"{{\"id\":\"{name}-{id}\",\"version\":1,\"answers\":{what}}}";
        string[] rows = [Row("1", "{}"), Row("2", answers), Row("3", "{}")];
        string[] report = [$"1 {name}-1 accepted", $"2 {name}-2 rejected {expected}", $"3 {name}-3 accepted"];

        Assert.Equal(report, (await sender.BulkAsync(string.Join('\n', rows))).Rows());

        report = [.. report.Select(row => row.Replace("accepted", "replayed", StringComparison.Ordinal))];
        Assert.Equal(report, (await sender.BulkAsync($"[{string.Join(",\n", rows)}]", "application/json")).Rows());
        await sender.GetAsync($"{Survey}/responses/{name}-2").ShouldBeProblemAsync(404, "not-found");
    }

    [Theory]
    [InlineData("{\"id\":\"x\",\"id\":\"y\",\"version\":1,\"answers\":{}}", "duplicate-member@/id")]
    [InlineData("{\"id\":\"x\",\"version\":1,\"answers\":{},\"sumbit\":true}", "unknown-member@/sumbit")]
    [InlineData("{\"id\":\"x\",\"version\":1,\"answers\":[]}", "type@/answers")]
    [InlineData("{\"id\":\"x\",\"version\":1,\"submit\":\"ja\",\"answers\":{}}", "type@/submit")]
    [InlineData("{\"id\":\"x\",\"version\":\"1\",\"answers\":{}}", "type@/version")]
    [InlineData("{\"id\":\"x\",\"version\":99,\"answers\":{}}", "wrong-version@/version")]
    [InlineData("{\"id\":\"../x\",\"version\":1,\"answers\":{}}", "pattern@/id")]
    [InlineData("{\"id\":\"x\",\"version\":1,\"answers\":{}} {}", "not-json@")]
    public async Task A_row_that_is_no_response_says_why(string row, string expected)
    {
        var report = (await sender.BulkAsync($"{row}\n{{\"id\":\"good\",\"version\":1,\"answers\":{{}}}}")).Rows();

        Assert.EndsWith("rejected " + expected, report[0], StringComparison.Ordinal);
        Assert.Matches("^2 good (accepted|replayed)$", report[1]);
    }

    [Fact]
    public async Task Deep_nesting_is_refused_without_falling_into_it()
    {
        var deep = $"{{\"id\":\"deep\",\"version\":1,\"answers\":{{\"tips\":{new string('[', 100_000)}";

        Assert.Equal(["1 - rejected too-deep@", "2 after-deep accepted"], (await sender.BulkAsync($"{deep}\n{{\"id\":\"after-deep\",\"version\":1,\"answers\":{{}}}}")).Rows());
        var errors = await sender.SendAsync("PUT", $"{Survey}/responses/deep", deep).ShouldBeProblemAsync(400, "invalid-request");
        Assert.Equal(["not-json"], errors.Texts("code"));
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_cost_their_row_only()
    {
        byte[] latin = [.. "{\"id\":\"latin\",\"version\":1,\"answers\":{\"tips\":\"B"u8, 0xFC, .. "rger\"}}\n{\"id\":\"after-latin\",\"version\":1,\"answers\":{}}"u8];
        Assert.Equal(["1 - rejected encoding@", "2 after-latin accepted"], (await (await sender.BulkRawAsync(latin)).JsonAsync()).Rows());

        byte[] csv = [.. "id,version,submit,tips\ncsv-latin,1,0,B"u8, 0xFC, .. "rger\ncsv-after,1,0,gut\n"u8];
        var rows = (await (await sender.BulkRawAsync(csv, "text/csv")).JsonAsync()).Rows();
        Assert.StartsWith("1 csv-latin rejected encoding@", rows[0], StringComparison.Ordinal);
        Assert.Equal("2 csv-after accepted", rows[1]);
    }

    [Fact]
    public async Task A_table_with_marks_line_ends_quotes_and_formulas_is_taken_as_it_is()
    {
        const string table = "\uFEFFid;version;submit;tips;challengesText\r\nx-1;1;0;\"erst \"\"so\"\"; dann\r\nso\";=cmd()\r\nx-2;1;0;;+49\r\n;;;;\r\n";

        Assert.Equal(["1 x-1 accepted", "2 x-2 accepted"], (await sender.BulkAsync(table, "text/csv")).Rows());

        var answers = (await (await sender.GetAsync($"{Survey}/responses/x-1")).JsonAsync()).GetProperty("answers");
        Assert.Equal(("erst \"so\"; dann\r\nso", "=cmd()"), (answers.GetProperty("tips").GetString(), answers.GetProperty("challengesText").GetString()));
    }

    [Fact]
    public async Task Rows_of_a_table_are_refused_one_by_one()
    {
        var report = await sender.BulkAsync("id,version,submit,status,visitors\nt-1,1,0,planned,\nt-2,1,0,planned,5\nt-3,1,0,geplant,\nt-4,1,0\nt-5,1,0,operating,viele\n,1,0,planned,\nt-1,1,0,closed,\nt-7,1,0,closed,", "text/csv");

        Assert.Equal(
        [
            "1 t-1 accepted", "2 t-2 rejected hidden-item@/answers/visitors", "3 t-3 rejected unknown-option@/answers/status", "4 - rejected cells@",
            "5 t-5 rejected type@/answers/visitors", "6 - rejected missing@/id", "7 t-1 rejected conflict@/answers/status", "8 t-7 accepted",
        ], report.Rows());
    }

    /// <summary>Whatever the clock of the sender says, it is ours that counts.</summary>
    [Fact]
    public async Task A_limesurvey_export_is_understood_and_its_clock_is_not_trusted()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        const string table = "id,submitdate,lastpage,startlanguage,status,goals[inclu],goals[commu],goals[other],digitalRole,operators[munic],funding[munic],consent\n"
            + "501,2099-12-31 23:59:59,9,de,plann,Y,,,suppo,Y,Y,aggre\n502,,2,de,plann,,Y,,,,,\n503,1980-01-01 00:00:00,9,de,weiss nicht,Y,,,suppo,Y,Y,aggre\n";
        var shorts = (await api.GetAsync(Survey + "/versions/1")).GetProperty("items").EnumerateArray().ToDictionary(item => item.GetProperty("code").GetString()!, item => item.GetProperty("options").EnumerateArray()
            .ToDictionary(option => option.GetProperty("code").GetString()!, option => option.TryGetProperty("short", out var name) ? name.GetString()! : option.GetProperty("code").GetString()!));
        var fitted = table.Replace("suppo", shorts["digitalRole"]["supporting"], StringComparison.Ordinal).Replace("aggre", shorts["consent"]["aggregate-only"], StringComparison.Ordinal)
            .Replace("operators[munic]", $"operators[{shorts["operators"]["municipality"]}]", StringComparison.Ordinal).Replace("funding[munic]", $"funding[{shorts["funding"]["municipal-budget"]}]", StringComparison.Ordinal);

        var report = await sender.BulkAsync(fitted, "text/csv");

        Assert.Equal(["1 501 accepted", "2 502 accepted", "3 503 rejected unknown-option@/answers/status"], report.Rows());
        var future = await (await sender.GetAsync($"{Survey}/responses/501")).JsonAsync();
        Assert.Equal("submitted", future.GetProperty("state").GetString());
        Assert.InRange(future.GetProperty("submittedAt").GetDateTimeOffset(), before, DateTimeOffset.UtcNow.AddSeconds(1));
        Assert.Equal("draft", (await (await sender.GetAsync($"{Survey}/responses/502")).JsonAsync()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_key_of_another_survey_posts_nothing_here()
    {
        using var researcher = api.As("researcher");
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "andere", title = new { de = "Andere", en = "Other" } }).ShouldBeAsync(HttpStatusCode.Created);
        using var other = api.As("contributor", "sender", "survey:andere");
        var row = "{\"id\":\"foreign\",\"version\":1,\"answers\":{}}";

        await other.PutAsync("foreign", Response()).ShouldBeProblemAsync(403, "forbidden");
        await other.SendAsync("POST", $"{Survey}/responses", Response()).ShouldBeProblemAsync(403, "forbidden");
        await other.BulkRawAsync(Encoding.UTF8.GetBytes(row)).ShouldBeProblemAsync(403, "forbidden");
        await sender.GetAsync($"{Survey}/responses/foreign").ShouldBeProblemAsync(404, "not-found");
    }

    [Fact]
    public async Task What_is_taken_removed_or_named_twice_is_told_apart()
    {
        using var neighbour = api.As("contributor", "neighbour");
        string Row(string id, string tips = "gut") => $"{{\"id\":\"{id}\",\"version\":1,\"submit\":true,\"answers\":{{{Required},\"tips\":\"{tips}\"}}}}";
        await neighbour.BulkAsync(Row("s-foreign"));
        await sender.BulkAsync(string.Join('\n', Row("s-removed"), Row("s-same")));
        await sender.SendAsync("DELETE", $"{Survey}/responses/s-removed", ifMatch: "*").ShouldBeAsync(HttpStatusCode.NoContent);

        var report = await sender.BulkAsync(string.Join('\n', Row("s-foreign"), Row("s-removed"), Row("s-same"), Row("s-new"), Row("s-new"), Row("s-new", "besser")));

        Assert.Equal(
        [
            "1 s-foreign rejected conflict@/id", "2 s-removed rejected response-deleted@/id", "3 s-same replayed",
            "4 s-new accepted", "5 s-new replayed", "6 s-new rejected conflict@/answers/tips",
        ], report.Rows());
    }

    [Theory]
    [InlineData("{\"id\":\"x\"}")]
    [InlineData("")]
    public async Task A_body_that_is_no_array_is_refused_as_a_whole(string body)
    {
        var errors = await sender.BulkRawAsync(Encoding.UTF8.GetBytes(body), "application/json").ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["not-an-array"], errors.Texts("code"));
    }

    [Fact]
    public async Task Many_mistakes_under_atomic_are_cut_to_what_can_be_read()
    {
        var rows = string.Join('\n', Enumerable.Range(1, 5_000).Select(number => $"{{\"id\":\"am-{number}\",\"version\":1,\"answers\":{{\"a\":1,\"b\":2}}}}"));

        var errors = await sender.BulkRawAsync(Encoding.UTF8.GetBytes(rows), query: "?atomic=true").ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(200, errors.Count);
        Assert.Equal("/rows/1/answers/a", errors[0].GetProperty("pointer").GetString());
    }

    [Fact]
    public async Task A_version_that_closes_while_a_load_is_on_its_way_takes_nothing_more()
    {
        using var researcher = api.As("researcher");
        const string survey = "/v1/surveys/schluss";
        await researcher.SendAsync("POST", "/v1/surveys", new { id = "schluss", title = new { de = "Schluss", en = "End" } }).ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", survey + "/versions", """{"title":{"de":"x","en":"x"},"items":[{"code":"note","kind":"text","label":{"de":"x","en":"x"}}]}""").ShouldBeAsync(HttpStatusCode.Created);
        await researcher.SendAsync("POST", survey + "/versions/1/publish").ShouldBeAsync(HttpStatusCode.OK);
        using var sending = new ClosingContent(async () =>
        {
            while ((await sender.GetAsync(survey + "/responses/2000")).StatusCode != HttpStatusCode.OK)
            {
                await Task.Yield();
            }

            await researcher.SendAsync("POST", survey + "/versions/1/close").ShouldBeAsync(HttpStatusCode.OK);
        });

        var report = await (await sender.PostAsync(survey + "/responses/bulk", sending)).JsonAsync();

        Assert.Equal((2_000, 0, 1), report.Counts());
        Assert.Equal("wrong-version", report.GetProperty("rows")[2_000].GetProperty("problems")[0].GetProperty("code").GetString());
    }

    /// <summary>A whole batch, then something happens, then one row more.</summary>
    private sealed class ClosingContent : HttpContent
    {
        private readonly Func<Task> between;

        public ClosingContent(Func<Task> between)
        {
            this.between = between;
            Headers.ContentType = new("application/x-ndjson");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var number = 1; number <= 2_000; number++)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"{{\"id\":\"{number}\",\"version\":1,\"answers\":{{}}}}\n"));
            }

            await stream.FlushAsync();
            await between();
            await stream.WriteAsync("{\"id\":\"last\",\"version\":1,\"answers\":{}}\n"u8.ToArray());
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
