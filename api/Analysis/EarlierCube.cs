namespace AnkerOrte.Api.Analysis;

/// <summary>
/// What an earlier release published of the same question. Readers can subtract it from the next release, so the differences
/// are protected like a table of their own: that of the responses which are new since.
/// </summary>
/// <param name="Sizes">Published sizes of the groups, per table of the new cube; null: suppressed.</param>
/// <param name="Layers">Published numbers, per layer and table of the new cube; null: suppressed.</param>
/// <param name="IsNew">Per member of the new cube.</param>
/// <param name="HasLeft">Whether members of the earlier release are missing in the new one.</param>
internal sealed record EarlierCube(double?[][] Sizes, double?[][][] Layers, IReadOnlyList<bool> IsNew, bool HasLeft)
{
    /// <summary>Fewest respondents by whom a published number may differ between two releases.</summary>
    public const int Minimum = 5;

    private const double Rounding = 1e-9;

    /// <summary>The groups of the new members.</summary>
    public CubeGroups? Added { get; set; }

    /// <summary>Hides numbers of a layer that would reveal too little by their difference to this release.</summary>
    /// <param name="layer">The new release; its small numbers are hidden already.</param>
    /// <param name="added">The same numbers of the new members; the small ones are hidden already.</param>
    /// <param name="published">The numbers of this release.</param>
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
                    // Otherwise two releases could hide different neighbours of the same small number.
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
    /// Whether a difference may show the answers of those who left: it is small, or fewer new respondents than the minimum are in it
    /// to hide them. How many respondents left is not known any more.
    /// </summary>
    private static bool IsRevealing(double difference, double added, bool isCount) =>
        Math.Abs(difference) > Rounding && (added < Minimum || (isCount && Math.Abs(difference) < Minimum));

    private static IEnumerable<(CubeCell Cell, double? Value)> Cells(CubeLayer layer, CubeTable table, double?[][] published) =>
        published[table.Number].Select((value, index) => (new CubeCell(table.Number, index / layer.Parts, index % layer.Parts), value));
}
