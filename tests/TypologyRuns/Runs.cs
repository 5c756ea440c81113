using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Tests.Analysis;

namespace AnkerOrte.Tests.TypologyRuns;

/// <summary>Requests for runs, and the patience to wait for them.</summary>
internal static class Runs
{
    public static readonly object[] Anker12Columns =
    [
        new { key = "ziele", kind = "multi" },
        new { key = "zielgruppen", kind = "multi" },
        new { key = "formate", kind = "multi" },
        new { key = "betrieb", kind = "nominal" },
        new { key = "digitalrolle", kind = "ordinal", levels = 4 },
        new { key = "flaeche", kind = "numeric", range = 450 },
    ];

    public static List<object> Anker12Rows() => [.. Anker12.Rows.Select(row => (object)new { id = row.Id, values = row.Values.ToDictionary(value => value.Key, value => Plain(value.Value)) })];

    public static string Table(IEnumerable<object> columns, IEnumerable<object> rows, object parameters, bool weights = false)
    {
        var body = JsonSerializer.SerializeToNode(parameters)!.AsObject();
        body["source"] = JsonSerializer.SerializeToNode(new { kind = "table", columns, rows });
        if (weights)
        {
            body["dimensions"] = JsonSerializer.SerializeToNode(Anker12.Columns.Select(column => new { key = column.Key, weight = column.Weight }));
        }

        return body.ToJsonString();
    }

    /// <summary>Rows of random flags.</summary>
    public static string Random(int count, int columns, object parameters)
    {
        var random = new SplitMix64(11);
        return Table(Enumerable.Range(0, columns).Select(column => new { key = $"c{column}", kind = "binaryAsymmetric" }),
            Enumerable.Range(0, count).Select(row => new { id = $"r{row:000000}", values = Enumerable.Range(0, columns).ToDictionary(column => $"c{column}", _ => random.Below(3) == 0) }), parameters);
    }

    public static async Task<JsonElement> StartAsync(HttpClient client, object request)
    {
        var response = await client.SendAsync("POST", "/v1/typology-runs", request);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        var run = await response.JsonAsync();
        Assert.Equal(response.Headers.Location!.ToString(), run.GetProperty("self").GetString());
        return run;
    }

    public static async Task<JsonElement> FinishAsync(HttpClient client, object request)
    {
        var address = (await StartAsync(client, request)).GetProperty("self").GetString()!;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(3); await Task.Delay(20))
        {
            var run = await (await client.GetAsync(address)).JsonAsync();
            if (run.GetProperty("status").GetString() is not ("queued" or "running"))
            {
                Assert.True(run.GetProperty("status").GetString() == "succeeded", run.GetRawText());
                return run;
            }
        }

        throw new TimeoutException(address);
    }

    /// <summary>Canonical text with numbers rounded, as a reader of the result would make it.</summary>
    public static string Rounded(JsonNode node, int digits) => node switch
    {
        JsonObject members => "{" + string.Join(',', members.Select(member => JsonSerializer.Serialize(member.Key, WireJson.Options) + ":" + (member.Value is null ? "null" : Rounded(member.Value, digits)))) + "}",
        JsonArray items => "[" + string.Join(',', items.Select(item => item is null ? "null" : Rounded(item, digits))) + "]",
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.GetValue<double>() is var number && number != Math.Floor(number) =>
            JsonSerializer.Serialize(double.Parse(number.ToString("E" + (digits - 1), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
        _ => node.ToJsonString(WireJson.Options),
    };

    public static object Plain(DataValue value) => value switch
    {
        DataValue.Multi multi => multi.Codes,
        DataValue.Nominal nominal => nominal.Code,
        DataValue.Ordinal ordinal => ordinal.Rank,
        DataValue.Number number => number.Value,
        _ => ((DataValue.Flag)value).Value,
    };
}
