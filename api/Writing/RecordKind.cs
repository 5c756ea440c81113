using System.Collections.Frozen;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Writing;

/// <summary>Kinds of published records, as the feed and the history name them.</summary>
internal static class RecordKind
{
    public const string AnchorSite = "anchor-site";
    public const string Project = "project";
    public const string Municipality = "municipality";
    public const string Dimension = "dimension";
    public const string Source = "source";
    public const string Survey = "survey";
    public const string Typology = "typology";

    /// <summary>Of the typology that holds.</summary>
    public const string Type = "type";

    public const string Finding = "finding";
    public const string Recommendation = "recommendation";

    /// <summary>Of a conversation, once released.</summary>
    public const string Passage = "passage";

    /// <summary>Codes have a history of their own; in the feed they are part of their dimension.</summary>
    public const string Code = "code";
}

/// <summary>What the feed, the search and the history need to know of one kind of record. The slice that owns the records defines it.</summary>
/// <param name="Name">One of <see cref="RecordKind"/>.</param>
/// <param name="Path">The address of a record, from its id.</param>
internal sealed record RecordDescriptor(string Name, Func<string, string> Path)
{
    /// <summary>The published record exactly as its own address answers it, with placeholders for addresses; null if there is none.</summary>
    public Func<SqliteConnection, string, byte[]?>? Find { get; init; }

    /// <summary>Sets `updatedAt` of a record (id, instant) that shows another record, which has changed. Null: no record of this kind does.</summary>
    public Action<SqliteConnection, string, string>? Touch { get; init; }

    /// <summary>For <see cref="Find"/>.</summary>
    public static byte[]? Write<T>(T? record) where T : class => record is null ? null : WireJson.Write(record);
}

/// <summary>The descriptors of all slices, which `Records.cs` registers when the program is loaded.</summary>
internal static class RecordKinds
{
    private static Func<IEnumerable<RecordDescriptor>> registered = () => [];

    private static readonly Lazy<FrozenDictionary<string, RecordDescriptor>> All = new(() => registered().ToFrozenDictionary(kind => kind.Name));

    /// <param name="kinds">Called at the first use.</param>
    public static void Register(Func<IEnumerable<RecordDescriptor>> kinds) => registered = kinds;

    public static string Path(string kind, string id) => Get(kind).Path(id);

    public static byte[]? Find(SqliteConnection connection, string kind, string id) => Get(kind).Find!(connection, id);

    /// <exception cref="KeyNotFoundException">No slice has registered this kind.</exception>
    public static RecordDescriptor Get(string kind) => All.Value[kind];
}
