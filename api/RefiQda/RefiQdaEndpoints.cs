using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Microsoft.AspNetCore.Mvc;

namespace AnkerOrte.Api.RefiQda;

/// <summary>Exchange with programs for qualitative data analysis in the format REFI-QDA 1.5.</summary>
internal static class RefiQdaEndpoints
{
    private const string Xml = "application/xml";
    private const string Zip = "application/zip";

    public static void MapRefiQda(this IEndpointRouteBuilder routes)
    {
        var refi = routes.MapGroup("/v1/refi-qda");
        refi.Get("/codebook", ExportRefiCodebook).WithName("exportRefiCodebook");
        refi.Post("/codebook", ImportRefiCodebook).WithName("importRefiCodebook").WithMetadata(new RequestSizeLimitAttribute(5_000_000));
        refi.Get("/project", ExportRefiProject).WithName("exportRefiProject");
        refi.Get("/project/report", GetRefiProjectReport).WithName("getRefiProjectReport");
    }

    private static IResult ExportRefiCodebook(HttpContext http, Database.Database database)
    {
        using var connection = database.Open();
        var codebook = QualitativeCodebookQueries.Latest(connection);
        return Answer(http, Xml, "codebook.qdc", () => RefiXml.Write(xml =>
        {
            xml.WriteStartElement("CodeBook", RefiXml.Codebook);
            xml.WriteAttributeString("origin", "AnkerOrte");
            RefiXml.WriteCodes(xml, codebook);
            xml.WriteEndElement();
        }));
    }

    private static async Task<IResult> ImportRefiCodebook(HttpContext http, Writes writes)
    {
        if (Bodies.CheckType(http.Request, [Xml]) is { } refused)
        {
            return refused;
        }

        var reader = new CodebookReader();
        return reader.Read(await Bodies.ReadBytesAsync(http.Request)) ?? await writes.RunAsync(http, WriteEnd.Commit, write => Import(write, reader));
    }

    private static Done Import(Write write, CodebookReader reader)
    {
        var codebook = QualitativeCodebookQueries.Latest(write.Connection);
        var known = codebook.Codes.ToDictionary(code => code.Id);
        // The format has no field for retired codes, so the stored state is kept.
        var read = reader.Codes.Select(code => known.TryGetValue(code.Id, out var before) ? code with { Retired = before.Retired, ReplacedBy = before.ReplacedBy } : code).ToList();
        var ids = read.Select(code => code.Id).ToHashSet();
        var added = read.Count(code => !known.ContainsKey(code.Id));
        var unchanged = read.Count(code => known.TryGetValue(code.Id, out var before) && before == code);
        var isChange = unchanged < read.Count;
        if (isChange)
        {
            QualitativeCodebookQueries.Add(write.Connection, [.. read, .. codebook.Codes.Where(code => !ids.Contains(code.Id))], write.At);
        }

        return Done.Changed(WireJson.Write(new RefiImport
        {
            Version = codebook.Number + (isChange ? 1 : 0),
            Added = added,
            Replaced = read.Count - added - unchanged,
            Unchanged = unchanged,
            ImportReport = new() { Discarded = reader.Discarded },
        })) with
        { IsTagged = false, IsChange = isChange };
    }

    private static IResult ExportRefiProject(string? project, string? conversation, HttpContext http, Database.Database database)
    {
        using var snapshot = database.Read();
        var found = RefiQdaQueries.Conversations(snapshot.Connection, http.Caller()!.Scopes, project, conversation);
        return found.Count == 0 ? NoSuch(project, conversation)
            : Answer(http, Zip, "project.qdpx", new ProjectFile(snapshot.Connection, found).Zip);
    }

    private static IResult GetRefiProjectReport(string? project, string? conversation, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        var found = RefiQdaQueries.Conversations(snapshot.Connection, http.Caller()!.Scopes, project, conversation);
        return found.Count == 0 ? NoSuch(project, conversation)
            : answers.ConfidentialItem(http, WireJson.Write(new ProjectFile(snapshot.Connection, found).Report()));
    }

    private static IResult Answer(HttpContext http, string mediaType, string name, Func<byte[]> make)
    {
        if (Formats.Choose(http.Request, [mediaType]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [mediaType]);
        }

        Answers.SetConfidential(http.Response.Headers);
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}\"";
        return Results.Bytes(make(), mediaType);
    }

    private static IResult NoSuch(string? project, string? conversation) => Problems.NoSuch(new("Ein Gespräch mit Text in der Auswahl", "conversation with a text in"), conversation ?? project ?? "*");
}
