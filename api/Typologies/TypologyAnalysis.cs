using System.Collections.Concurrent;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Typologies;

/// <summary>Computed values of one version of the typology for one state of the inventory.</summary>
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

    /// <summary>Sites in all dimensions of the codebook. Coverage is computed from this table.</summary>
    public DataTable Table { get; }

    public IReadOnlyList<string> Keys { get; }
    public IReadOnlyDictionary<string, MembershipRow> Memberships { get; }

    /// <summary>For each site the position of its type; -1: none.</summary>
    public int[] Labels { get; }

    public IReadOnlyList<Standing> Standings { get; }
    public IReadOnlyList<int> Sizes { get; }
    public double?[] Silhouettes { get; }

    /// <summary>For each type the counts of all codes that occur.</summary>
    public IReadOnlyList<IReadOnlyList<CodeFeature>> Features { get; }

    public IReadOnlyDictionary<string, int> Rows { get; }

    public int Group(string? type) => type is null ? -1 : Keys.ToList().IndexOf(type);

    /// <summary>The most typical members with enough coverage.</summary>
    public IReadOnlyList<int> Prototypes(int group) => Typicalities.Prototypes(Table, Standings, Labels, group, Shown);

    /// <summary>Sites of other types that are most similar to this type and have enough coverage.</summary>
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

/// <summary>Caches the analyses of the latest revision. An analysis depends only on the revision and on the version.</summary>
internal sealed class TypologyAnalyses
{
    private readonly ConcurrentDictionary<(string State, string Version), Lazy<TypologyAnalysis>> kept = new();

    /// <param name="snapshot">An open snapshot. The analysis is read from it.</param>
    /// <param name="version">An existing version.</param>
    /// <param name="isDraft">Whether the version is a draft. Drafts are not cached, because they change without a new revision.</param>
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
            // A failed analysis is removed from the cache, so that the next request tries again, for example after a busy database.
            kept.TryRemove((snapshot.State, version), out _);
            throw;
        }
    }
}
