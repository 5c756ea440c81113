namespace AnkerOrte.Api.Analysis;

internal enum ResultKind
{
    /// <summary>Single choice: the counts of the codes add up to the size of the group.</summary>
    Single,

    /// <summary>Multiple choice: any number of codes per answer.</summary>
    Multi,
}

/// <param name="Groups">Keys of the groups. <see cref="Unknown"/> is added as the last one.</param>
internal sealed record Breakdown(string Name, IReadOnlyList<string> Groups)
{
    public const string Unknown = "unknown";

    public IReadOnlyList<string> Keys { get; } = [.. Groups, Unknown];
}

/// <param name="Chosen">Numbers of the chosen codes; null if the answer is missing.</param>
/// <param name="Groups">For each breakdown the number of the group; -1 for unknown.</param>
/// <param name="Respondent">Number of the respondent, from 0. -1: the respondent sent only this response.</param>
internal readonly record struct ResultResponse(IReadOnlyList<int>? Chosen, IReadOnlyList<int> Groups, int Respondent = -1);

/// <param name="Keys">One key per breakdown, in the requested order.</param>
/// <param name="Count">Number of answers; null if suppressed.</param>
internal sealed record ResultGroup(IReadOnlyList<string> Keys, int? Count, bool Suppressed);

/// <param name="Share">Count divided by the number of answers in the group; null if suppressed or if nobody answered.</param>
internal sealed record ResultCell(string Code, IReadOnlyList<string> Keys, int? Count, double? Share, bool Suppressed);

/// <param name="MergeCategories">Whether no number of this breakdown can be shown, but could be with fewer, larger groups.</param>
internal sealed record ResultTable(IReadOnlyList<ResultGroup> Groups, IReadOnlyList<ResultCell> Cells, bool MergeCategories);

/// <summary>The thresholds that protect small numbers.</summary>
/// <param name="Cells">Smallest number of respondents of a published number.</param>
/// <param name="Sizes">
/// Smallest number of respondents in a group whose size is published. It is the largest threshold of all questions, because their
/// groups are nearly the same.
/// </param>
/// <param name="ZeroSensitive">Whether the results also hide that nobody, or everybody, in a group gave an answer.</param>
internal sealed record Minimums(int Cells, int Sizes, bool ZeroSensitive = false);

/// <param name="IsNew">Per response of the new release: whether it is new since the earlier release.</param>
/// <param name="HasLeft">Whether the new release lacks responses of the earlier one.</param>
internal sealed record Earlier<T>(T Cube, IReadOnlyList<bool> IsNew, bool HasLeft);

/// <summary>
/// The published results of one question. All tables that can be requested are protected together and once. Therefore all answers
/// of the service hide the same numbers, and no hidden number can be derived from several answers.
/// </summary>
/// <param name="sizes">Number of answers per table and group; null: suppressed.</param>
/// <param name="counts">Per table and group the count of each code; null: suppressed.</param>
internal sealed class ResultCube(CubeKeys keys, IReadOnlyList<string> codes, ResultKind kind, int?[][] sizes, int?[][] counts)
{
    public int?[][] Sizes => sizes;

    public int?[][] Counts => counts;

    /// <param name="earlier">All earlier releases of the question.</param>
    public static ResultCube Build(
        IReadOnlyList<string> codes,
        CubeKeys keys,
        IEnumerable<ResultResponse> responses,
        ResultKind kind,
        Minimums minimums,
        IReadOnlyList<Earlier<ResultCube>>? earlier = null)
    {
        var all = responses.ToArray();
        var answered = all.Where(response => response.Chosen is not null).ToArray();
        EarlierCube[] releases = [.. (earlier ?? []).Select(release => new EarlierCube(
            release.Cube.SizesFor(keys),
            release.Cube.LayersFor(keys, codes, kind),
            [.. release.IsNew.Where((_, response) => all[response].Chosen is not null)],
            release.HasLeft))];
        var members = answered.Select(response => new CubeMember(response.Groups, response.Respondent)).ToArray();
        var groups = new CubeGroups(keys, members, minimums.Sizes, releases);
        var layers = Count(groups, answered, codes.Count, kind);
        var added = releases
            .Select(release => Count(release.Added!, [.. answered.Where((_, response) => release.IsNew[response])], codes.Count, kind))
            .ToArray();
        for (var number = 0; number < layers.Length; number++)
        {
            HideSmall(layers[number], minimums.Cells, minimums.ZeroSensitive);
            foreach (var (release, news) in releases.Zip(added))
            {
                HideSmall(news[number], EarlierCube.Minimum, minimums.ZeroSensitive);
                release.Restrict(layers[number], news[number], release.Layers[number], minimums.ZeroSensitive);
            }

            new CubeProtection(layers[number], minimums.Cells, minimums.ZeroSensitive).Run();
        }

        return new(
            keys, codes, kind,
            [.. keys.Shape.Tables.Select(
                table => Groups(table).Select(group => Shown(groups.Sizes, new(table.Number, group, 0))).ToArray())],
            [.. keys.Shape.Tables.Select(table => Groups(table).SelectMany(group => codes.Select((_, code) => kind == ResultKind.Single
                ? Shown(layers[0], new(table.Number, group, code))
                : Shown(layers[code], new(table.Number, group, 0)))).ToArray())]);

        static IEnumerable<int> Groups(CubeTable table) => Enumerable.Range(0, table.Groups);
    }

    /// <param name="by">Names of zero to two breakdowns.</param>
    public ResultTable Answer(params IReadOnlyList<string> by)
    {
        var (table, rows) = keys.Find(by);
        var (groupSizes, codeCounts) = (sizes[table.Number], counts[table.Number]);
        var cells = rows.SelectMany(row => codes.Select((code, number) => codeCounts[(row.Group * codes.Count) + number] is { } count
            ? new ResultCell(code, row.Keys, count, groupSizes[row.Group] is > 0 and var size ? (double)count / size : null, false)
            : new ResultCell(code, row.Keys, null, null, true))).ToArray();
        return new(
            [.. rows.Select(row => new ResultGroup(row.Keys, groupSizes[row.Group], groupSizes[row.Group] is null))],
            cells,
            cells.Length > 0 && cells.All(cell => cell.Suppressed));
    }

    /// <summary>A copy in which all numbers of some tables are suppressed.</summary>
    public ResultCube Without(IReadOnlySet<int> tables) => new(keys, codes, kind, sizes.Without(tables), counts.Without(tables));

    private static CubeLayer[] Count(CubeGroups groups, ResultResponse[] answered, int codes, ResultKind kind)
    {
        var layers = kind == ResultKind.Single
            ? [new CubeLayer(groups.Keys.Shape, codes, groups.Sizes) { Respondents = groups.NewSets(codes) }]
            : Enumerable.Range(0, codes)
                .Select(_ => new CubeLayer(groups.Keys.Shape, 2, groups.Sizes, coupled: true) { Respondents = groups.NewSets(2) })
                .ToArray();
        foreach (var table in groups.Keys.Shape.Tables)
        {
            for (var response = 0; response < answered.Length; response++)
            {
                var group = groups.GroupOf(table, response);
                var chosen = answered[response].Chosen!;
                if (kind == ResultKind.Single)
                {
                    Add(layers[0], (group * codes) + chosen[0]);
                    continue;
                }

                for (var code = 0; code < codes; code++)
                {
                    Add(layers[code], (group * 2) + (chosen.Contains(code) ? 0 : 1));
                }

                void Add(CubeLayer layer, int index)
                {
                    layer.Values[table.Number][index]++;
                    layer.Respondents?.Add(table.Number, index, groups.RespondentOf(response));
                }
            }
        }

        return layers;
    }

    private static void HideSmall(CubeLayer layer, int k, bool zeroSensitive)
    {
        foreach (var table in layer.Shape.Tables)
        {
            for (var group = 0; group < table.Groups; group++)
            {
                if (layer.IsHiddenGroup(table.Number, group))
                {
                    layer.HideGroup(table.Number, group);
                    continue;
                }

                var size = layer.Sizes.Values[table.Number][group];
                for (var part = 0; part < layer.Parts; part++)
                {
                    var cell = new CubeCell(table.Number, group, part);
                    var count = layer.Value(cell);
                    if (Suppression.IsSmall(layer.Persons(cell), k) || (zeroSensitive && size > 0 && (count == 0 || count == size)))
                    {
                        layer.Hide(cell);
                    }
                }
            }
        }
    }

    private static int? Shown(CubeLayer layer, CubeCell cell) => layer.IsHidden(cell) ? null : (int)layer.Value(cell);

    private double?[][] SizesFor(CubeKeys other) => other.PlacesIn(keys).Select((groups, table) =>
        groups.Select(group => group < 0 ? 0 : (double?)sizes[table][group]).ToArray()).ToArray();

    private double?[][][] LayersFor(CubeKeys other, IReadOnlyList<string> named, ResultKind asked)
    {
        var groups = other.PlacesIn(keys);
        var places = named.Select(code => codes.ToList().IndexOf(code)).ToArray();
        return asked == ResultKind.Single
            ? [Tables((table, group) => places.Select(place => Count(table, group, place)))]
            : [.. places.Select(place => Tables((table, group) => [Count(table, group, place), Rest(table, group, place)]))];

        double?[][] Tables(Func<int, int, IEnumerable<double?>> parts) =>
            [.. groups.Select((found, table) => found.SelectMany(group => parts(table, group)).ToArray())];

        double? Count(int table, int group, int place) => group < 0 || place < 0 ? 0 : counts[table][(group * codes.Count) + place];

        double? Rest(int table, int group, int place) => group < 0 ? 0 : sizes[table][group] - Count(table, group, place);
    }
}
