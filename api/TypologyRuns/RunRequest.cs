using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>The limits of a run.</summary>
/// <param name="Rows">Largest number of rows of a table or of the inventory.</param>
/// <param name="Cells">Largest product of rows and columns.</param>
/// <param name="Bits">Largest product of rows and distinct codes of all columns. The table stores one bit for each.</param>
/// <param name="Time">Processor time of the computation.</param>
/// <param name="DaysKept">Days until the run and its result are deleted.</param>
internal sealed record RunLimits(int Rows, long Cells, long Bits, TimeSpan Time, int DaysKept)
{
    public static readonly RunLimits Anonymous = new(5_000, 500_000, 25_000_000, TimeSpan.FromSeconds(60), DaysKept: 7);
    public static readonly RunLimits Key = new(200_000, 40_000_000, 4_000_000_000, TimeSpan.FromHours(1), DaysKept: 30);
}

/// <summary>A checked request: the weighted data, and all parameters with defaults filled in.</summary>
internal sealed record RunRequest(DataTable Table, RunParameters Parameters)
{
    private const double UsualCoverage = .5;

    /// <summary>For jackknife, gap and linkage, which need many times the computing time of the clustering itself.</summary>
    private const int MostRowsToCheckFurther = 1_000;

    /// <param name="connection">Connection with one state of the inventory.</param>
    /// <param name="today">Current day, for filters by freshness.</param>
    /// <param name="body">Request body that fits the contract.</param>
    /// <param name="limits">Limits of the caller.</param>
    public static (RunRequest? Request, IResult? Problem) Read(SqliteConnection connection, DateTimeOffset today, JsonElement body, RunLimits limits)
    {
        Database.Database.CheckNotWriting();
        var errors = new List<ProblemError>();
        var source = body.GetProperty("source");
        var isTable = source.GetProperty("kind").GetString() == "table";
        foreach (var name in isTable ? ["filter"] : new[] { "columns", "rows" })
        {
            if (Given(source, name) is not null)
            {
                errors.Add(ProblemError.At("/source/" + name, "contradiction", new(
                    $"Bei kind={(isTable ? "table" : "inventory")} nicht erlaubt.",
                    $"Not allowed with kind={(isTable ? "table" : "inventory")}.")));
            }
        }

        var wanted = Weights(body, errors);
        var filter = Given(source, "filter") is { } given ? given.Deserialize<RunFilter>(WireJson.Options) : null;
        var table = isTable ? FromTable(source, wanted, limits, errors) : FromInventory(connection, today, filter, wanted, limits, errors);
        if (errors.Count > 0)
        {
            return (null, Problems.Unprocessable(errors));
        }

        var coverage = Given(body, "minCoverage")?.GetDouble() ?? UsualCoverage;
        var counted = Comparable.Known(table!, coverage).Table.Count;
        var parameters = new RunParameters
        {
            Source = isTable ? RunSourceKind.Table : RunSourceKind.Inventory,
            Filter = filter,
            Dimensions = [.. table!.Columns.Select(column => new RunDimension { Key = column.Key, Weight = column.Weight })],
            KMin = Integer("kMin") ?? Math.Min(2, Integer("kMax") ?? 2),
            KMax = Integer("kMax") ?? Math.Max(Suggestion.DefaultMost(counted), Integer("kMin") ?? 2),
            Seed = Given(body, "seed")?.GetInt64() ?? 1,
            Restarts = Integer("restarts") ?? 50,
            Bootstrap = Integer("bootstrap") ?? 0,
            Jackknife = Given(body, "jackknife")?.GetBoolean() == true ? true : null,
            Gap = Integer("gap"),
            Linkage = Given(body, "linkage")?.Deserialize<RunLinkage>(WireJson.Options),
            MinCoverage = coverage,
        };
        if (parameters.KMin > parameters.KMax)
        {
            errors.Add(ProblemError.At("/kMin", "order", new("kMin ist größer als kMax.", "kMin is larger than kMax.")));
        }
        else if (counted == 0)
        {
            errors.Add(ProblemError.At("/minCoverage", "no-rows", new(
                "Keine Zeile erreicht diesen Anteil bekannter Werte.",
                "No row has this share of known values.")));
        }
        else if (parameters.KMax > counted)
        {
            errors.Add(ProblemError.At("/kMax", "range", new(
                $"kMax ist zu groß. Die Berechnung verwendet nur {counted} Zeilen.",
                $"kMax is too large. The run uses only {counted} rows.")));
        }

        if (counted > MostRowsToCheckFurther)
        {
            (string Name, object? Value)[] asked = [("jackknife", parameters.Jackknife), ("gap", parameters.Gap), ("linkage", parameters.Linkage)];
            errors.AddRange(asked.Where(check => check.Value is not null).Select(check => ProblemError.At("/" + check.Name, "limit", new(
                $"{counted} Zeilen; damit sind höchstens {MostRowsToCheckFurther} erlaubt.",
                $"{counted} rows; with this at most {MostRowsToCheckFurther} are allowed."))));
        }

        return errors.Count > 0 ? (null, Problems.Unprocessable(errors)) : (new RunRequest(table, parameters), null);

        int? Integer(string name) => Given(body, name)?.GetInt32();
    }

    private static JsonElement? Given(JsonElement body, string name) => body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static Dictionary<string, double>? Weights(JsonElement body, List<ProblemError> errors)
    {
        if (Given(body, "dimensions") is not { } dimensions)
        {
            return null;
        }

        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (dimension, i) in dimensions.EnumerateArray().Select((dimension, i) => (dimension, i)))
        {
            if (!weights.TryAdd(dimension.GetProperty("key").GetString()!, dimension.GetProperty("weight").GetDouble()))
            {
                errors.Add(ProblemError.At($"/dimensions/{i}/key", "repeated", new(
                    "Jede Dimension darf nur einmal vorkommen.",
                    "Each dimension may appear only once.")));
            }
        }

        if (weights.Values.All(weight => weight == 0))
        {
            errors.Add(ProblemError.At("/dimensions", "all-zero", new("Mindestens ein Gewicht muss größer als 0 sein.", "At least one weight must be larger than 0.")));
        }

        return weights;
    }

    /// <summary>Adds an error for each requested dimension that does not exist.</summary>
    private static void CheckKnown(Dictionary<string, double>? wanted, IReadOnlyCollection<string> known, List<ProblemError> errors) =>
        errors.AddRange((wanted?.Keys ?? Enumerable.Empty<string>()).Select((key, i) => (key, i)).Where(pair => !known.Contains(pair.key)).Select(pair => ProblemError.At(
            $"/dimensions/{pair.i}/key", "unknown-value", new(
                $"Es gibt keine Dimension „{pair.key}“.",
                $"There is no dimension \"{pair.key}\"."), NearestName.To(pair.key, known))));

    private static DataTable? FromTable(JsonElement source, Dictionary<string, double>? wanted, RunLimits limits, List<ProblemError> errors)
    {
        if (Given(source, "columns") is not { } columns || Given(source, "rows") is not { } rows)
        {
            errors.Add(ProblemError.At("/source", "missing", new(
                "kind=table braucht „columns“ und „rows“.",
                "kind=table needs `columns` and `rows`.")));
            return null;
        }

        var read = columns.EnumerateArray().Select(column => RunTable.Column(column, wanted is null ? 1 : wanted.GetValueOrDefault(column.GetProperty("key").GetString()!, double.NaN))).ToList();
        foreach (var (column, i) in read.Select((column, i) => (column, i)))
        {
            if (read.Take(i).Any(other => other.Key == column.Key))
            {
                errors.Add(ProblemError.At($"/source/columns/{i}/key", "repeated", new(
                    "Jede Spalte darf nur einmal vorkommen.",
                    "Each column may appear only once.")));
            }

            if ((column.Kind == ColumnKind.Ordinal) != (column.Levels is not null))
            {
                errors.Add(ProblemError.At($"/source/columns/{i}/levels", "contradiction", new(
                    "Nur bei „ordinal“ erlaubt und dort nötig: die Zahl der Stufen.",
                    "Required with `ordinal` and only allowed there: the number of levels.")));
            }

            if (column.Range is not null && column.Kind != ColumnKind.Numeric)
            {
                errors.Add(ProblemError.At($"/source/columns/{i}/range", "contradiction", new(
                    "Nur bei „numeric“ erlaubt.",
                    "Only allowed with `numeric`.")));
            }
        }

        CheckKnown(wanted, [.. read.Select(column => column.Key)], errors);
        CheckSize(rows.GetArrayLength(), limits, "/source/rows", errors);
        if (rows.GetArrayLength() * (long)read.Count is var cells && cells > limits.Cells)
        {
            errors.Add(ProblemError.At(
                "/source/rows", "limit",
                new($"Die Tabelle hat {cells} Zellen (Zeilen mal Spalten). Erlaubt sind {limits.Cells}.",
                $"The table has {cells} cells (rows times columns). {limits.Cells} are allowed.")));
        }

        if (errors.Count > 0)
        {
            return null;
        }

        var table = RunTable.Rows(rows, read, limits, errors);
        // Columns that the request does not choose are checked like the others and then left out.
        return errors.Count > 0 ? null : DataTable.Create([.. read.Where(column => !double.IsNaN(column.Weight))], table);
    }

    private static DataTable? FromInventory(
        SqliteConnection connection, DateTimeOffset today, RunFilter? filter, Dictionary<string, double>? wanted, RunLimits limits, List<ProblemError> errors)
    {
        CheckKnown(wanted, connection.Query<string>("select key from dimensions order by position").ToList(), errors);
        var queryErrors = new List<ProblemError>();
        var conditions = AnchorSiteFilter.Build(Query(filter), today, connection, queryErrors);
        errors.AddRange(queryErrors.Select(error => error with { Pointer = error.Pointer.Replace("/query/", "/source/filter/", StringComparison.Ordinal), Parameter = null }));
        if (errors.Count > 0)
        {
            return null;
        }

        var sites = connection.Query<string>($"select s.id from anchor_sites s {conditions.Where()}", conditions.Parameters()).ToHashSet();
        CheckSize(sites.Count, limits, "/source", errors);
        if (sites.Count == 0)
        {
            errors.Add(ProblemError.At("/source/filter", "no-rows", new(
                "Kein Ankerort passt zu diesem Filter.",
                "No site matches this filter.")));
        }

        return errors.Count > 0 ? null : SiteTable.Read(connection, wanted, sites);
    }

    private static AnchorSiteQuery Query(RunFilter? filter)
    {
        static string[]? Codes(IReadOnlyList<string>? codes) => codes is null ? null : [.. codes];
        return new AnchorSiteQuery(
            Codes(filter?.Goals), Codes(filter?.Contents), Codes(filter?.TargetGroups), Codes(filter?.Formats), Codes(filter?.Spaces), Codes(filter?.Operators), Codes(filter?.Funding), Codes(filter?.Setting),
            Codes(filter?.Type), Codes(filter?.State), Codes(filter?.Municipality), Codes(filter?.Project), Codes(filter?.Status), Codes(filter?.MpscFunded),
            null, null, null, null, null, null, filter?.Q, null, null, null, null, null, null, null);
    }

    private static void CheckSize(int rows, RunLimits limits, string pointer, List<ProblemError> errors)
    {
        if (rows > limits.Rows)
        {
            errors.Add(ProblemError.At(pointer, "limit", new(
                $"Die Auswahl hat {rows} Zeilen. Erlaubt sind {limits.Rows}.",
                $"The selection has {rows} rows. {limits.Rows} are allowed.")));
        }
    }
}
