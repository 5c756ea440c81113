using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>Understands the header of a table of responses, and names all that is wrong with it.</summary>
internal sealed class CsvHeader(ResponseColumns columns, List<ProblemError> errors)
{
    /// <returns>One column a cell; those that were not understood are ignored, and an error says so.</returns>
    public ResponseColumn[] Read(IReadOnlyList<string> header)
    {
        var isLime = header.Any(name => name.Contains('[', StringComparison.Ordinal) || (name is not "id" && LimeSurveyColumns.Meta.Contains(name)));
        var known = new Dictionary<string, ResponseColumn>();
        foreach (var column in isLime ? columns.LimeNames() : columns.Wide)
        {
            known.TryAdd(column.Name, column);
        }

        var read = new ResponseColumn[header.Count];
        var first = new Dictionary<(ColumnRole, UnionItem?, int, string), string>();
        for (var i = 0; i < header.Count; i++)
        {
            var name = header[i].Trim();
            if (!known.TryGetValue(name, out var column))
            {
                AddUnknown(name, i, known.Keys);
                column = new(name, ColumnRole.Ignored);
            }
            // Two names may stand for one column, as codes and short codes do.
            else if (!first.TryAdd((column.Role, column.Item, column.Place, column.Role == ColumnRole.Ignored ? name : ""), name))
            {
                errors.Add(Error("duplicate-column", name, new($"Die Spalte „{name}“ kommt mehrmals vor.", $"The column \"{name}\" occurs more than once.")));
            }

            read[i] = column;
        }

        Need("id", ColumnRole.Id);
        if (!isLime)
        {
            Need("version", ColumnRole.Version);
        }

        return read;

        void Need(string name, ColumnRole role)
        {
            if (!read.Any(column => column.Role == role))
            {
                errors.Add(Error("missing-column", name, new($"Die Spalte „{name}“ fehlt.", $"The column \"{name}\" is missing.")));
            }
        }
    }

    private void AddUnknown(string name, int place, IEnumerable<string> known)
    {
        if (name.Length == 0)
        {
            errors.Add(Error("unknown-column", name, new($"Spalte {place + 1} hat keinen Namen.", $"Column {place + 1} has no name.")));
            return;
        }

        var nearest = Nearest.To(Quote.Short(name), known);
        errors.Add(Error("unknown-column", name, nearest is null
            ? new($"Die Spalte „{Quote.Short(name)}“ ist unbekannt.", $"The column \"{Quote.Short(name)}\" is unknown.")
            : new($"Die Spalte „{Quote.Short(name)}“ ist unbekannt. Gemeint ist vielleicht „{nearest}“.", $"The column \"{Quote.Short(name)}\" is unknown. Did you mean \"{nearest}\"?"), nearest));
    }

    private static ProblemError Error(string code, string column, Text detail, string? suggestion = null) => new("", Quote.Short(column), code, detail, suggestion);
}
