using System.IO.Compression;
using System.Net.Http.Headers;
using AnkerOrte.Api.Access;
using static AnkerOrte.Tests.Surveys.ResponsesOf;

namespace AnkerOrte.Tests.Http;

/// <summary>What a key opens is for the holder of the key: not for scripts of other pages, not compressed, not cached.</summary>
public sealed class ConfidentialHeaderTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task No_page_of_another_origin_reads_a_confidential_answer_and_none_is_compressed()
    {
        using var client = api.With(api.CreateKey([.. Roles.All]));
        await client.PutAsync("headers", Response()).ShouldBeAsync(HttpStatusCode.Created);
        var answered = 0;
        foreach (var (_, path, operation) in ContractDocument.Operations.Where(
            operation => operation.Method == "get" && !Permissions.IsPublic(operation.Operation.OperationId)))
        {
            var address = path.Replace("{survey}", "umsetzende-kommunen", StringComparison.Ordinal)
                .Replace("{clientId}", "headers", StringComparison.Ordinal)
                .Replace("{version}", "1", StringComparison.Ordinal);
            address = System.Text.RegularExpressions.Regex.Replace(address, "{[^}]+}", "none");
            var response = await SendAsync(client, address);
            answered += response.IsSuccessStatusCode ? 1 : 0;

            Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"), $"{operation.OperationId}: {(int)response.StatusCode}");
            Assert.False(response.Headers.Contains("Access-Control-Expose-Headers"), operation.OperationId);
            Assert.Empty(response.Content.Headers.ContentEncoding);
            Assert.True(response.Headers.CacheControl!.NoStore, operation.OperationId);
        }

        Assert.True(answered >= 15, $"{answered}");
    }

    [Theory]
    [InlineData("?format=csv")]
    [InlineData("?format=ndjson")]
    [InlineData("")]
    public async Task Exports_of_responses_are_not_compressed(string query)
    {
        await api.As("contributor").PutAsync("export-" + query.Length, Response()).ShouldBeAsync(HttpStatusCode.Created);

        var response = await SendAsync(api.As("researcher"), Survey + "/responses" + query);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(response.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Public_answers_with_a_key_are_for_every_origin_and_compressed_unless_they_say_more()
    {
        var researcher = api.As("researcher");

        var open = await SendAsync(researcher, "/v1/anchor-sites");
        var more = await SendAsync(researcher, "/v1/interviews");
        var less = await SendAsync(api.Client, "/v1/interviews");

        Assert.Equal("*", open.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal("gzip", Assert.Single(open.Content.Headers.ContentEncoding));
        await using var unpacked = new GZipStream(await open.Content.ReadAsStreamAsync(), CompressionMode.Decompress);
        Assert.Equal('{', unpacked.ReadByte());
        Assert.True(more.Headers.CacheControl!.NoStore);
        Assert.False(more.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Empty(more.Content.Headers.ContentEncoding);
        Assert.Equal("*", less.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    [Fact]
    public async Task Every_page_and_picture_forbids_frames_scripts_of_others_and_guessed_types()
    {
        var assessment = await api.Client.SendAsync(
            "POST", "/v1/assessments", new { answers = new Dictionary<string, object> { ["goals"] = new[] { "inclusion" } } })
            .ShouldBeAsync(HttpStatusCode.Created);
        var pages = ContractDocument.Operations.Where(
            operation => operation.Method == "get" && Types(operation.Operation).Contains("text/html")).ToList();
        var pictures = ContractDocument.Operations.Where(operation => Types(operation.Operation).Contains("image/svg+xml")).ToList();
        Assert.Equal((7, 2), (pages.Count, pictures.Count));
        foreach (var (_, path, operation) in pages)
        {
            await CheckAsync(
                path.Replace("{id}", assessment.GetProperty("id").GetString(), StringComparison.Ordinal)
                .Replace("{assessment}", assessment.GetProperty("id").GetString(), StringComparison.Ordinal)
                .Replace("{code}", "not-found", StringComparison.Ordinal), "text/html");
        }

        foreach (var file in new[] { "index.html", "index.js", "swagger-ui.css" })
        {
            await CheckAsync(
                "/swagger/" + file,
                file[(file.IndexOf('.', StringComparison.Ordinal) + 1)..] switch
                {
                    "html" => "text/html",
                    "js" => "application/javascript",
                    _ => "text/css"
                });
        }

        foreach (var picture in new[] { "/v1/types/makerspace/profile.svg", "/v1/typologies/1/map.svg" })
        {
            var response = await SendAsync(api.Client, picture, "image/svg+xml");
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.StartsWith(
                "default-src 'none';", response.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }

        async Task CheckAsync(string address, string type)
        {
            var response = await SendAsync(api.Client, address, type);
            Assert.True(response.StatusCode == HttpStatusCode.OK, address);
            Assert.Equal(type, response.Content.Headers.ContentType!.MediaType);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            var policy = response.Headers.GetValues("Content-Security-Policy").Single();
            Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
            Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("script-src 'unsafe-inline'", policy, StringComparison.Ordinal);
        }
    }

    private static IEnumerable<string> Types(NSwag.OpenApiOperation operation) =>
        operation.Responses.Where(response => response.Key == "200").SelectMany(response => response.Value.ActualResponse.Content.Keys);

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string address, string accept = "*/*")
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Origin", "https://portal.example");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        request.Headers.AcceptEncoding.Add(new("gzip"));
        return client.SendAsync(request);
    }
}
