using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.SurveyResults;

/// <summary>The published numbers of one question in all tables of a release, as they are stored.</summary>
/// <param name="About">The question; `withheld` depends on the breakdown and is always false here.</param>
/// <param name="Codes">Codes that are counted; empty for numbers.</param>
/// <param name="Sizes">How many answered, per table and group; null: suppressed.</param>
/// <param name="Counts">Per table: for each group the count of each code; null: suppressed. Absent for numbers.</param>
/// <param name="Means">Per table and group; null: suppressed, or nobody answered. Absent for codes.</param>
internal sealed record PublishedItem(
    ResultItem About, bool IsMulti, IReadOnlyList<PublishedCode> Codes, int?[][] Sizes, int?[][]? Counts, double?[][]? Means)
{
    public static PublishedItem Of(ResultItem about, IReadOnlyList<PublishedCode> codes, bool isMulti, ResultCube cube) =>
        new(about, isMulti, codes, cube.Sizes, cube.Counts, null);

    public static PublishedItem Of(ResultItem about, NumberCube cube) => new(about, false, [], cube.Sizes, null, cube.Means);

    public ResultCube? ToCounts(CubeKeys keys) =>
        Counts is null ? null
            : new(keys, [.. Codes.Select(code => code.Code)], IsMulti ? ResultKind.Multi : ResultKind.Single, Sizes, Counts);

    public NumberCube? ToNumbers(CubeKeys keys) => Means is null ? null : new(keys, Sizes, Means);

    /// <summary>Whether any number of any table is published.</summary>
    public bool HasNumbers => Sizes.Any(table => table.Any(size => size is not null));

    /// <summary>The question and its cells, broken down by no, one or two names.</summary>
    public (ResultItem Item, IEnumerable<Contracts.ResultCell> Cells) Answer(CubeKeys keys, IReadOnlyList<string> by)
    {
        if (ToNumbers(keys) is { } numbers)
        {
            var means = numbers.Answer(by);
            return (About with { Withheld = means.MergeCategories }, means.Cells.SelectMany(cell => new[]
            {
                Cell(null, by, cell.Keys, cell.Count, cell.CountSuppressed),
                Cell("mean", by, cell.Keys, null, cell.MeanSuppressed) with { Mean = cell.Mean is { } mean ? Math.Round(mean, 2) : null },
            }));
        }

        var labels = Codes.ToDictionary(code => code.Code, code => code.Label);
        var table = ToCounts(keys)!.Answer(by);
        return (About with { Withheld = table.MergeCategories },
        [
            .. table.Groups.Select(group => Cell(null, by, group.Keys, group.Count, group.Suppressed)),
            .. table.Cells.Select(cell => Cell(cell.Code, by, cell.Keys, cell.Count, cell.Suppressed) with
            {
                Share = cell.Share is { } share ? Math.Round(share, 4) : null,
                Label = labels[cell.Code],
            }),
        ]);
    }

    /// <param name="keys">The groups, one for each name in <paramref name="by"/>.</param>
    private Contracts.ResultCell Cell(string? code, IReadOnlyList<string> by, IReadOnlyList<string> keys, long? count, bool suppressed)
    {
        return new()
        {
            Item = About.Item,
            Row = About.Row,
            Code = code,
            State = Key("state"),
            PopulationClass = Key("populationClass"),
            Cohort = Key("cohort"),
            Type = Key("type"),
            Count = count,
            Share = null,
            Suppressed = suppressed,
        };

        string? Key(string name)
        {
            for (var place = 0; place < by.Count; place++)
            {
                if (by[place] == name)
                {
                    return keys[place];
                }
            }

            return null;
        }
    }
}

/// <summary>Everything that a release publishes. The journal keeps it, so that a restored backup neither loses nor changes it.</summary>
internal sealed record PublishedRelease(
    long Responses, bool Final, IReadOnlyList<PublishedBreakdown> Breakdowns, IReadOnlyList<PublishedItem> Items, string? Author,
        string CreatedAt);

internal sealed record PublishedCode(string Code, LocalizedText? Label);

/// <summary>A breakdown as it is stored with a release.</summary>
internal sealed record PublishedBreakdown(string Name, IReadOnlyList<string> Groups)
{
    public static CubeKeys Read(string json) =>
        new([.. WireJson.Read<List<PublishedBreakdown>>(json).Select(breakdown => new Breakdown(breakdown.Name, breakdown.Groups))]);

    public static IReadOnlyList<PublishedBreakdown> Of(CubeKeys keys) =>
        [.. keys.Breakdowns.Select(breakdown => new PublishedBreakdown(breakdown.Name, breakdown.Groups))];
}
