using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.QualitativeCodebook;

/// <summary>Every write makes the next version of the codebook; what was coded with an older one can be read as it was.</summary>
internal static class QualitativeCodebookHandlers
{
    private static readonly Text Thing = new("Den Code", "code");

    public static IResult NoSuch(string id) => Problems.NoSuch(Thing, id);

    public static IResult Add(Write write, QualitativeCodeInput input)
    {
        var codebook = QualitativeCodebookQueries.Latest(write.Connection);
        var code = Make(input, input.Id ?? Guid.NewGuid().ToString());
        return codebook.Find(code.Id) is not null
            ? new Problem(Problems.Conflict, null, [ProblemError.At("/id", "taken", new("Diese Kennung hat schon ein Code.", "A code has this id already."))])
            : Check(codebook, code) ?? Store(write, [.. codebook.Codes, code], code, isNew: true);
    }

    public static IResult Replace(Write write, string id, QualitativeCodeInput input)
    {
        var codebook = QualitativeCodebookQueries.Latest(write.Connection);
        if (codebook.Find(id) is not { } before)
        {
            return NoSuch(id);
        }

        if (write.CheckIfMatch(WireJson.Write(before.ToContract())) is { } stale)
        {
            return stale;
        }

        if (input.Id is not null && input.Id != id)
        {
            return Problems.Unprocessable([ProblemError.At("/id", "contradiction", new("Die Kennung steht in der Adresse und bleibt.", "The id is that of the address and stays."), id)]);
        }

        var code = Make(input, id) with { Retired = before.Retired, ReplacedBy = before.ReplacedBy };
        return code == before ? Done.Changed(WireJson.Write(code.ToContract())) with { IsChange = false }
            : Check(codebook, code) ?? Store(write, Exchange(codebook, code), code);
    }

    public static IResult Retire(Write write, string id, string? replacedBy)
    {
        var codebook = QualitativeCodebookQueries.Latest(write.Connection);
        if (codebook.Find(id) is not { } before)
        {
            return NoSuch(id);
        }

        if (write.CheckIfMatch(WireJson.Write(before.ToContract())) is { } stale)
        {
            return stale;
        }

        if (before.Retired)
        {
            return new Problem(Problems.Conflict, new("Der Code wird schon nicht mehr vergeben.", "The code is retired already."));
        }

        if (replacedBy is not null && (replacedBy == id || codebook.Find(replacedBy) is not { Retired: false, IsCodable: true }))
        {
            return Problems.Unprocessable([new("/query/replacedBy", "replacedBy", "unknown-value", new(
                "Das ist kein anderer Code, der vergeben werden kann.", "This is no other code that can be assigned."))]);
        }

        var code = before with { Retired = true, ReplacedBy = replacedBy };
        return Store(write, Exchange(codebook, code), code);
    }

    private static StoredCode Make(QualitativeCodeInput input, string id) => new(id, input.Name, input.Description, input.Color, input.IsCodable ?? true, input.Parent);

    private static IEnumerable<StoredCode> Exchange(CodebookVersion codebook, StoredCode code) => codebook.Codes.Select(other => other.Id == code.Id ? code : other);

    private static IResult? Check(CodebookVersion codebook, StoredCode code)
    {
        var above = new HashSet<string>(StringComparer.Ordinal) { code.Id };
        for (var parent = code.Parent; parent is not null; parent = codebook.Find(parent)?.Parent)
        {
            if (!above.Add(parent))
            {
                return Problems.Unprocessable([ProblemError.At("/parent", "loop", new("Damit stünde der Code über sich selbst.", "The code would stand above itself."))]);
            }

            if (codebook.Find(parent) is null)
            {
                return Problems.Unprocessable([ProblemError.At("/parent", "unknown-value", new($"Einen Code „{parent}“ gibt es nicht.", $"There is no code \"{parent}\"."))]);
            }
        }

        return null;
    }

    private static Done Store(Write write, IEnumerable<StoredCode> codes, StoredCode code, bool isNew = false)
    {
        QualitativeCodebookQueries.Add(write.Connection, codes, write.At);
        var document = WireJson.Write(code.ToContract());
        return isNew ? Done.Created(document, StoredCode.CodePath(code.Id)) : Done.Changed(document);
    }
}
