using System.Text;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Surveys;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Tables of responses: read in two forms, written in three, and the same again after both.</summary>
public sealed class ResponseCsvTests
{
    private static readonly ResponseColumns Columns = new([Sample.Questionnaire]);

    [Theory]
    [InlineData("id,version,submit,status,area,agreement\na,1,1,operating,120.5,1\n", """{"id":"a","version":1,"submit":true,"answers":{"status":"operating","area":120.5,"agreement":true}}""")]
    [InlineData("\uFEFFid;version;status;status.other;note\r\na;1;other;\"Pop-up; \"\"Probe\"\"\";\"zwei\r\nZeilen\"\r\n", """{"id":"a","version":1,"answers":{"status":"other","status.other":"Pop-up; \"Probe\"","note":"zwei\r\nZeilen"}}""")]
    [InlineData("id\tversion\tnote\na\t1\t=cmd()\n", """{"id":"a","version":1,"answers":{"note":"=cmd()"}}""")]
    [InlineData("id,version,goals.community,goals.participation,goals.other,goals.other.text\na,1,1.0,0,1,Teilhabe\n", """{"id":"a","version":1,"answers":{"goals":["community","other"],"goals.other":"Teilhabe"}}""")]
    [InlineData("id,version,goals.community,goals.other\na,1,0,Teilhabe\n", """{"id":"a","version":1,"answers":{"goals":["other"],"goals.other":"Teilhabe"}}""")]
    [InlineData("id,version,goals.community,goals.participation\na,1,-77,-77\n", """{"id":"a","version":1,"answers":{"goals":-77}}""")]
    [InlineData("id,version,goals.community,goals.participation\na,1,0,0\n", """{"id":"a","version":1,"answers":{}}""")]
    [InlineData("id,version,challenges.money,challenges.staffing\na,1,major,-88\n", """{"id":"a","version":1,"answers":{"challenges":{"staffing":-88,"money":"major"}}}""")]
    [InlineData("id,version,challenges.money,challenges.staffing\na,1,-66,-66\n", """{"id":"a","version":1,"answers":{"challenges":-66}}""")]
    [InlineData("id,version,priorities.1,priorities.2\na,1,money,need\n", """{"id":"a","version":1,"answers":{"priorities":["money","need"]}}""")]
    [InlineData("id,version,visitors,area,since\na,1,3900,viel,2024-01-01\n", """{"id":"a","version":1,"answers":{"visitors":3900,"area":"viel","since":"2024-01-01"}}""")]
    [InlineData("id,version,submit,area\n,eins,maybe,-99\n", """{"version":"eins","submit":"maybe","answers":{"area":-99}}""")]
    public async Task The_wide_form_is_read(string file, string expected)
    {
        Assert.Equal([$"1 {expected}"], await ReadAsync(file));
    }

    [Theory]
    [InlineData("id,submitdate,startlanguage,status,status[other],goals[commu],goals[parti],goals[other],challenges[staff],priorities[1],priorities[2],agreement,since,area\n" +
        "17,2024-01-01 10:00:00,de,-oth-,Pop-up,Y,,Teilhabe,major,need,money,Y,2024-01-01 00:00:00,12.5000000000\n",
        """{"id":"17","submit":true,"version":3,"answers":{"status":"other","status.other":"Pop-up","goals":["community","other"],"goals.other":"Teilhabe","area":12.5000000000,"agreement":true,"since":"2024-01-01","challenges":{"staffing":"major"},"priorities":["need","money"]}}""")]
    [InlineData("id,submitdate,token,ipaddr,status,goals_commu,goals[innovation],agreement\n18,,secret,127.0.0.1,oper,Y,,N\n",
        """{"id":"18","submit":false,"version":3,"answers":{"status":"operating","goals":["community"],"agreement":false}}""")]
    [InlineData("id,version,goals[other]\n19,1,Y\n", """{"id":"19","version":1,"answers":{"goals":["other"]}}""")]
    public async Task The_form_of_LimeSurvey_is_read(string file, string expected)
    {
        Assert.Equal([$"1 {expected}"], await ReadAsync(file));
    }

    [Theory]
    [InlineData("version,gaols.community,area,area\na,1,2,3\n", "gaols.community unknown-column goals.community, area duplicate-column , id missing-column ")]
    [InlineData("id,area\na,1\n", "version missing-column ")]
    [InlineData("id,version,\na,1,2\n", " unknown-column ")]
    [InlineData("id,submitdate,goals[commu],goals[community]\n", "goals[community] duplicate-column ")]
    [InlineData("id,submitdate,goals[comu]\n", "goals[comu] unknown-column goals[commu]")]
    [InlineData("", " empty ")]
    public async Task A_wrong_header_is_named_with_all_its_mistakes(string file, string expected)
    {
        using var csv = await ResponseCsv.OpenAsync(new MemoryStream(Encoding.UTF8.GetBytes(file)), Columns, 3);

        Assert.Equal(expected, string.Join(", ", csv.HeaderErrors.Select(error => $"{error.Parameter} {error.Code} {error.Suggestion}")));
    }

    [Fact]
    public async Task A_wrong_row_is_named_and_the_others_are_read()
    {
        var rows = await ReadAsync("id,version,goals.community,goals.participation,area,priorities.1,priorities.2\na,1,x,-77,\"0,5\",,need\nb,1\n,,,,,,\n\nc,1,1,0,7,,\nd,1,1,0,7,,,\n");

        Assert.Equal([
            "1 a: /answers/goals goals.participation type , /answers/goals goals.community type , /answers/area area decimal-comma 0.5, /answers/priorities priorities.2 gap ",
            "2 :   cells ",
            """3 {"id":"c","version":1,"answers":{"goals":["community"],"area":7}}""",
            "4 :   cells "], rows);
    }

    [Fact]
    public async Task Another_charset_is_named_in_its_row()
    {
        var file = Encoding.Latin1.GetBytes("id,version,note\na,1,Bürger\nb,1,Leute\n");

        Assert.Equal(["1 a: /answers/note note encoding ", """2 {"id":"b","version":1,"answers":{"note":"Leute"}}"""], await ReadAsync(file));
    }

    [Fact]
    public async Task A_quotation_mark_that_is_never_closed_does_not_fill_the_memory()
    {
        var file = "id,version,note\na,1,ok\nb,1,\"offen\n" + string.Concat(Enumerable.Repeat("c,1,ok\n", 400_000));

        var rows = await ReadAsync(file);

        Assert.Equal(2, rows.Count);
        Assert.StartsWith("2 :   too-long", rows[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id;version;note\na;1;x, y, z\n", "x, y, z")]
    [InlineData("\"id\";version;\"note\"\na;1;\"x; y, z\"\n", "x; y, z")]
    [InlineData("id\tversion\tnote\r\na\t1\tx;y,z\r\n", "x;y,z")]
    public async Task The_delimiter_is_that_of_the_header_however_small_the_pieces_are_that_arrive(string file, string note)
    {
        using var csv = await ResponseCsv.OpenAsync(new SingleBytes(Encoding.UTF8.GetBytes(file)), Columns, 1);
        var rows = new List<string>();
        await foreach (var row in csv.ReadAsync(default))
        {
            rows.Add(Encoding.UTF8.GetString(row.Json.Span));
        }

        Assert.Equal([$$$"""{"id":"a","version":1,"answers":{"note":"{{{note}}}"}}"""], rows);
    }

    [Fact]
    public async Task A_text_of_a_megabyte_costs_only_its_row()
    {
        var rows = await ReadAsync($"id,version,note\na,1,{new string('x', 1_000_000)}\nb,1,ok\n");

        Assert.Equal(2, rows.Count);
        Assert.StartsWith("1 {\"id\":\"a\"", rows[0], StringComparison.Ordinal);
        Assert.Equal("""2 {"id":"b","version":1,"answers":{"note":"ok"}}""", rows[1]);
    }

    [Theory]
    [InlineData("=cmd()", "'=cmd()")]
    [InlineData("- erstens", "'- erstens")]
    [InlineData("'=x", "''=x")]
    [InlineData("'Ankerort'", "'Ankerort'")]
    [InlineData("-5", "-5")]
    [InlineData("-77", "'-77")]
    [InlineData("@a", "'@a")]
    [InlineData("\tx", "'\tx")]
    [InlineData("a=b", "a=b")]
    public void Texts_are_neutralised_so_that_reading_gives_them_back(string text, string cell)
    {
        Assert.Equal(cell, CsvCells.NeutraliseText(text));
        Assert.Equal(text, CsvCells.Restore(cell));
    }

    [Fact]
    public async Task What_is_exported_can_be_imported_and_is_the_same()
    {
        string[] answers =
        [
            """{"status":"operating","goals":["community","other"],"goals.other":"=1+1","role":"high","visitors":3900,"basis":"- gezählt","area":12.5,"note":"'=x","agreement":false,"since":"2024-01-01","challenges":{"staffing":"minor","money":-88},"priorities":["money","need"],"website":"https://jena.de","ags":"01001000","site":"jedi-jena","opened":"2024-09"}""",
            """{"status":"planned","goals":-77,"note":"-77","challenges":-99,"priorities":-88}""",
            """{"status":"other","status.other":"Pop-up","goals":["other"]}""",
            "{}",
        ];
        using var table = new ResponseTable(Columns);
        foreach (var lime in new[] { false, true })
        {
            var file = Write((lime ? Columns.Lime : Columns.Wide).Select(column => column.Name)) + string.Concat(answers.Select((json, number) =>
            {
                var stored = new StoredResponse($"r{number}", 1, number == 0 ? "2026-11-01T00:00:00.000Z" : null, Encoding.UTF8.GetBytes(json));
                return Write(lime ? table.LimeSurvey(stored) : table.Wide(stored));
            }));

            using var csv = await ResponseCsv.OpenAsync(new MemoryStream(Encoding.UTF8.GetBytes(file)), Columns, 1);
            var number = 0;
            await foreach (var row in csv.ReadAsync(default))
            {
                var errors = new List<ProblemError>();
                var envelope = ResponseEnvelope.Read(row.Json.Span, needsId: true, errors);
                Assert.Equal(($"r{number}", 1, number == 0), (envelope.Id, envelope.Version, envelope.Submit));
                Assert.Equal(answers[number], Sample.Normalise(Encoding.UTF8.GetString(row.Json.Span[envelope.Answers!.Value]), exported: true));
                number++;
            }

            Assert.Equal(answers.Length, number);
        }
    }

    [Fact]
    public void Columns_of_old_versions_survive()
    {
        var definition = JsonNode.Parse(Sample.Definition)!;
        definition["items"]!.AsArray().RemoveAt(5);
        definition["items"]!.AsArray().Add(JsonNode.Parse("""{"code":"added","kind":"yesNo","label":{"de":"Neu","en":"New"}}"""));
        definition["items"]![2]!["options"]!.AsArray().Add(JsonNode.Parse("""{"code":"top","label":{"de":"Sehr hoch","en":"Very high"}}"""));
        var columns = new ResponseColumns([Sample.Questionnaire, Questionnaire.Parse(2, Encoding.UTF8.GetBytes(definition.ToJsonString()))]);
        using var table = new ResponseTable(columns);

        var names = columns.Wide.Select(column => column.Name).ToList();
        var old = table.Wide(new("a", 1, null, """{"status":"planned","area":5}"""u8.ToArray()));
        var young = table.Wide(new("b", 2, null, """{"status":"operating","role":"top","added":true}"""u8.ToArray()));

        Assert.Equal(["added", "area"], names[^2..]);
        Assert.Equal(["", "5"], old[^2..]);
        Assert.Equal(["1", ""], young[^2..]);
        Assert.Equal("top", young[names.IndexOf("role")]);
        Assert.Equal("-66", old[names.IndexOf("visitors")]);
        Assert.Equal("", young[names.IndexOf("visitors")]);
    }

    [Fact]
    public void The_long_form_has_a_row_for_every_answer()
    {
        using var table = new ResponseTable(Columns);

        var rows = table.Long(new("a", 1, null, """{"status":"planned","goals":["community"],"area":-77,"challenges":{"money":"major"},"priorities":["money","need"]}"""u8.ToArray()));

        Assert.Equal([
            "a,status,,planned,1", "a,goals,participation,0,1", "a,goals,community,1,1", "a,goals,innovation,0,1", "a,goals,none,0,1", "a,goals,other,0,1",
            "a,visitors,,-66,1", "a,basis,,-66,1", "a,area,,-77,1", "a,challenges,money,major,1", "a,priorities,money,1,1", "a,priorities,need,2,1"],
            rows.Select(row => string.Join(',', row)));
    }

    [Fact]
    public void LimeSurvey_gets_its_own_names_and_signs()
    {
        using var table = new ResponseTable(Columns);

        var row = table.LimeSurvey(new("a", 1, "2026-11-01", """{"status":"other","status.other":"Pop-up","goals":["community"]}"""u8.ToArray()));

        var cells = Columns.Lime.Select(column => column.Name).Zip(row).Where(cell => cell.Second.Length > 0).Select(cell => $"{cell.First}={cell.Second}");
        Assert.Equal(["id=a", "submitdate=2026-11-01", "status=-oth-", "status[other]=Pop-up", "goals[commu]=Y"], cells);
    }

    private static Task<List<string>> ReadAsync(string file) => ReadAsync(Encoding.UTF8.GetBytes(file));

    private static async Task<List<string>> ReadAsync(byte[] file)
    {
        using var csv = await ResponseCsv.OpenAsync(new MemoryStream(file), Columns, 3);
        Assert.Empty(csv.HeaderErrors);
        var rows = new List<string>();
        await foreach (var row in csv.ReadAsync(default))
        {
            rows.Add(row.Errors is null
                ? $"{row.Number} {Encoding.UTF8.GetString(row.Json.Span)}"
                : $"{row.Number} {row.Id}: {string.Join(", ", row.Errors.Select(error => $"{error.Pointer} {error.Parameter} {error.Code} {error.Suggestion}"))}");
        }

        return rows;
    }

    private static string Write(IEnumerable<string> cells) => string.Join(';', cells.Select(cell => $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"")) + "\r\n";

    /// <summary>A body that arrives byte by byte.</summary>
    private sealed class SingleBytes(byte[] body) : MemoryStream(body)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..1], cancellationToken);
    }
}
