using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Database;

/// <summary>
/// A connection that keeps the statements it has run through <see cref="PreparedStatements"/>. Preparing a short statement takes
/// SQLite several times as long as running it.
/// </summary>
internal sealed class PreparedConnection(string connectionString) : SqliteConnection(connectionString)
{
    private readonly Dictionary<string, SqliteCommand> commands = [];

    public SqliteCommand Command(string sql)
    {
        if (!commands.TryGetValue(sql, out var command))
        {
            commands[sql] = command = CreateCommand();
            command.CommandText = sql;
        }

        return command;
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var command in commands.Values)
        {
            command.Dispose();
        }

        commands.Clear();
        base.Dispose(disposing);
    }
}

/// <summary>
/// Runs the few statements that every posted response and every key check need. On a <see cref="PreparedConnection"/> they stay
/// prepared; Dapper cannot do that, because it makes a new command each time. On other connections they run like any statement.
/// </summary>
internal static class PreparedStatements
{
    /// <summary>Runs a statement and returns the number of changed rows.</summary>
    public static int Run(this SqliteConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (connection is PreparedConnection prepared)
        {
            return Bind(prepared.Command(sql), values).ExecuteNonQuery();
        }

        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Bind(command, values).ExecuteNonQuery();
    }

    /// <summary>Returns all rows of a query.</summary>
    public static List<T> ReadAll<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (connection is PreparedConnection prepared)
        {
            return Read(Bind(prepared.Command(sql), values), read);
        }

        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Read(Bind(command, values), read);
    }

    /// <summary>Returns the only row of a query, or the default if there is none.</summary>
    public static T? ReadOne<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<(string Name, object? Value)> values) =>
        connection.ReadAll(sql, read, values) is [var only] ? only : default;

    public static string? Text(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static List<T> Read<T>(SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private static SqliteCommand Bind(SqliteCommand command, ReadOnlySpan<(string Name, object? Value)> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i].Value ?? DBNull.Value;
            if (i < command.Parameters.Count)
            {
                // A statement is always called with the same parameters in the same order.
                command.Parameters[i].Value = value;
            }
            else
            {
                command.Parameters.AddWithValue(values[i].Name, value);
            }
        }

        return command;
    }
}
