namespace AnkerOrte.Api.Analysis;

/// <summary>
/// Published numbers of an earlier release of the same question. Readers can subtract them from the next release. Therefore the
/// differences are protected like a table of their own: the table of the responses that are new since then.
/// </summary>
/// <param name="Sizes">Published sizes of groups, per table of the new cube; null: suppressed.</param>
/// <param name="Layers">Published numbers, per layer and table of the new cube; null: suppressed.</param>
/// <param name="IsNew">Per member of the new cube: whether it is new since the earlier release.</param>
/// <param name="HasLeft">Whether the new release lacks members of the earlier one.</param>
internal sealed record EarlierCube(double?[][] Sizes, double?[][][] Layers, IReadOnlyList<bool> IsNew, bool HasLeft)
{
    /// <summary>Smallest number of respondents by which a published number may differ between two releases.</summary>
    public const int Minimum = 5;

    private const double Rounding = 1e-9;

    /// <summary>The groups of the new members.</summary>
    public CubeGroups? Added { get; set; }

    /// <summary>Hides numbers of a layer whose difference to this release is a small number.</summary>
    /// <param name="layer">The layer of the new release. Its small numbers are hidden already.</param>
    /// <param name="added">The same layer for the new members alone. Its small numbers are hidden already.</param>
    /// <param name="published">The published numbers of this release.</param>
    public void Restrict(CubeLayer layer, CubeLayer added, double?[][] published, bool zeroSensitive)
    {
        foreach (var table in layer.Shape.Tables)
        {
            var wasShown = published[table.Number].Any(value => value is not null);
            foreach (var (cell, value) in Cells(layer, table, published))
            {
                if (value is null)
                {
                    added.Hide(cell);
                    // Without this, two releases could hide different neighbours of the same small number.
                    if (wasShown && added.Persons(cell) < Minimum && layer.Sizes.Values[table.Number][cell.Group] > 0)
                    {
                        layer.Hide(cell);
                    }
                }
                else if (HasLeft && IsRevealing(layer.Value(cell) - value.Value, added.Persons(cell), layer.Largest is null))
                {
                    added.Hide(cell);
                }
            }
        }

        if (added.IsSizes && added.Hidden[0][0])
        {
            foreach (var table in layer.Shape.Tables)
            {
                added.Withhold(table.Number);
            }
        }
        else
        {
            new CubeProtection(added, Minimum, zeroSensitive, keepsZeros: true).Run();
        }

        foreach (var table in layer.Shape.Tables)
        {
            foreach (var (cell, value) in Cells(layer, table, published))
            {
                if (value is not null && added.IsHidden(cell))
                {
                    layer.Hide(cell);
                }
            }
        }
    }

    /// <summary>
    /// Whether a difference may reveal the answers of respondents who were removed: it is small, or it contains too few new respondents
    /// to hide them. The number of removed respondents is no longer known.
    /// </summary>
    private static bool IsRevealing(double difference, double added, bool isCount) =>
        Math.Abs(difference) > Rounding && (added < Minimum || (isCount && Math.Abs(difference) < Minimum));

    private static IEnumerable<(CubeCell Cell, double? Value)> Cells(CubeLayer layer, CubeTable table, double?[][] published) =>
        published[table.Number].Select((value, index) => (new CubeCell(table.Number, index / layer.Parts, index % layer.Parts), value));
}
