namespace AnkerOrte.Api.Analysis;

/// <summary>A partition around medoids.</summary>
/// <param name="K">Number of clusters.</param>
/// <param name="Objective">Sum of the dissimilarities of all records to the medoid of their cluster.</param>
/// <param name="Medoids">Positions of the medoids, ascending in canonical form.</param>
/// <param name="Labels">For each record the position of its medoid in <paramref name="Medoids"/>.</param>
internal sealed record Clustering(int K, double Objective, int[] Medoids, int[] Labels)
{
    public IReadOnlyList<int> Sizes { get; } = [.. Enumerable.Range(0, K).Select(cluster => Labels.Count(label => label == cluster))];
}

/// <summary>Number of passes over the records, and of swaps, in a search.</summary>
internal sealed record SearchTrace(int Passes, int Swaps);
