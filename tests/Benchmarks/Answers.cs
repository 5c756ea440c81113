using System.Globalization;
using System.Net;
using System.Text.Json;

namespace AnkerOrte.Benchmarks;

/// <summary>The service's answers as files for the floor, and the check that an answer is one before it is timed.</summary>
internal sealed class Answers : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("ankerorte-answers-");

    public string Folder => folder.FullName;

    public List<long> Sizes { get; } = [];

    public static async Task<Answers> FetchAsync(HttpClient client, IEnumerable<(string Address, Ask Ask)> asked)
    {
        var answers = new Answers();
        foreach (var (address, ask) in asked)
        {
            // The floor sends the whole answer where the service only says that nothing has changed.
            using var response = await SendAsync(client, address, ask.Header?.Name == "If-None-Match" ? ask with { Header = null } : ask);
            var body = await response.Content.ReadAsByteArrayAsync();
            if (response.StatusCode != HttpStatusCode.OK || body.Length == 0)
            {
                throw new StopException($"{(int)response.StatusCode} for {ask.Path}");
            }

            var file = Path.Combine(answers.Folder, answers.Sizes.Count.ToString(CultureInfo.InvariantCulture));
            await File.WriteAllBytesAsync(file + ".body", body);
            await File.WriteAllTextAsync(file + ".type", response.Content.Headers.ContentType!.ToString());
            answers.Sizes.Add(body.Length);
        }

        return answers;
    }

    /// <summary>Sends what will be sent under load; returns the bytes of the body.</summary>
    public static async Task<long> CheckAsync(HttpClient client, string address, Ask ask, long whole)
    {
        using var response = await SendAsync(client, address, ask);
        var body = await response.Content.ReadAsByteArrayAsync();
        var isFloor = ask.Path.StartsWith('?');
        var wanted = ask.Header?.Name == "If-None-Match" && !isFloor ? HttpStatusCode.NotModified : HttpStatusCode.OK;
        if (response.StatusCode != wanted)
        {
            throw new StopException($"{(int)response.StatusCode} instead of {(int)wanted} for {address}{ask.Path}");
        }

        // Host names differ in length, references leave things out; but nothing may be a tenth or ten times as long.
        if (wanted == HttpStatusCode.OK && (body.Length < whole / 10 || body.Length > whole * 10 || (isFloor && body.Length != whole)))
        {
            throw new StopException($"{body.Length} bytes instead of about {whole} for {address}{ask.Path}");
        }

        if (wanted == HttpStatusCode.OK && ask.Path.Contains("limit=50") && ask.Header is null)
        {
            using var page = JsonDocument.Parse(body);
            var items = page.RootElement.GetProperty("items").GetArrayLength();
            var total = page.RootElement.GetProperty("page").GetProperty("total").GetInt64();
            if (items == 0 || (items < 50 && total > 50 && !ask.Path.Contains("cursor")))
            {
                throw new StopException($"{items} items of {total} for {address}{ask.Path}");
            }
        }

        return body.Length;
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string address, Ask ask)
    {
        using var request = Load.Request(address + ask.Path, ask.Vary.ToString().ToLowerInvariant(), 1);
        if (ask.Header is { } header)
        {
            request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        return await client.SendAsync(request);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
