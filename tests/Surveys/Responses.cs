using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AnkerOrte.Tests.Surveys;

/// <summary>Responses to the shipped questionnaire, as scripts would post them.</summary>
internal static class ResponsesOf
{
    public const string Survey = "/v1/surveys/umsetzende-kommunen";

    public static JsonObject Answers(string status = "operating", params string[] goals) => new()
    {
        ["municipality"] = "16053000",
        ["status"] = status,
        ["goals"] = new JsonArray([.. (goals.Length == 0 ? ["inclusion"] : goals).Select(goal => (JsonNode)goal)]),
        ["digitalRole"] = "supporting",
        ["operators"] = new JsonArray("municipality"),
        ["funding"] = new JsonArray("municipal-budget"),
        ["consent"] = "aggregate-only",
    };

    public static JsonObject Response(JsonObject? answers = null, bool submit = true, int version = 1, string? id = null)
    {
        var response = new JsonObject { ["version"] = version, ["submit"] = submit, ["answers"] = answers ?? Answers() };
        if (id is not null)
        {
            response["id"] = id;
        }

        return response;
    }

    public static JsonObject With(this JsonObject answers, string item, JsonNode? value)
    {
        answers[item] = value;
        return answers;
    }

    public static Task<HttpResponseMessage> PutAsync(this HttpClient client, string id, JsonObject response, string? ifMatch = null) =>
        client.SendAsync("PUT", $"{Survey}/responses/{id}", response, ifMatch);

    public static async Task<JsonElement> BulkAsync(this HttpClient client, string body, string mediaType = "application/x-ndjson", string query = "")
    {
        var response = await client.BulkRawAsync(System.Text.Encoding.UTF8.GetBytes(body), mediaType, query);
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return await response.JsonAsync();
    }

    public static Task<HttpResponseMessage> BulkRawAsync(this HttpClient client, byte[] body, string mediaType = "application/x-ndjson", string query = "")
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        return client.PostAsync($"{Survey}/responses/bulk{query}", content);
    }

    /// <summary>"row id status code pointer" of each row.</summary>
    public static List<string> Rows(this JsonElement report) => [.. report.GetProperty("rows").EnumerateArray().Select(row => string.Join(' ', [
        row.GetProperty("row").GetRawText(), row.GetProperty("id").GetString() ?? "-", row.GetProperty("status").GetString()!,
        .. row.GetProperty("problems").EnumerateArray().Select(problem => $"{problem.GetProperty("code").GetString()}@{problem.GetProperty("pointer").GetString()}")]))];

    public static (long Accepted, long Replayed, long Rejected) Counts(this JsonElement report) =>
        (report.GetProperty("accepted").GetInt64(), report.GetProperty("replayed").GetInt64(), report.GetProperty("rejected").GetInt64());

    /// <summary>From now on, submitted responses of the shipped survey are accepted without a review.</summary>
    public static async Task AutoAcceptAsync(this ApiFixture api)
    {
        if ((await api.GetAsync(Survey)).GetProperty("autoAccept").GetBoolean())
        {
            return;
        }

        using var researcher = api.As("researcher");
        await researcher.SendAsync("PATCH", Survey, new { autoAccept = true }, ifMatch: "*").ShouldBeAsync(HttpStatusCode.OK);
    }

    /// <summary>Publishes the results of the shipped survey.</summary>
    public static async Task<JsonElement> ReleaseAsync(this ApiFixture api)
    {
        using var researcher = api.As("researcher");
        return await researcher.SendAsync("POST", $"{Survey}/releases").ShouldBeAsync(HttpStatusCode.Created);
    }

    /// <summary>The keys of all municipalities, or of those of a state.</summary>
    public static IReadOnlyList<string> Municipalities(this ApiFixture api, string state = "")
    {
        using var connection = api.Services.GetRequiredService<Api.Database.Database>().Open();
        return connection.Query<string>("select ags from municipalities where ags like @start order by ags", new { start = state + "%" })
            .ToList();
    }

    /// <summary>Accepted responses of different municipalities of Thuringia: ids and municipalities by their number.</summary>
    /// <param name="answers">Changes the answers of one number.</param>
    public static async Task PostAcceptedAsync(this ApiFixture api, int from, int count, Func<int, JsonObject, JsonObject>? answers = null)
    {
        await api.AutoAcceptAsync();
        using var sender = api.As("contributor");
        var places = api.Municipalities("16");
        var lines = Enumerable.Range(from, count).Select(number => Response(
            (answers ?? ((_, same) => same))(number, Answers().With("municipality", places[number])), id: $"a-{number}").ToJsonString());
        Assert.Equal((count, 0, 0), (await sender.BulkAsync(string.Join('\n', lines))).Counts());
    }
}
