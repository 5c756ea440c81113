using System.Collections.Concurrent;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>What is computed of one version of the typology on one state of the inventory.</summary>
internal sealed class TypologyAnalysis
{
    private const int Shown = 3;

    private TypologyAnalysis(DataTable table, IReadOnlyList<string> keys, IReadOnlyDictionary<string, MembershipRow> memberships, int[] labels, GroupDistances distances)
    {
        Table = table;
        Keys = keys;
        Memberships = memberships;
        Labels = labels;
        Standings = [.. Enumerable.Range(0, table.Count).Select(distances.Standing)];
        Sizes = [.. keys.Select((_, group) => labels.Count(label => label == group))];
        Silhouettes = [.. Enumerable.Range(0, table.Count).Select(row => labels[row] < 0 ? null : distances.Silhouette(row, labels[row], Sizes[labels[row]]))];
        Features = [.. keys.Select((_, group) => Analysis.Features.Describe(table, row => labels[row] == group))];
        Rows = table.Ids.Select((id, row) => (id, row)).ToDictionary(pair => pair.id, pair => pair.row, StringComparer.Ordinal);
    }

    /// <summary>Sites in all dimensions of the codebook; coverage is judged by it.</summary>
    public DataTable Table { get; }

    public IReadOnlyList<string> Keys { get; }
    public IReadOnlyDictionary<string, MembershipRow> Memberships { get; }

    /// <summary>Position of the type of each site; -1: none.</summary>
    public int[] Labels { get; }

    public IReadOnlyList<Standing> Standings { get; }
    public IReadOnlyList<int> Sizes { get; }
    public double?[] Silhouettes { get; }

    /// <summary>By type: each code that occurs.</summary>
    public IReadOnlyList<IReadOnlyList<CodeFeature>> Features { get; }

    public IReadOnlyDictionary<string, int> Rows { get; }

    public int Group(string? type) => type is null ? -1 : Keys.ToList().IndexOf(type);

    /// <summary>The most typical members of which enough is known.</summary>
    public IReadOnlyList<int> Prototypes(int group) => Typicalities.Prototypes(Table, Standings, Labels, group, Shown);

    /// <summary>Well-known sites of other types that come nearest to this one.</summary>
    public IReadOnlyList<int> Contrasts(int group) =>
    [
        .. Enumerable.Range(0, Labels.Length)
            .Where(row => Labels[row] >= 0 && Labels[row] != group && Standings[row].Typicality[group] is not null && Table.Coverage(row) >= Typicalities.PrototypeCoverage - KMedoids.Epsilon)
            .OrderByDescending(row => Math.Round(Standings[row].Typicality[group]!.Value, 12)).ThenBy(row => row).Take(Shown),
    ];

    public double? AverageSilhouette(int group) =>
        Silhouettes.Where((_, row) => Labels[row] == group).OfType<double>().Select(value => (double?)value).DefaultIfEmpty().Average();

    public static TypologyAnalysis Make(SqliteConnection connection, string version)
    {
        Database.Database.CheckNotWriting();
        var keys = TypeQueries.Keys(connection, version);
        var memberships = TypologyQueries.AllMemberships(connection, version).ToDictionary(membership => membership.SiteId);
        var table = SiteTable.Read(connection);
        var labels = table.Ids.Select(id => memberships.GetValueOrDefault(id)?.Type is { } type ? keys.IndexOf(type) : -1).ToArray();
        return new(table, keys, memberships, labels, GroupDistances.Of(table, labels, keys.Count));
    }
}

/// <summary>Keeps the analyses of the latest revision: they follow from it and from the version alone.</summary>
internal sealed class TypologyAnalyses
{
    private readonly ConcurrentDictionary<(string State, string Version), Lazy<TypologyAnalysis>> kept = new();

    /// <param name="snapshot">Read while it is open.</param>
    /// <param name="version">A version that exists; drafts are not kept, for they change without the revision.</param>
    /// <param name="isDraft">Whether it is one.</param>
    public TypologyAnalysis Get(Snapshot snapshot, string version, bool isDraft)
    {
        if (isDraft)
        {
            return TypologyAnalysis.Make(snapshot.Connection, version);
        }

        foreach (var key in kept.Keys.Where(key => key.State != snapshot.State))
        {
            kept.TryRemove(key, out _);
        }

        var found = kept.GetOrAdd((snapshot.State, version), key => new(() => TypologyAnalysis.Make(snapshot.Connection, version)));
        try
        {
            return found.Value;
        }
        catch
        {
            // What failed once, because the database was busy say, is tried again.
            kept.TryRemove((snapshot.State, version), out _);
            throw;
        }
    }
}
