using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Dissimilarities written down as the rows of a lower triangle, the first of which has one value.</summary>
internal static class LowerTriangle
{
    public static Dissimilarities Read(params IReadOnlyList<IReadOnlyList<double>> rows)
    {
        var result = new Dissimilarities(rows.Count + 1);
        for (var i = 0; i <= rows.Count; i++)
        {
            result[i, i] = 0;
            for (var j = 0; j < i; j++)
            {
                result[i, j] = result[j, i] = rows[i - 1][j];
            }
        }

        return result;
    }
}
