using System.Text.Encodings.Web;
using System.Text.Json;

namespace AnkerOrte.Api.Database;

/// <summary>
/// Passes many rows as one parameter. A statement reads the rows with `from json_each(@rows)` and the columns with `value ->> 0`,
/// `value ->> 1` and so on. One statement for ten thousand rows takes a fifth of the time of ten thousand statements.
/// </summary>
internal static class RowSet
{
    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(IEnumerable<object?[]> rows) => JsonSerializer.Serialize(rows, Options);
}
