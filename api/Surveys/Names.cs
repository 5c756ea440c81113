using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AnkerOrte.Api.Surveys;

/// <summary>Names and their numbers, found by the bytes of a message without making a string of them.</summary>
internal sealed class Names
{
    /// <summary>In bytes; longer than the names of questionnaires and the ids of places.</summary>
    private const int Longest = 256;

    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    public Names() => lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The first of several numbers for a name counts.</summary>
    public void Add(string name, int number) => numbers.TryAdd(name, number);

    public bool TryFind(ReadOnlySpan<byte> name, out int number)
    {
        number = 0;
        Span<char> letters = stackalloc char[Longest];
        return name.Length <= Longest && lookup.TryGetValue(letters[..Encoding.UTF8.GetChars(name, letters)], out number);
    }

    public int? Find(string name) => numbers.TryGetValue(name, out var number) ? number : null;
}

/// <summary>Ids that an answer may refer to.</summary>
internal sealed class KnownIds
{
    private readonly Names? names;

    [SetsRequiredMembers]
    public KnownIds(IEnumerable<string> ids)
    {
        names = new();
        All = [.. ids];
        foreach (var id in All)
        {
            names.Add(id, 0);
        }
    }

    private KnownIds() { }

    /// <summary>For answers that were checked when they came: what they refer to may be gone since.</summary>
    public static KnownIds Anything { get; } = new() { All = [] };

    public required IReadOnlyList<string> All { get; init; }

    public bool Contains(ReadOnlySpan<byte> id) => names?.TryFind(id, out _) ?? true;
}

/// <summary>What answers may refer to: municipalities by AGS, anchor sites by id.</summary>
internal sealed record KnownReferences(KnownIds Municipalities, KnownIds AnchorSites)
{
    public static readonly KnownReferences Anything = new(KnownIds.Anything, KnownIds.Anything);
}
