namespace AnkerOrte.Api.Analysis;

/// <summary>
/// A code in a group and outside of it, among those of which the dimension is known.
/// </summary>
/// <param name="With">In the group, with the code.</param>
/// <param name="Without">In the group, without it.</param>
/// <param name="OthersWith">Outside, with it.</param>
/// <param name="OthersWithout">Outside, without it.</param>
internal readonly record struct FeatureTable(int With, int Without, int OthersWith, int OthersWithout)
{
    public int Known => With + Without + OthersWith + OthersWithout;

    /// <summary>Share of the group that has the code; null if the dimension is known of no member.</summary>
    public double? Share => With + Without == 0 ? null : (double)With / (With + Without);

    /// <summary>Share of all.</summary>
    public double? BaseRate => Known == 0 ? null : (double)(With + OthersWith) / Known;

    /// <summary>How many times as frequent in the group as among all.</summary>
    public double? Lift => Share is { } share && BaseRate is > 0 and { } rate ? share / rate : null;

    /// <summary>Correlation of group and code; null if one of the margins is empty.</summary>
    public double? Phi
    {
        get
        {
            var margins = (double)(With + Without) * (OthersWith + OthersWithout) * (With + OthersWith) * (Without + OthersWithout);
            return margins == 0 ? null : ((double)With * OthersWithout - (double)Without * OthersWith) / Math.Sqrt(margins);
        }
    }

    /// <summary>
    /// What the code is to the group: `defining` all have it and nobody else does, `core` 80 % and more, `typical` half and at least
    /// 1.25 times as often as all, `atypical` below 10 %, else `possible`. Null: not known.
    /// </summary>
    public string? Role => Share switch
    {
        null => null,
        1 when OthersWith == 0 => "defining",
        >= .8 => "core",
        >= .5 when Lift >= 1.25 => "typical",
        < .1 => "atypical",
        _ => "possible",
    };
}

/// <summary>A row of a profile.</summary>
internal sealed record CodeFeature(string Dimension, string Code, FeatureTable Table);

/// <summary>Which codes make a group.</summary>
internal static class Features
{
    /// <summary>All codes of the dimensions that have codes, in the order of the columns and of their codes.</summary>
    /// <param name="table">The records.</param>
    /// <param name="isMember">Whether a record belongs to the group.</param>
    public static IReadOnlyList<CodeFeature> Describe(DataTable table, Func<int, bool> isMember)
    {
        var members = Enumerable.Range(0, table.Count).Select(isMember).ToArray();
        var features = new List<CodeFeature>();
        for (var c = 0; c < table.Columns.Count; c++)
        {
            for (var code = 0; code < table.Coded[c].Codes.Count; code++)
            {
                int with = 0, without = 0, othersWith = 0, othersWithout = 0;
                for (var row = 0; row < table.Count; row++)
                {
                    if (!table.Coded[c].Known[row])
                    {
                        continue;
                    }

                    switch (members[row], table.Has(c, row, code))
                    {
                        case (true, true): with++; break;
                        case (true, false): without++; break;
                        case (false, true): othersWith++; break;
                        default: othersWithout++; break;
                    }
                }

                features.Add(new CodeFeature(table.Columns[c].Key, table.Coded[c].Codes[code], new(with, without, othersWith, othersWithout)));
            }
        }

        return features;
    }
}
