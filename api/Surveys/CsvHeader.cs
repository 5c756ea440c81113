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
            var name = header[i];
            if (!known.TryGetValue(name, out var column))
            {
                errors.Add(CsvHeading.Unknown(name, i, known.Keys));
                column = new(name, ColumnRole.Ignored);
            }
            // Two names may stand for one column, as codes and short codes do.
            else if (!first.TryAdd((column.Role, column.Item, column.Place, column.Role == ColumnRole.Ignored ? name : ""), name))
            {
                errors.Add(CsvHeading.Repeated(name));
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
                errors.Add(CsvHeading.Missing(name));
            }
        }
    }
}
