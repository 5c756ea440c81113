namespace AnkerOrte.Api.Analysis;

internal enum ResultKind
{
    /// <summary>Each chose exactly one code: the codes add up to the group.</summary>
    Single,

    /// <summary>Each chose any number of codes.</summary>
    Multi,
}

/// <param name="Groups">Keys of the groups; <see cref="Unknown"/> is added as the last one.</param>
internal sealed record Breakdown(string Name, IReadOnlyList<string> Groups)
{
    public const string Unknown = "unknown";

    public IReadOnlyList<string> Keys { get; } = [.. Groups, Unknown];
}

/// <param name="Chosen">Numbers of the chosen codes; null if the answer is missing.</param>
/// <param name="Groups">For each breakdown the number of the group; -1 for unknown.</param>
internal readonly record struct ResultResponse(IReadOnlyList<int>? Chosen, IReadOnlyList<int> Groups);

/// <param name="Keys">One key per breakdown, in the order asked for.</param>
/// <param name="Count">How many answered; null if suppressed.</param>
internal sealed record ResultGroup(IReadOnlyList<string> Keys, int? Count, bool Suppressed);

/// <param name="Share">Count by the group's number of answers; null if suppressed or if nobody answered.</param>
internal sealed record ResultCell(string Code, IReadOnlyList<string> Keys, int? Count, double? Share, bool Suppressed);

/// <param name="MergeCategories">Nothing of this breakdown can be shown; with fewer, larger groups it could.</param>
internal sealed record ResultTable(IReadOnlyList<ResultGroup> Groups, IReadOnlyList<ResultCell> Cells, bool MergeCategories);

/// <summary>
/// The published results of one question. All tables that can be asked for are decided together and once, so that no two
/// answers differ in what they hide and no hidden number follows from several answers.
/// </summary>
internal sealed class ResultCube
{
    private readonly CubeGroups _groups;
    private readonly IReadOnlyList<string> _codes;
    private readonly CubeLayer[] _layers;
    private readonly ResultKind _kind;

    private ResultCube(CubeGroups groups, IReadOnlyList<string> codes, CubeLayer[] layers, ResultKind kind) =>
        (_groups, _codes, _layers, _kind) = (groups, codes, layers, kind);

    /// <param name="zeroSensitive">Also hides that nobody, or everybody, in a group chose a code.</param>
    public static ResultCube Build(
        IReadOnlyList<string> codes, IReadOnlyList<Breakdown> breakdowns, IEnumerable<ResultResponse> responses, ResultKind kind, int k, bool zeroSensitive = false)
    {
        var answered = responses.Where(response => response.Chosen is not null).ToArray();
        var groups = new CubeGroups(breakdowns, [.. answered.Select(response => response.Groups)], k);
        var layers = kind == ResultKind.Single
            ? [new CubeLayer(groups.Shape, codes.Count, groups.Sizes)]
            : codes.Select(_ => new CubeLayer(groups.Shape, 2, groups.Sizes, coupled: true)).ToArray();

        foreach (var table in groups.Shape.Tables)
        {
            for (var response = 0; response < answered.Length; response++)
            {
                var group = groups.GroupOf(table, response);
                var chosen = answered[response].Chosen!;
                if (kind == ResultKind.Single)
                {
                    layers[0].Values[table.Number][(group * codes.Count) + chosen[0]]++;
                    continue;
                }

                for (var code = 0; code < layers.Length; code++)
                {
                    layers[code].Values[table.Number][(group * 2) + (chosen.Contains(code) ? 0 : 1)]++;
                }
            }
        }

        foreach (var layer in layers)
        {
            HideSmall(layer, k, zeroSensitive);
            new CubeProtection(layer, k, zeroSensitive).Run();
        }

        return new(groups, codes, layers, kind);
    }

    /// <param name="by">No, one or two names of breakdowns.</param>
    public ResultTable Answer(params IReadOnlyList<string> by)
    {
        var found = _groups.Find(by);
        var cells = found.Rows.SelectMany(row => _codes.Select((code, number) =>
        {
            var (layer, part) = _kind == ResultKind.Single ? (_layers[0], number) : (_layers[number], 0);
            var cell = new CubeCell(found.Table.Number, row.Group, part);
            var size = _groups.Sizes.Values[found.Table.Number][row.Group];
            return layer.IsHidden(cell)
                ? new ResultCell(code, row.Keys, null, null, true)
                : new ResultCell(code, row.Keys, (int)layer.Value(cell), size > 0 ? layer.Value(cell) / size : null, false);
        })).ToArray();
        return new([.. found.Rows.Select(row => _groups.Group(found.Table, row))], cells, cells.Length > 0 && cells.All(cell => cell.Suppressed));
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
                    if (Suppression.IsSmall(count, k) || (zeroSensitive && size > 0 && (count == 0 || count == size)))
                    {
                        layer.Hide(cell);
                    }
                }
            }
        }
    }
}
