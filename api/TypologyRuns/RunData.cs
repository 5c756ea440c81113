using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>The data of a run as canonical JSON: columns in their order, rows and codes in ordinal order, without unknown values.</summary>
internal static class RunData
{
    public static byte[] Write(DataTable table)
    {
        Database.Database.CheckNotWriting();
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = WireJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteStartArray("columns");
            foreach (var column in table.Columns)
            {
                json.WriteStartObject();
                json.WriteString("key", column.Key);
                json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(column.Kind.ToString()));
                if (column.Levels is { } levels)
                {
                    json.WriteNumber("levels", levels);
                }

                if (column.Range is { } range)
                {
                    json.WriteNumber("range", range);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("rows");
            for (var row = 0; row < table.Count; row++)
            {
                json.WriteStartObject();
                json.WriteString("id", table.Ids[row]);
                json.WriteStartObject("values");
                for (var column = 0; column < table.Columns.Count; column++)
                {
                    if (table.Coded[column].Known[row])
                    {
                        json.WritePropertyName(table.Columns[column].Key);
                        WriteValue(json, table, column, row);
                    }
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    public static string Hash(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));

    public static byte[] Compress(byte[] data)
    {
        Database.Database.CheckNotWriting();
        using var buffer = new MemoryStream();
        using (var brotli = new BrotliStream(buffer, CompressionLevel.Fastest))
        {
            brotli.Write(data);
        }

        return buffer.ToArray();
    }

    /// <summary>Reads the table back, with the weights of the run.</summary>
    public static DataTable Read(byte[] compressed, IReadOnlyDictionary<string, double> weights)
    {
        Database.Database.CheckNotWriting();
        using var brotli = new BrotliStream(new MemoryStream(compressed), CompressionMode.Decompress);
        using var document = JsonDocument.Parse(brotli);
        var columns = document.RootElement.GetProperty("columns").EnumerateArray().Select(column => RunTable.Column(column, weights.GetValueOrDefault(column.GetProperty("key").GetString()!))).ToList();
        var byKey = RunTable.ByKey(columns);
        return DataTable.Create(
            columns, document.RootElement.GetProperty("rows").EnumerateArray().Select(row => RunTable.Row(row, byKey, "", [])));
    }

    private static void WriteValue(Utf8JsonWriter json, DataTable table, int column, int row)
    {
        var number = table.Coded[column].Numbers[row];
        switch (table.Columns[column].Kind)
        {
            case ColumnKind.Multi:
                json.WriteStartArray();
                foreach (var code in table.CodesOf(column, row)!)
                {
                    json.WriteStringValue(code);
                }

                json.WriteEndArray();
                break;
            case ColumnKind.Nominal:
                // An empty list means explicitly none.
                if (table.CodesOf(column, row) is [var only])
                {
                    json.WriteStringValue(only);
                }
                else
                {
                    json.WriteStartArray();
                    json.WriteEndArray();
                }

                break;
            case ColumnKind.BinaryAsymmetric or ColumnKind.BinarySymmetric:
                json.WriteBooleanValue(number == 1);
                break;
            default:
                json.WriteNumberValue(number);
                break;
        }
    }
}
