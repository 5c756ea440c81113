using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.SurveyResponses;

/// <summary>
/// What became of each row. It is kept in a file until the request has been read: a client that sends everything before it
/// reads would otherwise wait for the service, and the service for the client.
/// </summary>
internal sealed class BulkReport : IResult, IAsyncDisposable
{
    private readonly FileStream spool;
    private readonly Utf8JsonWriter json;
    private readonly bool german;
    private long accepted;
    private long replayed;
    private long rejected;

    public BulkReport(FileStream spool, bool german)
    {
        this.spool = spool;
        this.german = german;
        json = new Utf8JsonWriter(spool, new JsonWriterOptions { Encoder = WireJson.Options.Encoder });
        json.WriteStartObject();
        json.WriteStartArray("rows");
    }

    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(IEnumerable<BulkOutcome> outcomes)
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

        Flush();
    }

    /// <summary>Writes the end of the report; it can be sent afterwards.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Finish()
    {
        json.WriteEndArray();
        json.WriteNumber("accepted", accepted);
        json.WriteNumber("replayed", replayed);
        json.WriteNumber("rejected", rejected);
        json.WriteEndObject();
        Flush();
    }

    public async Task ExecuteAsync(HttpContext http)
    {
        await using (this)
        {
            spool.Position = 0;
            http.Response.Headers.CacheControl = "no-store";
            http.Response.ContentType = Formats.Json;
            http.Response.ContentLength = spool.Length;
            await spool.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // Disposing either of them writes what is left, which a full disk refuses. Nobody reads it any more.
            await using (spool)
            {
                await json.DisposeAsync();
            }
        }
        catch (IOException)
        {
        }
    }

    /// <summary>To the operating system, so that a full disk is noticed now and not when the report is sent.</summary>
    private void Flush()
    {
        json.Flush();
        spool.Flush();
    }
}
