using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Codings;

/// <summary>Codings of passages, agreement of coders, and saturation of interviews.</summary>
internal static class CodingEndpoints
{
    private static readonly Text Thing = new("Die Codierung", "coding");

    public static void MapCodings(this IEndpointRouteBuilder routes)
    {
        routes.Get("/v1/passages/{id}/codings", ListPassageCodings).WithName("listPassageCodings");
        routes.Post("/v1/passages/{id}/codings", AddCoding).WithName("addCoding");
        routes.Get("/v1/codings", ListCodings).WithName("listCodings");
        routes.Get("/v1/codings/{coding}", GetCoding).WithName("getCoding");
        routes.Delete("/v1/codings/{coding}", DeleteCoding).WithName("deleteCoding");
        routes.Get("/v1/coding-agreement", GetCodingAgreement).WithName("getCodingAgreement");
        routes.Get("/v1/saturation", GetSaturation).WithName("getSaturation");
    }

    private static IResult ListPassageCodings(string id, [AsParameters] ListParameters list, HttpContext http, Lists lists, Database.Database database)
    {
        using var connection = database.Open();
        if (CodingQueries.PassageState(connection, http.Caller()!.Scopes, id) is null)
        {
            return NoSuchPassage(id);
        }

        return lists.Answer(new ListRequest(CodingQueries.List, list)
        {
            Filter = (_, _) =>
            {
                var filter = CodingQueries.Reach(http.Caller()!.Scopes);
                filter.Add("passage", "k.passage_id = @passage", ("passage", id));
                return filter;
            },
        });
    }

    private static IResult ListCodings(string? conversation, string? code, string? coder, [AsParameters] ListParameters list, HttpContext http, Lists lists) =>
        lists.Answer(new ListRequest(CodingQueries.List, list)
        {
            Filter = (_, _) =>
            {
                var filter = Selection(http, conversation, null);
                if (code is not null)
                {
                    filter.Add("code", "k.code = @code", ("code", code));
                }

                if (coder is not null)
                {
                    filter.Add("coder", "k.coder = @coder", ("coder", coder));
                }

                return filter;
            },
        });

    private static IResult GetCoding(string coding, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return CodingQueries.Find(connection, http.Caller()!.Scopes, coding) is { } found
            ? answers.ConfidentialItem(http, WireJson.Write(found.ToContract())) : Problems.NoSuch(Thing, coding);
    }

    private static Task<IResult> AddCoding(string id, HttpContext http, Writes writes) => writes.RunAsync<CodingInput>(http, WriteEnd.Commit, (write, input) =>
    {
        switch (CodingQueries.PassageState(write.Connection, write.Caller!.Scopes, id))
        {
            case null:
                return NoSuchPassage(id);
            case "withdrawn" or "erased":
                return new Problem(Problems.Conflict, new(
                    "Die Textstelle wurde zurückgezogen oder gelöscht.",
                    "The passage was withdrawn or erased."));
        }

        var codebook = QualitativeCodebookQueries.Latest(write.Connection);
        if (codebook.Number == 0 || (input.Code is { } code && CheckCode(codebook, code) is not null))
        {
            return Problems.Unprocessable([CheckCode(codebook, input.Code)!]);
        }

        var (coder, consensus) = (CodingQueries.Label(write.Connection, write.Caller.Owner), input.Consensus == true);
        var known = CodingQueries.CodesOf(write.Connection, id, coder, consensus);
        if (known.Contains(input.Code))
        {
            return new Problem(Problems.Conflict, new("Diese Codierung gibt es schon.", "This coding already exists."));
        }

        if (known.Count > 0 && (input.Code is null || known.Contains(null)))
        {
            return new Problem(Problems.Conflict, new(
                "Ein Code und „kein Code passt“ schließen sich aus. Bitte löschen Sie zuerst die andere Codierung.",
                "A code and \"no code fits\" exclude each other. Please delete the other coding first."));
        }

        var made = Secret.Id("coding");
        CodingQueries.Add(write.Connection, new CodingRow
        {
            Id = made,
            PassageId = id,
            Code = input.Code,
            CodebookVersion = codebook.Number,
            Coder = coder,
            Consensus = consensus,
            Memo = input.Memo,
            CreatedAt = write.At,
        });
        var row = CodingQueries.Find(write.Connection, write.Caller.Scopes, made)!;
        return Done.Created(WireJson.Write(row.ToContract()), "/v1/codings/" + made, tagged: false) with { Subject = "/v1/passages/" + id };
    });

    private static Task<IResult> DeleteCoding(string coding, HttpContext http, Writes writes) => writes.RunAsync(http, WriteEnd.Commit, write =>
    {
        if (CodingQueries.Find(write.Connection, write.Caller!.Scopes, coding) is not { } found)
        {
            return Problems.NoSuch(Thing, coding);
        }

        if (found.Coder != CodingQueries.FindLabel(write.Connection, write.Caller.Owner))
        {
            return new Problem(Problems.Forbidden, new(
                "Nur wer die Codierung angelegt hat, darf sie löschen.",
                "Only the coder who made the coding may delete it."));
        }

        CodingQueries.Delete(write.Connection, coding);
        return Done.Nothing();
    });

    private static IResult GetCodingAgreement(string? conversation, string? project, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        var rows = CodingQueries.All(connection, Selection(http, conversation, project));
        return answers.ConfidentialItem(http, WireJson.Write(CodingAgreements.Of(rows, QualitativeCodebookQueries.Latest(connection))));
    }

    private static IResult GetSaturation(string? type, int? @base, int? run, double? threshold, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        var filter = CodingQueries.Reach(http.Caller()!.Scopes);
        if (type is not null)
        {
            filter.Add("type", "exists (select 1 from conversation_types y where y.conversation_id = c.id and y.type = @type)", ("type", type));
        }

        return answers.ConfidentialItem(http, WireJson.Write(InterviewSaturation.Of(CodingQueries.ByInterview(connection, filter), @base ?? 4, run ?? 2, threshold ?? 0.05)));
    }

    private static Filter Selection(HttpContext http, string? conversation, string? project)
    {
        var filter = CodingQueries.Reach(http.Caller()!.Scopes);
        if (conversation is not null)
        {
            filter.Add("conversation", "c.id = @conversation", ("conversation", conversation));
        }

        if (project is not null)
        {
            filter.Add("project", "c.project_id = @project", ("project", project));
        }

        return filter;
    }

    private static ProblemError? CheckCode(CodebookVersion codebook, string? id) => (id is null ? null : codebook.Find(id)) switch
    {
        null => ProblemError.At("/code", "unknown-value", id is null
            ? new("Das Codebuch hat noch keinen Code.", "The codebook has no code yet.")
            : new($"Es gibt keinen Code „{id}“.", $"There is no code \"{id}\".")),
        { Retired: true } code => ProblemError.At("/code", "retired", code.ReplacedBy is { } next
            ? new(
                $"„{code.Name}“ wird nicht mehr vergeben. Bitte verwenden Sie „{codebook.Find(next)?.Name}“ ({next}).",
                $"\"{code.Name}\" is retired. Please use \"{codebook.Find(next)?.Name}\" ({next}).")
            : new($"„{code.Name}“ wird nicht mehr vergeben.", $"\"{code.Name}\" is retired."), code.ReplacedBy),
        { IsCodable: false } code => ProblemError.At("/code", "not-codable", new(
            $"„{code.Name}“ fasst nur andere Codes zusammen und kann nicht vergeben werden.",
            $"\"{code.Name}\" only groups other codes and cannot be assigned.")),
        _ => null,
    };

    private static IResult NoSuchPassage(string id) => Problems.NoSuch(new("Die Textstelle", "passage"), id);
}
