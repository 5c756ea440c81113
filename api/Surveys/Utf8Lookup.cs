using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace AnkerOrte.Api.Surveys;

/// <summary>Utf8Lookup and their numbers, found by the bytes of a message without making a string of them.</summary>
internal sealed class Utf8Lookup
{
    private readonly Dictionary<byte[], int> numbers = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], int>.AlternateLookup<ReadOnlySpan<byte>> lookup;

    public Utf8Lookup() => lookup = numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The first of several numbers for a name counts.</summary>
    public void Add(string name, int number) => numbers.TryAdd(Encoding.UTF8.GetBytes(name), number);

    public bool TryFind(ReadOnlySpan<byte> name, out int number) => lookup.TryGetValue(name, out number);

    public int? Find(string name) => numbers.TryGetValue(Encoding.UTF8.GetBytes(name), out var number) ? number : null;

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] name) => GetHashCode(name.AsSpan());

        public bool Equals(ReadOnlySpan<byte> name, byte[] other) => name.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> name)
        {
            // FNV-1a; names are short and come from our own questionnaires.
            var hash = 2166136261u;
            foreach (var value in name)
            {
                hash = (hash ^ value) * 16777619u;
            }

            return (int)hash;
        }

        public byte[] Create(ReadOnlySpan<byte> name) => name.ToArray();
    }
}

/// <summary>Ids that an answer may refer to.</summary>
internal sealed class KnownIds
{
    private readonly Utf8Lookup? names;

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
