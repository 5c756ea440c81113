using AnkerOrte.Api.Analysis;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>What a run computes beside its clusterings where that is asked for: jackknife, gap statistic and linkage.</summary>
/// <param name="Jackknife">For each clustering: the stability of its clusters, and who came together.</param>
/// <param name="Gaps">For each clustering.</param>
/// <param name="Merges">Of the linkage.</param>
/// <param name="Cophenetic">Of the linkage.</param>
internal sealed record RunChecks(
    IReadOnlyList<(Clustering Found, IReadOnlyList<ClusterStability> Clusters, CoAssignment Together)>? Jackknife,
    IReadOnlyList<GapRow>? Gaps, IReadOnlyList<Merge>? Merges, double? Cophenetic)
{
    /// <param name="parameters">Say which of them are asked for.</param>
    /// <param name="table">The rows.</param>
    /// <param name="d">Their dissimilarities, known of all pairs.</param>
    /// <param name="found">The clusterings, one for each k, ascending.</param>
    /// <param name="tell">Told the phase and the share of it that is done.</param>
    public static RunChecks Make(
        RunParameters parameters, DataTable table, Dissimilarities d, IReadOnlyList<Clustering> found, Action<string, double> tell,
        CancellationToken cancel)
    {
        var jackknife = parameters.Jackknife is null ? null : found.Select((clustering, i) =>
        {
            var together = new CoAssignment(d.Count);
            var clusters = Stability.Jackknife(
                d, clustering, parameters.Restarts, together, share => tell("jackknife", (i + share) / found.Count), cancel);
            return (clustering, clusters, together);
        }).ToList();
        var gaps = parameters.Gap is not { } replicates ? null
            : GapStatistic.Scan(
                table, d, found, replicates, parameters.Restarts, (ulong)parameters.Seed, share => tell("gap", share), cancel);
        if (parameters.Linkage is not { } linkage)
        {
            return new(jackknife, gaps, null, null);
        }

        tell("linkage", 0);
        var merges = Linkage.Merges(d, linkage == RunLinkage.Complete ? LinkageMethod.Complete : LinkageMethod.Average, cancel);
        return new(jackknife, gaps, merges, Linkage.CopheneticCorrelation(d, merges));
    }

    public double? Together(int clustering, int row) =>
        Jackknife?[clustering] is { } one ? one.Together.WithGroup(row, one.Found.Labels, one.Found.Labels[row]) : null;

    public RunGap? Gap(int clustering) => Gaps?[clustering] is { } row
        ? new RunGap { LogWithin = Finite(row.LogWithin), Gap = Finite(row.Gap), Error = Finite(row.Error) } : null;

    public double? LinkageRandIndex(Clustering found) =>
        Merges is null ? null : Agreement.AdjustedRandIndex(found.Labels, Linkage.Cut(Merges, found.K));

    public RunDendrogram? Dendrogram(DataTable table) => Merges is null ? null : new RunDendrogram
    {
        Merges = [.. Merges.Select(merge => new RunMerge
        {
            First = Member(merge.First, table.Count), Second = Member(merge.Second, table.Count), Height = merge.Height, Size = merge.Size,
        })],
        Order = [.. Linkage.Order(Merges).Select(row => table.Ids[row])],
        CopheneticCorrelation = Cophenetic,
    };

    /// <summary>R counts rows downwards from -1 and earlier merges upwards from 1.</summary>
    private static int Member(int cluster, int rows) => cluster < rows ? -(cluster + 1) : cluster - rows + 1;

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
