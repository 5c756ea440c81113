using System.Text.Json;
using Dapper;

namespace AnkerOrte.Api.Database;

/// <summary>
/// The conditions of a list. Each optional filter adds one constant SQL fragment with parameters, under the name
/// of the query parameter it serves. Never "(@x is null or …)": SQLite then ignores the index.
/// </summary>
internal sealed class Filter
{
    private readonly List<(string Name, string Sql)> conditions = [];
    private readonly Dictionary<string, object?> values = [];

    public void Add(string name, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        conditions.Add((name, sql));
        foreach (var (parameter, value) in parameters)
        {
            values.Add(parameter, value);
        }
    }

    /// <summary>"where …", or nothing. A facet leaves out the condition it counts.</summary>
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

    /// <summary>Equal for equal filters: totals are kept and cursors are bound by it.</summary>
    public string Key => Where() + JsonSerializer.Serialize(values);
}
