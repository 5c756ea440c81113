namespace AnkerOrte.Api.Analysis;

/// <param name="Groups">For each breakdown the number of the group; -1 for unknown.</param>
/// <param name="Respondent">Number of the respondent, from 0. -1: the respondent sent only this response.</param>
internal readonly record struct CubeMember(IReadOnlyList<int> Groups, int Respondent = -1);

/// <summary>The groups of all tables, their sizes, and the sizes that are too small to be published.</summary>
internal sealed class CubeGroups
{
    private readonly int[][] _members;
    private readonly int[] _respondents;
    private readonly int _respondentCount;

    /// <param name="k">Smallest number of respondents in a group whose size is published.</param>
    /// <param name="earlier">Published sizes of earlier releases, and the members that are new since then.</param>
    public CubeGroups(CubeKeys keys, IReadOnlyList<CubeMember> members, int k, IReadOnlyList<EarlierCube> earlier)
        : this(keys, members)
    {
        HideSmall(k);
        foreach (var release in earlier)
        {
            release.Added = Restrict([.. members.Where((_, member) => release.IsNew[member])], release);
        }

        if (Sizes.Hidden[0][0])
        {
            foreach (var table in keys.Shape.Tables)
            {
                Sizes.Withhold(table.Number);
            }
        }
        else
        {
            new CubeProtection(Sizes, k).Run();
        }

        foreach (var release in earlier)
        {
            release.Added!.HideToo(Sizes);
        }
    }

    private CubeGroups(CubeKeys keys, IReadOnlyList<CubeMember> members)
    {
        Keys = keys;
        _members =
        [
            .. members.Select(member => keys.Breakdowns
                .Select((breakdown, axis) => member.Groups[axis] >= 0 ? member.Groups[axis] : breakdown.Groups.Count)
                .ToArray()),
        ];
        var numbers = new Dictionary<int, int>();
        _respondents = [.. members.Select((member, place) => member.Respondent < 0 ? -1 - place : member.Respondent)
            .Select(respondent => numbers.TryGetValue(respondent, out var known) ? known : numbers[respondent] = numbers.Count)];
        _respondentCount = numbers.Count;
        Sizes = new(keys.Shape, parts: 1, sizes: null) { Respondents = NewSets(1) };
        foreach (var table in keys.Shape.Tables)
        {
            for (var member = 0; member < _members.Length; member++)
            {
                var group = GroupOf(table, member);
                Sizes.Values[table.Number][group]++;
                Sizes.Respondents?.Add(table.Number, group, _respondents[member]);
            }
        }
    }

    public CubeKeys Keys { get; }

    public CubeLayer Sizes { get; }

    public int GroupOf(CubeTable table, int member) => Keys.Shape.GroupOf(table, _members[member]);

    public int RespondentOf(int member) => _respondents[member];

    /// <summary>New empty sets of respondents for a layer; null if nobody sent more than one response.</summary>
    public RespondentSets? NewSets(int parts) => _respondentCount < _members.Length ? new(Keys.Shape, parts, _respondentCount) : null;

    private void HideSmall(int k)
    {
        foreach (var table in Keys.Shape.Tables)
        {
            for (var group = 0; group < table.Groups; group++)
            {
                Sizes.Hidden[table.Number][group] |= Suppression.IsSmall(Sizes.Persons(new(table.Number, group, 0)), k);
            }
        }
    }

    /// <summary>
    /// Returns the groups of the new members alone. Hides sizes whose difference to the earlier release would reveal a small size of
    /// the new members.
    /// </summary>
    private CubeGroups Restrict(List<CubeMember> added, EarlierCube release)
    {
        var groups = new CubeGroups(Keys, added);
        groups.HideSmall(EarlierCube.Minimum);
        release.Restrict(Sizes, groups.Sizes, release.Sizes, zeroSensitive: false);
        return groups;
    }

    private void HideToo(CubeLayer sizes)
    {
        foreach (var table in Keys.Shape.Tables)
        {
            if (sizes.Withheld[table.Number])
            {
                Sizes.Withhold(table.Number);
            }

            for (var group = 0; group < table.Groups; group++)
            {
                Sizes.Hidden[table.Number][group] |= sizes.Hidden[table.Number][group];
            }
        }
    }
}
