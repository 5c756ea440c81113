using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.TypologyRuns;

/// <summary>The curated types of the rows, by id.</summary>
internal sealed record CuratedTypes(string Typology, IReadOnlyDictionary<string, string> Types, IReadOnlyDictionary<string, LocalizedText> Labels);

/// <summary>Computes the result of a run from data and parameters. A pure function, so each machine computes the same result.</summary>
internal sealed class RunComputation(RunRequest request, CuratedTypes? curated, Action<string, double> tell, CancellationToken cancel)
{
    /// <summary>Must be raised with every change that may change a number in a result.</summary>
    public const string AlgorithmVersion = "2";

    /// <summary>Largest number of rows for the sensitivity analysis, which repeats the computation twice for each dimension.</summary>
    private const int MostForSensitivity = 1_000;

    /// <summary>Largest number of records without comparable values that the result lists by id.</summary>
    private const int MostNamed = 100;

    private readonly RunParameters parameters = request.Parameters;

    private static readonly LocalizedText Rule = new()
    {
        De = "Die Regel schlägt das k mit der größten mittleren Silhouette vor. Sie prüft k von 2 bis 8, höchstens ein Fünftel der Zeilen. "
            + "Alle Gruppen müssen mindestens 3 Zeilen haben und, falls berechnet, eine Stabilität von mindestens 0,60. Der Vorschlag ist "
            + "ein Hinweis. Menschen entscheiden.",
        En = "The rule suggests the k with the largest average silhouette. It checks k from 2 to 8, at most a fifth of the rows. All "
            + "clusters must have at least 3 rows and, if computed, a stability of at least 0.60. The suggestion is a hint. People decide.",
    };

    public RunResult Run(string snapshotHash)
    {
        Database.Database.CheckNotWriting();
        var isSampled = request.Table.Count > SampledKMedoids.LargestWhole;
        var (table, left) = Comparable.Known(request.Table, parameters.MinCoverage);
        var comparable = isSampled ? null : Comparable.Choose(request.Table, parameters.MinCoverage, share => tell("dissimilarities", share), cancel);
        table = comparable?.Table ?? table;
        var last = Math.Min(parameters.KMax, table.Count);
        var ks = Enumerable.Range(parameters.KMin, Math.Max(0, last - parameters.KMin + 1)).ToList();
        var found = ks.Select((k, i) => Cluster(table, comparable?.Distances, k, share => tell("clustering", (i + share) / ks.Count))).ToList();
        var stability = ks.Select((k, i) => comparable is null || parameters.Bootstrap == 0 ? null
            : Stability.Bootstrap(comparable.Distances, found[i], parameters.Bootstrap, (ulong)parameters.Seed, share => tell("stability", (i + share) / ks.Count), cancel)).ToList();
        // Records without comparable values get no silhouette, because it would be meaningless.
        var unknown = comparable?.Unknown.ToHashSet(StringComparer.Ordinal);
        var silhouettes = found.ConvertAll(clustering => comparable is null ? null
            : Silhouette.Of(comparable.Distances, [.. clustering.Labels.Select((label, row) => unknown!.Contains(table.Ids[row]) ? -1 : label)], cancel));
        var further = comparable is null || found.Count == 0 ? null
            : RunChecks.Make(parameters, table, comparable.Distances, found, tell, cancel);
        var suggested = Suggestion.Choose(table.Count, [.. found.Select((clustering, i) => new Candidate(
            clustering.K, silhouettes[i]?.Average, clustering.Sizes, stability[i]?.Min(cluster => cluster.Mean)))]);
        // Without a suggestion, the clustering with the largest average silhouette is shown; with samples, the first one.
        var shown = found.Count == 0 ? -1 : suggested.K is { } k ? ks.IndexOf(k)
            : Enumerable.Range(0, found.Count).MaxBy(i => (Math.Round(silhouettes[i]?.Average ?? double.NegativeInfinity, 12), -i));
        return new RunResult
        {
            SnapshotHash = snapshotHash,
            Parameters = parameters,
            AlgorithmVersion = AlgorithmVersion,
            ResultHash = "",
            Rows = table.Count,
            LeftOut = [.. (comparable?.LeftOut ?? left).Select(row => new RunLeftOut { Id = row.Id, Coverage = row.Coverage, Reason = WireEnum.Read<RunLeftOutReason>(row.Reason) })],
            AssumedPairs = comparable?.AssumedPairs ?? 0,
            Flags = [.. Flags(table, comparable, isSampled, last)],
            Clusterings = [.. found.Select((clustering, i) =>
                Describe(table, comparable?.Distances, clustering, silhouettes[i], stability[i], further, i))],
            SuggestedK = suggested.K,
            Suggestion = new RunSuggestion { Rule = Rule, KnowsStability = suggested.KnowsStability, Refusals = [.. suggested.Refusals.Select(refusal => new RunRefusal { K = refusal.K, Reasons = refusal.Reasons })] },
            GapK = further?.Gaps is { } gaps ? GapStatistic.Choose(gaps) : null,
            Dendrogram = further?.Dendrogram(table),
            ProfileK = shown < 0 ? null : ks[shown],
            Profiles = shown < 0 ? [] : Profiles(table, found[shown]),
            Sensitivity = shown < 0 || table.Count > MostForSensitivity ? null : Sensitivity(table, found[shown]),
            Agreement = shown < 0 || curated is null ? null : RunAgreements.Make(table, found[shown], silhouettes[shown], curated),
        };
    }

    private Clustering Cluster(DataTable table, Dissimilarities? d, int k, Action<double> progress) => d is null
        ? SampledKMedoids.Best(table, k, (ulong)parameters.Seed, progress, cancel)
        : KMedoids.Best(d, k, parameters.Restarts, (ulong)parameters.Seed, progress, cancel);

    private IEnumerable<string> Flags(DataTable table, ComparableRecords? comparable, bool isSampled, int last)
    {
        if (isSampled)
        {
            yield return "sampled";
        }

        if (table.Count < Math.Max(Suggestion.FewestRecords, 3 * parameters.KMin))
        {
            yield return "too-few-rows";
        }

        if (last < parameters.KMax)
        {
            yield return "k-above-rows-left-out";
        }

        if (comparable?.AssumedPairs > 0)
        {
            yield return "pairs-assumed";
        }

        foreach (var id in comparable?.Unknown.Take(MostNamed) ?? [])
        {
            yield return "nothing-known:" + id;
        }

        for (var column = 0; column < table.Columns.Count; column++)
        {
            if (!table.Coded[column].Known.Any(known => known))
            {
                yield return "unknown-everywhere:" + table.Columns[column].Key;
            }
        }
    }

    private RunClustering Describe(
        DataTable table, Dissimilarities? d, Clustering found, Silhouette? silhouette, IReadOnlyList<ClusterStability>? stability,
        RunChecks? further, int place)
    {
        var flags = new List<RunClusteringFlag>();
        if (d is null)
        {
            flags.Add(RunClusteringFlag.Sampled);
        }
        else if (KMedoids.HasDuplicateMedoids(d, found))
        {
            flags.Add(RunClusteringFlag.DuplicateMedoids);
        }

        if (found.Sizes.Any(size => size < Suggestion.SmallestType))
        {
            flags.Add(RunClusteringFlag.ClusterTooSmall);
        }

        var medoidSilhouettes = d is null ? null : Silhouette.OfMedoids(d, found.Medoids);
        return new RunClustering
        {
            K = found.K,
            Objective = found.Objective,
            AverageSilhouette = silhouette?.Average,
            MacroSilhouette = silhouette?.MacroAverage,
            MedoidSilhouette = medoidSilhouettes?.Average(),
            Medoids = [.. found.Medoids.Select(medoid => table.Ids[medoid])],
            Sizes = found.Sizes,
            Assignments = [.. table.Ids.Select((id, row) => new RunAssignment
            {
                Id = id, Cluster = found.Labels[row] + 1, Silhouette = silhouette?.Values[row], Together = further?.Together(place, row),
            })],
            Stability = Describe(stability),
            Jackknife = Describe(further?.Jackknife?[place].Clusters),
            Gap = further?.Gap(place),
            LinkageRandIndex = further?.LinkageRandIndex(found),
            AdjustedRandIndex = curated is null ? null : RunAgreements.RandIndex(table, found, curated),
            Flags = flags,
        };
    }

    private static List<RunStability>? Describe(IReadOnlyList<ClusterStability>? stability) => stability is null ? null
        : [.. stability.Select((cluster, i) => new RunStability
    {
        Cluster = i + 1,
        Mean = cluster.Mean,
        Replicates = cluster.Replicates,
        Dissolved = cluster.Dissolved,
        Recovered = cluster.Recovered,
    })];

    private List<RunProfile> Profiles(DataTable table, Clustering found)
    {
        tell("profiles", 0);
        return [.. Enumerable.Range(0, found.K).Select(cluster => new RunProfile
        {
            Cluster = cluster + 1,
            Rows = [.. Features.Describe(table, row => found.Labels[row] == cluster).Select(feature => new ProfileRow
            {
                Dimension = feature.Dimension,
                Code = feature.Code,
                Count = feature.Table.With,
                Share = feature.Table.Share,
                BaseRate = feature.Table.BaseRate,
                Lift = feature.Table.Lift,
                Role = feature.Table.Role is { } role ? WireEnum.Read<FeatureRole>(role) : null,
            })],
        })];
    }

    /// <summary>How the clustering changes if the weight of one dimension is 0, or doubled. Each search starts from BUILD only.</summary>
    private List<RunSensitivity> Sensitivity(DataTable table, Clustering found)
    {
        var rows = new List<RunSensitivity>();
        for (var column = 0; column < table.Columns.Count; column++)
        {
            tell("sensitivity", (double)column / table.Columns.Count);
            foreach (var factor in new[] { 0.0, 2.0 })
            {
                cancel.ThrowIfCancellationRequested();
                var weights = table.Columns.Select((other, i) => i == column ? other.Weight * factor : other.Weight).ToList();
                var d = weights.All(weight => weight == 0) ? null : Gower.Compute(table.WithWeights(weights), cancel: cancel);
                d?.Fill(1);
                rows.Add(new RunSensitivity
                {
                    Dimension = table.Columns[column].Key,
                    Factor = factor,
                    AdjustedRandIndex = d is null ? null : Agreement.AdjustedRandIndex(found.Labels, KMedoids.Best(d, found.K, 0, 1, cancel: cancel).Labels),
                });
            }
        }

        return rows;
    }
}
