using System.Text.Json;
using AnkerOrte.Api.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>
/// What became of each row. It is kept (in a file, if it grows) until the request has been read: a client that sends
/// everything before it reads would otherwise wait for the service, and the service for the client.
/// </summary>
internal sealed class BulkReport : IResult, IAsyncDisposable
{
    private readonly FileBufferingWriteStream spool = new();
    private readonly Utf8JsonWriter json;
    private readonly bool german;
    private long accepted;
    private long replayed;
    private long rejected;

    public BulkReport(bool german)
    {
        this.german = german;
        json = new Utf8JsonWriter(spool, new JsonWriterOptions { Encoder = WireJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteStartArray("rows");
    }

    public async Task AddAsync(IEnumerable<BulkOutcome> outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _ = outcome.Status switch { "accepted" => accepted++, "replayed" => replayed++, _ => rejected++ };
            json.WriteStartObject();
            json.WriteNumber("row", outcome.Number);
            json.WriteString("id", outcome.Id);
            json.WriteString("status", outcome.Status);
            json.WriteStartArray("problems");
            foreach (var problem in outcome.Problems ?? [])
            {
                JsonSerializer.Serialize(json, problem.ToRemark(german), WireJson.Options);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        await json.FlushAsync();
    }

    public async Task ExecuteAsync(HttpContext http)
    {
        await using (this)
        {
            json.WriteEndArray();
            json.WriteNumber("accepted", accepted);
            json.WriteNumber("replayed", replayed);
            json.WriteNumber("rejected", rejected);
            json.WriteEndObject();
            await json.FlushAsync();
            http.Response.Headers.CacheControl = "no-store";
            http.Response.ContentType = Formats.Json;
            await spool.DrainBufferAsync(http.Response.Body, http.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await json.DisposeAsync();
        await spool.DisposeAsync();
    }
}
