using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>The published sites that are most similar to the answers: of all sites, and of each type.</summary>
internal static class NearSites
{
    private const int Shown = 3;

    public static (IReadOnlyList<NearSite> All, IReadOnlyList<IReadOnlyList<NearSite>> ByType) Find(DecisionModel model, AssessmentAnswers sheet)
    {
        var query = new DataValue?[model.Sites.Columns.Count];
        for (var i = 0; i < Guide.Shipped.Scored.Count; i++)
        {
            if (Guide.Shipped.Scored[i].Dimension is { } dimension && DecisionModel.Column(model.Sites, dimension) is var column and >= 0)
            {
                query[column] = sheet.Wanted[i];
            }
        }

        var (distance, coverage) = QueryDistances.From(model.Sites, query);
        var all = new List<int>(Shown + 1);
        var byType = model.Types.Select(_ => new List<int>(Shown + 1)).ToList();
        for (var row = 0; row < distance.Length; row++)
        {
            if (!double.IsNaN(distance[row]))
            {
                Insert(all, row, distance);
                if (model.Match.Labels[row] is var type and >= 0)
                {
                    Insert(byType[type], row, distance);
                }
            }
        }

        return ([.. all.Select(ToSite)], [.. byType.Select(rows => rows.Select(ToSite).ToList())]);

        NearSite ToSite(int row) => new()
        {
            Id = model.Sites.Ids[row],
            Name = model.Names[model.Sites.Ids[row]],
            Type = model.Match.Labels[row] < 0 ? null : model.Types[model.Match.Labels[row]].Key,
            Distance = Math.Round(distance[row], 6),
            Coverage = Math.Round(coverage[row], 6),
            Self = Addresses.Of("/v1/anchor-sites/" + model.Sites.Ids[row]),
        };
    }

    /// <summary>Inserts a row by its distance. Rows arrive in ascending order, so the first of equally near ones comes first.</summary>
    private static void Insert(List<int> nearest, int row, double[] distance)
    {
        var at = nearest.Count;
        while (at > 0 && distance[row] < distance[nearest[at - 1]] - 1e-12)
        {
            at--;
        }

        if (at < Shown)
        {
            nearest.Insert(at, row);
            if (nearest.Count > Shown)
            {
                nearest.RemoveAt(Shown);
            }
        }
    }
}
