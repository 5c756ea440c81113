using System.Runtime.CompilerServices;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Reads responses from CSV, the own wide form or LimeSurvey's, row by row into the same objects that come as JSON.
/// What a cell means is decided here; whether it is right, by <see cref="AnswerRules"/>.
/// </summary>
internal sealed class ResponseCsv(CsvTable table, CsvRowWriter rows, IReadOnlyList<ProblemError> headerErrors) : IDisposable
{
    /// <summary>If there are any, the file as a whole cannot be read.</summary>
    public IReadOnlyList<ProblemError> HeaderErrors => headerErrors;

    /// <param name="current">The version of rows that do not name one; only LimeSurvey's form may leave it out.</param>
    public static async Task<ResponseCsv> OpenAsync(Stream body, ResponseColumns columns, int current)
    {
        var table = await CsvTable.OpenAsync(body, ResponseRow.MostBytes);
        var errors = new List<ProblemError>();
        var header = table.HeaderProblem is null ? new CsvHeader(columns, errors).Read(table.Header) : [];
        return new(table, new CsvRowWriter(header, columns, current), table.HeaderProblem is { } problem ? [problem] : errors);
    }

    public async IAsyncEnumerable<ResponseRow> ReadAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        while (await table.ReadAsync(cancel))
        {
            yield return table.RowProblem is { } problem ? new(table.Row, default, null, [problem]) : rows.Write(table.Row, table);
        }
    }

    public void Dispose()
    {
        rows.Dispose();
        table.Dispose();
    }
}
