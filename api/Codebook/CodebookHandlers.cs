using System.Text.Json;
using System.Text.Json.Nodes;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Codebook;

/// <summary>What editors do with a code, and the SQL of it. A key keeps its meaning for ever and is never given twice.</summary>
internal static class CodebookHandlers
{
    private static readonly Text Thing = new("Den Code", "code");

    public static IResult Add(Write write, string dimension, CodeInput input)
    {
        if (!write.Connection.ExecuteScalar<bool>("select exists (select 1 from dimensions where key = @dimension)", new { dimension }))
        {
            return Problems.NoSuch(new("Die Dimension", "dimension"), dimension);
        }

        if (input.Key is not { } key)
        {
            return Problems.Unprocessable([ProblemError.At("/key", "missing", new("Ein neuer Code braucht einen Schlüssel.", "A new code needs a key."))]);
        }

        if (CodebookQueries.FindCode(write.Connection, dimension, key) is { } taken)
        {
            return new Problem(Problems.Conflict, null, [ProblemError.At("/key", "taken", taken.RetiredAt is null
                ? new("Den Schlüssel gibt es schon.", "The key exists already.")
                : new("Den Schlüssel hatte ein Code, der nicht mehr vergeben wird; Schlüssel werden nie neu vergeben.", "The key belongs to a retired code; keys are never given again."))]);
        }

        return Check(write.Connection, dimension, input) ?? Store(write, dimension, input, "created");
    }

    public static IResult Replace(Write write, string dimension, string key, CodeInput input)
    {
        if (Open(write, dimension, key, out _) is { } problem)
        {
            return problem;
        }

        if (input.Key is not null && input.Key != key)
        {
            return Problems.Unprocessable([ProblemError.At("/key", "contradiction", new("Der Schlüssel steht in der Adresse und bleibt.", "The key is that of the address and stays."), key)]);
        }

        var code = input with { Key = key };
        return WireJson.Write(code).AsSpan().SequenceEqual(Versions.Latest(write.Connection, RecordKind.Code, Name(dimension, key)))
            ? Answer(write, dimension, key) with { IsChange = false }
            : Check(write.Connection, dimension, code) ?? Store(write, dimension, code, "updated");
    }

    /// <param name="schema">What the result of the patch must fit as a whole.</param>
    public static IResult Patch(Write write, string dimension, string key, JsonElement patch, Schema schema)
    {
        if (Versions.Latest(write.Connection, RecordKind.Code, Name(dimension, key)) is not { } before)
        {
            return Problems.NoSuch(Thing, Name(dimension, key));
        }

        var merged = MergePatch.Apply(JsonNode.Parse(before), patch).Deserialize<JsonElement>();
        var errors = Bodies.Check(schema, merged);
        return errors.Count > 0 ? Problems.Invalid(errors) : Replace(write, dimension, key, merged.Deserialize<CodeInput>(WireJson.Options)!);
    }

    public static IResult Retire(Write write, string dimension, string key, string? replacedBy)
    {
        if (Open(write, dimension, key, out var code) is { } problem)
        {
            return problem;
        }

        if (code!.RetiredAt is not null)
        {
            return new Problem(Problems.Conflict, new("Der Code wird schon nicht mehr vergeben.", "The code is retired already."));
        }

        if (replacedBy is not null && (replacedBy == key || CodebookQueries.FindCode(write.Connection, dimension, replacedBy) is not { RetiredAt: null }))
        {
            var others = write.Connection.Query<string>("select key from codes where dimension = @dimension and retired_at is null and key <> @key", new { dimension, key }).ToList();
            return Problems.Unprocessable([RequestCheck.NoSuchValue("replacedBy", replacedBy, others)]);
        }

        SetRetired(write, dimension, key, write.At, replacedBy, "deleted");
        return Answer(write, dimension, key);
    }

    public static IResult Restore(Write write, string dimension, string key)
    {
        if (Open(write, dimension, key, out var code) is { } problem)
        {
            return problem;
        }

        if (code!.RetiredAt is null)
        {
            return new Problem(Problems.Conflict, new("Der Code wird noch vergeben.", "The code is not retired."));
        }

        SetRetired(write, dimension, key, null, null, "restored");
        return Answer(write, dimension, key);
    }

    public static string Name(string dimension, string key) => $"{dimension}.{key}";

    /// <summary>Table, words and history of one version. The feed knows it as a change of its dimension.</summary>
    public static void Put(SqliteConnection connection, string dimension, CodeInput code, int? position, string action, Author author)
    {
        connection.Execute(
            """
            insert into codes (dimension, key, position, label_de, label_en, definition_de, definition_en, anchor_example, neighbours, updated_at)
            values (@dimension, @Key, coalesce(@position, (select coalesce(max(position), -1) + 1 from codes where dimension = @dimension)),
                    @labelDe, @labelEn, @definitionDe, @definitionEn, @AnchorExample, @neighbours, @At)
            on conflict (dimension, key) do update set
                position = coalesce(@position, position), label_de = excluded.label_de, label_en = excluded.label_en, definition_de = excluded.definition_de,
                definition_en = excluded.definition_en, anchor_example = excluded.anchor_example, neighbours = excluded.neighbours, updated_at = excluded.updated_at
            """, new
            {
                dimension,
                code.Key,
                position,
                labelDe = code.Label.De,
                labelEn = code.Label.En,
                definitionDe = code.Definition.De,
                definitionEn = code.Definition.En,
                code.AnchorExample,
                neighbours = JsonSerializer.Serialize(code.Neighbours ?? []),
                author.At,
            });
        var (german, english) = connection.QuerySingle<(string, string)>("select label_de, label_en from dimensions where key = @dimension", new { dimension });
        SearchIndex.Put(connection, [new SearchEntry("code", Name(dimension, code.Key!), $"{german}: {code.Label.De}", code.Definition.De)
        {
            Keywords = [code.Label.En, english],
            Text = [code.Definition.De, code.Definition.En],
        }]);
        Versions.Add(connection, RecordKind.Code, Name(dimension, code.Key!), action, WireJson.Write(code), author);
    }

    private static Done Store(Write write, string dimension, CodeInput code, string action)
    {
        var before = CodebookQueries.FindCode(write.Connection, dimension, code.Key!);
        Put(write.Connection, dimension, code, null, action, write.Author);
        Feed.Touch(write.Connection, RecordKind.Dimension, dimension, write.At);
        var done = Answer(write, dimension, code.Key!);
        if (before is not null && (before.Label.De != code.Label.De || before.Label.En != code.Label.En))
        {
            // Sites are found by the labels of their codes, and a code may be on very many.
            AnchorSiteDocuments.Rebuild(write.Connection, write.Connection.Query<string>(
                "select site_id from site_codes where dimension = @dimension and code = @Key", new { dimension, code.Key }).ToList());
        }

        return action == "created" ? Done.Created(done.Document!, CodebookMapping.CodePath(dimension, code.Key!)) : done;
    }

    private static void SetRetired(Write write, string dimension, string key, string? at, string? replacedBy, string action)
    {
        write.Connection.Execute(
            "update codes set retired_at = @at, replaced_by = @replacedBy, updated_at = @now where dimension = @dimension and key = @key",
            new { at, replacedBy, now = write.At, dimension, key });
        Versions.Add(write.Connection, RecordKind.Code, Name(dimension, key), action, null, write.Author);
        Feed.Touch(write.Connection, RecordKind.Dimension, dimension, write.At);
    }

    private static IResult? Open(Write write, string dimension, string key, out SingleCode? code)
    {
        code = CodebookQueries.FindCode(write.Connection, dimension, key);
        return code is null ? Problems.NoSuch(Thing, Name(dimension, key))
            : write.CheckIfMatch(WireJson.Write(code));
    }

    private static Done Answer(Write write, string dimension, string key) => Done.Changed(WireJson.Write(CodebookQueries.FindCode(write.Connection, dimension, key)));

    private static IResult? Check(SqliteConnection connection, string dimension, CodeInput code)
    {
        var errors = new List<ProblemError>();
        if (code.AnchorExample is { } site && !connection.ExecuteScalar<bool>("select exists (select 1 from published_sites where id = @site)", new { site }))
        {
            errors.Add(BodyCheck.NoSuchValue("/anchorExample", site, connection.Query<string>("select id from published_sites").ToList()));
        }

        var known = connection.Query<string>("select dimension || '.' || key from codes").ToHashSet();
        errors.AddRange((code.Neighbours ?? []).Select((neighbour, i) => (neighbour, i)).Where(pair => !known.Contains(pair.neighbour) || pair.neighbour == Name(dimension, code.Key!))
            .Select(pair => BodyCheck.NoSuchValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/neighbours/{pair.i}"), pair.neighbour, known)));
        return errors.Count > 0 ? Problems.Unprocessable(errors) : null;
    }
}
