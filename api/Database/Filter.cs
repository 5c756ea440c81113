using System.Text.Json;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// The conditions of a list. Each filter that a request uses adds one constant SQL fragment with parameters, under the name of
/// its query parameter. Do not write "(@x is null or …)": SQLite would then ignore the index.
/// </summary>
internal sealed class Filter
{
    private readonly List<(string Name, string Sql)> conditions = [];
    private readonly Dictionary<string, object?> values = [];
    private (int Index, string Column, string Select)? found;

    public void Add(string name, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        conditions.Add((name, sql));
        foreach (var (parameter, value) in parameters)
        {
            values.Add(parameter, value);
        }
    }

    /// <summary>Adds the condition that a column is among the results of a query, which <see cref="FindOnce"/> can run ahead.</summary>
    public void AddFound(string name, string column, string select, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        found = (conditions.Count, column, select);
        Add(name, Among(column, select), parameters);
    }

    /// <summary>
    /// Runs the query of <see cref="AddFound"/> now, so that several statements with this filter do not run it again each. Its results
    /// lie in a temporary table, which ends with the transaction of the connection.
    /// </summary>
    public void FindOnce(SqliteConnection connection)
    {
        if (found is var (index, column, select))
        {
            connection.Execute(
                $"""
                create temporary table found (key primary key) without rowid;
                insert into found {select};
                """, Parameters());
            conditions[index] = (conditions[index].Name, Among(column, "select key from temp.found"));
        }
    }

    /// <summary>"where …", or an empty string. A facet leaves out its own condition.</summary>
    public string Where(string? without = null, string? and = null)
    {
        var parts = conditions.Where(condition => condition.Name != without).Select(condition => condition.Sql);
        if (!string.IsNullOrEmpty(and))
        {
            parts = parts.Append(and);
        }

        var joined = string.Join("\n  and ", parts);
        return joined.Length == 0 ? "" : "where " + joined;
    }

    public DynamicParameters Parameters(params ReadOnlySpan<(string Name, object? Value)> more)
    {
        var parameters = new DynamicParameters();
        foreach (var (name, value) in values)
        {
            parameters.Add(name, value);
        }

        foreach (var (name, value) in more)
        {
            parameters.Add(name, value);
        }

        return parameters;
    }

    /// <summary>The same text for the same conditions and values. It keys cached totals and ties a cursor to its filter.</summary>
    public string Key => Where() + JsonSerializer.Serialize(values);

    private static string Among(string column, string select) => $"{column} in ({select})";
}
