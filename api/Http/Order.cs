using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace AnkerOrte.Api.Http;

/// <summary>A sort key as SQL; where a missing value must come last in both directions the two differ.</summary>
internal sealed record SortKey(string Ascending, string Descending)
{
    public SortKey(string expression) : this(expression, expression) { }
}

/// <summary>
/// The total order of a list and the place in it where a page begins (keyset paging): a record that is added or
/// removed elsewhere never moves another one across a page border.
/// </summary>
internal sealed class Order
{
    private readonly List<(string Sql, bool Descends)> keys;

    /// <param name="sort">Names from the contract, "-" descends.</param>
    /// <param name="unique">What tells records apart that are otherwise equal; it follows the last direction.</param>
    public Order(IReadOnlyList<string> sort, IReadOnlyDictionary<string, SortKey> known, string unique)
    {
        keys = [.. sort.Select(name => name.StartsWith('-') ? (known[name[1..]].Descending, true) : (known[name].Ascending, false))];
        if (keys.All(key => key.Sql != unique))
        {
            keys.Add((unique, keys.Count > 0 && keys[^1].Descends));
        }
    }

    public string OrderBy => string.Join(", ", keys.Select(key => key.Descends ? key.Sql + " desc" : key.Sql));

    /// <summary>The place of a record, as SQL that makes a JSON array.</summary>
    public string Place => $"json_array({string.Join(", ", keys.Select(key => key.Sql))})";

    /// <summary>The condition "behind this place". One direction throughout is a row value, which an index can follow.</summary>
    public string After()
    {
        if (keys.All(key => key.Descends == keys[0].Descends))
        {
            var places = string.Join(", ", keys.Select((_, i) => "@place" + i));
            return $"({string.Join(", ", keys.Select(key => key.Sql))}) {(keys[0].Descends ? '<' : '>')} ({places})";
        }

        var condition = "";
        for (var i = keys.Count - 1; i >= 0; i--)
        {
            var (sql, descends) = keys[i];
            var beyond = $"{sql} {(descends ? '<' : '>')} @place{i}";
            condition = condition.Length == 0 ? beyond : $"({beyond} or ({sql} = @place{i} and {condition}))";
        }

        return condition;
    }

    /// <summary>An opaque cursor: the place, sealed against damage and against use on another list.</summary>
    public string WriteCursor(string place, string listKey) =>
        Base64Url.EncodeToString([.. Seal(place, listKey), .. Encoding.UTF8.GetBytes(place)]);

    /// <summary>The values of the place, or null if the cursor is not one of this list.</summary>
    public IReadOnlyList<object>? ReadCursor(string cursor, string listKey)
    {
        Span<byte> bytes = stackalloc byte[1000];
        if (!Base64Url.IsValid(cursor) || !Base64Url.TryDecodeFromChars(cursor, bytes, out var length) || length <= 8)
        {
            return null;
        }

        var place = Encoding.UTF8.GetString(bytes[8..length]);
        if (!Seal(place, listKey).SequenceEqual(bytes[..8].ToArray()))
        {
            return null;
        }

        return ReadPlace(place);
    }

    /// <summary>The values of a place; null if it is not one of this order.</summary>
    public IReadOnlyList<object>? ReadPlace(string place)
    {
        // The seal of a cursor is no secret, so what is under it is not trusted either.
        try
        {
            var values = JsonSerializer.Deserialize<List<JsonElement>>(place);
            return values?.Count == keys.Count && values.All(value => value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
                ? [.. values.Select(value => value.ValueKind == JsonValueKind.String ? (object)value.GetString()! : value.GetDouble())]
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private byte[] Seal(string place, string listKey) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{place}\n{OrderBy}\n{listKey}"))[..8];
}
