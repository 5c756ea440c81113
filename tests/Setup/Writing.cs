using System.Net.Http.Headers;

namespace AnkerOrte.Tests.Setup;

/// <summary>Requests that write, as a script would send them.</summary>
internal static class Writing
{
    public static Task<HttpResponseMessage> SendAsync(
        this HttpClient client, string method, string url, object? body = null, string? ifMatch = null, string? reason = null, string? key = null, string mediaType = "application/json")
    {
        var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body), MediaTypeHeaderValue.Parse(mediaType));
        }

        Add(request, "If-Match", ifMatch);
        Add(request, "X-Change-Reason", reason);
        Add(request, "Idempotency-Key", key);
        return client.SendAsync(request);
    }

    /// <summary>The tag of what is there now.</summary>
    public static async Task<string> TagAsync(this HttpClient client, string url) => (await client.GetAsync(url)).Headers.ETag!.Tag;

    /// <summary>The JSON of a successful answer.</summary>
    public static async Task<JsonElement> ShouldBeAsync(this Task<HttpResponseMessage> sending, HttpStatusCode status)
    {
        var response = await sending;
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {await response.Content.ReadAsStringAsync()}");
        return status == HttpStatusCode.NoContent ? default : await response.JsonAsync();
    }

    public static async Task<List<JsonElement>> ShouldBeProblemAsync(this Task<HttpResponseMessage> sending, int status, string code) =>
        await (await sending).ShouldBeProblemAsync(status, code);

    private static void Add(HttpRequestMessage request, string name, string? value)
    {
        if (value is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }
    }
}
