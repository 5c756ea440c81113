using System.Globalization;
using System.Text.Json;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>One row of a file: which site it is about, and what that is to be, given what it is now.</summary>
/// <param name="Problem">Why the row cannot even be read.</param>
internal sealed record BulkRow(string? Id, Func<AnchorSiteInput?, JsonElement> Read, ProblemError? Problem = null)
{
    /// <summary>What the row says and what is wrong with it, where that does not depend on the site.</summary>
    public (AnchorSiteInput? Input, IReadOnlyList<ProblemError> Errors)? Checked { get; init; }
}

/// <summary>Many sites at once. Each row goes the way of a single site; what is wrong with one costs only itself, unless all shall stand or fall together.</summary>
internal sealed class AnchorSiteBulk(Write write, Schema schema)
{
    public const int LargestBody = 20_000_000;

    /// <summary>Errors of a file that was refused as a whole; further ones show the same pattern.</summary>
    private const int MostErrors = 200;

    private readonly HashSet<string> seen = [];

    /// <param name="operation">Says which types are read and how many rows.</param>
    /// <returns>The document that the rows of JSON live in, or what is wrong with the file.</returns>
    /// <param name="row">The schema of a row.</param>
    public static async Task<(IReadOnlyList<BulkRow> Rows, IDisposable? Document, IResult? Problem)> ReadAsync(
        HttpRequest request, Operation operation, Schema row)
    {
        Database.Database.CheckNotWriting();
        if (Bodies.CheckType(request, operation.Bodies.Keys) is { } refused)
        {
            return ([], null, refused);
        }

        var bytes = await Bodies.ReadBytesAsync(request);
        var schema = operation.Bodies[Formats.Json]!;
        if (request.ContentType!.StartsWith(Formats.Csv, StringComparison.OrdinalIgnoreCase))
        {
            var (rows, errors) = await AnchorSiteCsv.ReadAsync(bytes, schema.Items!);
            return errors.Count > 0 ? ([], null, Problems.Invalid(errors)) : (rows, null, CheckCount(schema, rows.Count));
        }

        var (document, problem) = Bodies.Parse(bytes);
        if (document?.RootElement.ValueKind != JsonValueKind.Array)
        {
            document?.Dispose();
            return ([], null, Problems.Invalid([problem ?? ProblemError.At("", "type", new("Erwartet: eine Liste.", "Expected: an array."))]));
        }

        var count = CheckCount(schema, document.RootElement.GetArrayLength());
        return (count is not null ? []
            : [.. document.RootElement.EnumerateArray()
            .Select(item => new BulkRow(FindId(item), _ => item) { Checked = Check(row, item) })], document, count);
    }

    /// <param name="isAtomic">Nothing is stored if one row fails.</param>
    public IResult Put(IReadOnlyList<BulkRow> rows, bool isAtomic)
    {
        var german = Languages.PrefersGerman(write.Http.Request);
        var report = new List<Rows>(rows.Count);
        var errors = new List<ProblemError>();
        foreach (var row in rows)
        {
            write.Connection.Execute("savepoint bulk_row");
            var outcome = Put(row);
            write.Connection.Execute(outcome is Done ? "release bulk_row" : "rollback to bulk_row; release bulk_row");
            var remarks = outcome is Done stored ? stored.Warnings : ((Problem)outcome).Errors;
            report.Add(new Rows
            {
                Row = report.Count + 1,
                Id = outcome is Done { Location: { } address } ? address[(address.LastIndexOf('/') + 1)..] : row.Id,
                Status = outcome switch
                {
                    Done { IsChange: false } => RowsStatus.Unchanged,
                    Done { Status: StatusCodes.Status201Created } => RowsStatus.Created,
                    Done => RowsStatus.Replaced,
                    _ => RowsStatus.Rejected,
                },
                Problems = [.. remarks.Select(remark => remark.ToRemark(german))],
            });
            if (outcome is not Done && errors.Count < MostErrors)
            {
                errors.AddRange(remarks.Select(error => error with { Pointer = string.Create(CultureInfo.InvariantCulture, $"/rows/{report.Count}{error.Pointer}") }));
            }
        }

        if (isAtomic && errors.Count > 0)
        {
            return Problems.Unprocessable(errors);
        }

        var counts = report.CountBy(row => row.Status).ToDictionary();
        var made = new SiteBulkReport
        {
            Created = counts.GetValueOrDefault(RowsStatus.Created),
            Replaced = counts.GetValueOrDefault(RowsStatus.Replaced),
            Unchanged = counts.GetValueOrDefault(RowsStatus.Unchanged),
            Rejected = counts.GetValueOrDefault(RowsStatus.Rejected),
            Rows = report,
        };
        return Done.Changed(WireJson.Write(made)) with { IsTagged = false, IsChange = made.Created + made.Replaced > 0 };
    }

    private IResult Put(BulkRow row)
    {
        if (row.Problem is not null)
        {
            return Problems.Invalid([row.Problem]);
        }

        if (row.Id is not null && !seen.Add(row.Id))
        {
            return Problems.Unprocessable([ProblemError.At("/id", "repeated", new("Der Ort steht schon weiter oben.", "The site stands further up already."))]);
        }

        var before = row.Id is null ? null : AnchorSiteHandlers.Latest(write.Connection, row.Id);
        var (input, errors) = row.Checked ?? Check(schema, row.Read(before));
        if (input is null)
        {
            return Problems.Invalid(errors);
        }

        return before is null ? AnchorSiteHandlers.Create(write, input) : AnchorSiteHandlers.Replace(write, row.Id!, input);
    }

    private static (AnchorSiteInput? Input, IReadOnlyList<ProblemError> Errors) Check(Schema schema, JsonElement value)
    {
        var errors = Bodies.Check(schema, value);
        return (errors.Count > 0 ? null : value.Deserialize<AnchorSiteInput>(WireJson.Options), errors);
    }

    private static string? FindId(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;

    private static IResult? CheckCount(Schema schema, int count) => count >= schema.MinItems && count <= schema.MaxItems ? null : Problems.Invalid(
        [ProblemError.At("", "count", new($"{schema.MinItems} bis {schema.MaxItems} Zeilen, nicht {count}.", $"{schema.MinItems} to {schema.MaxItems} rows, not {count}."))]);
}
