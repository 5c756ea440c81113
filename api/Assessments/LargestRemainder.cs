namespace AnkerOrte.Api.Assessments;

internal static class LargestRemainder
{
    private const double Unit = 1e6;

    /// <summary>Rounds to six decimals so that the sum is the rounded total (largest remainder method; ties go to the first).</summary>
    public static double[] Round(double[] parts, double total)
    {
        var floors = parts.Select(part => Math.Floor(part * Unit + 1e-7)).ToArray();
        var left = (int)(Math.Round(total * Unit) - floors.Sum());
        foreach (var i in Enumerable.Range(0, parts.Length).OrderByDescending(i => Math.Round(parts[i] * Unit - floors[i], 7)).ThenBy(i => i).Take(left))
        {
            floors[i]++;
        }

        return [.. floors.Select(floor => floor / Unit)];
    }
}
