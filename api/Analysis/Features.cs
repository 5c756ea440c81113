namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Counts of a code in a group and outside of it, among the records whose dimension is known.
/// </summary>
/// <param name="With">Records in the group with the code.</param>
/// <param name="Without">Records in the group without the code.</param>
/// <param name="OthersWith">Records outside the group with the code.</param>
/// <param name="OthersWithout">Records outside the group without the code.</param>
internal readonly record struct FeatureTable(int With, int Without, int OthersWith, int OthersWithout)
{
    public int Known => With + Without + OthersWith + OthersWithout;

    /// <summary>Share of the group that has the code; null if the dimension is unknown for all members.</summary>
    public double? Share => With + Without == 0 ? null : (double)With / (With + Without);

    /// <summary>Share of all records that have the code; null if the dimension is unknown for all.</summary>
    public double? BaseRate => Known == 0 ? null : (double)(With + OthersWith) / Known;

    /// <summary>Lift: share of the group divided by the share of all records.</summary>
    public double? Lift => Share is { } share && BaseRate is > 0 and { } rate ? share / rate : null;

    /// <summary>Phi coefficient of group and code; null if one of the margins is 0.</summary>
    public double? Phi
    {
        get
        {
            var margins = (double)(With + Without) * (OthersWith + OthersWithout) * (With + OthersWith) * (Without + OthersWithout);
            return margins == 0 ? null : ((double)With * OthersWithout - (double)Without * OthersWith) / Math.Sqrt(margins);
        }
    }

    /// <summary>
    /// The role of the code in the group. `defining`: all members have it and no other record does. `core`: at least 80 % have it.
    /// `typical`: at least 50 %, and lift at least 1.25. `atypical`: less than 10 %. Otherwise `possible`. Null: unknown.
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

/// <summary>A row of the profile of a group.</summary>
internal sealed record CodeFeature(string Dimension, string Code, FeatureTable Table);

/// <summary>The codes that characterise a group.</summary>
internal static class Features
{
    /// <summary>Counts all codes, in the order of the columns and of their codes. Columns without codes are left out.</summary>
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
