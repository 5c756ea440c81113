namespace AnkerOrte.Tests.Setup;

internal static class Responses
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync()).RootElement;

    /// <summary>A problem document of this kind; its errors, if any.</summary>
    public static async Task<List<JsonElement>> ShouldBeProblemAsync(this HttpResponseMessage response, int status, string code)
    {
        var body = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{(int)response.StatusCode} instead of {status}: {body}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonDocument.Parse(body).RootElement;
        Assert.Equal("/problems/" + code, problem.GetProperty("type").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.True(response.Headers.CacheControl!.NoStore);
        return problem.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray()] : [];
    }

    public static List<string> Texts(this IEnumerable<JsonElement> items, string member) => [.. items.Select(item => item.GetProperty(member).GetString()!)];

    public static List<JsonElement> Items(this JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    public static long Total(this JsonElement page) => page.GetProperty("page").GetProperty("total").GetInt64();
}
