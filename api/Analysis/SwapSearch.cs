namespace AnkerOrte.Api.Analysis;

/// <summary>The state of FasterPAM: the nearest and the second nearest medoid of each record.</summary>
internal sealed class SwapSearch
{
    private readonly Dissimilarities d;
    private readonly int[] medoids;
    private readonly bool[] isMedoid;
    private readonly int[] nearest;
    private readonly int[] second;
    private readonly double[] toNearest;
    private readonly double[] toSecond;
    private readonly double[] losses;
    private readonly (double[] Changes, double[] Scratch) workspace;

    public SwapSearch(Dissimilarities d, int[] start)
    {
        this.d = d;
        medoids = (int[])start.Clone();
        isMedoid = new bool[d.Count];
        nearest = new int[d.Count];
        second = new int[d.Count];
        toNearest = new double[d.Count];
        toSecond = new double[d.Count];
        losses = new double[start.Length];
        workspace = Workspace();
        foreach (var medoid in medoids)
        {
            isMedoid[medoid] = true;
        }

        for (var o = 0; o < d.Count; o++)
        {
            Find(o);
        }

        SumLosses();
    }

    public int[] Medoids => medoids;

    /// <summary>By how much the objective would increase if a medoid were removed without replacement.</summary>
    public IReadOnlyList<double> RemovalLosses => losses;

    public double Objective => toNearest.Sum();

    public bool IsMedoid(int record) => isMedoid[record];

    /// <summary>Creates the buffers that one thread needs to evaluate candidates.</summary>
    public (double[] Changes, double[] Scratch) Workspace() => (new double[4 * medoids.Length], d.Scratch());

    /// <summary>The position of the medoid that a record would best replace, and the change of the objective.</summary>
    public (int Replaced, double Change) BestSwap(int candidate) => BestSwap(candidate, workspace);

    public (int Replaced, double Change) BestSwap(int candidate, (double[] Changes, double[] Scratch) own)
    {
        var changes = own.Changes;
        Array.Clear(changes);
        var gain = PartialSums.Changes(d.Row(candidate, own.Scratch), nearest, toNearest, toSecond, changes);
        var (best, least) = (0, double.PositiveInfinity);
        for (var m = 0; m < medoids.Length; m++)
        {
            var change = losses[m] + (changes[4 * m] + changes[4 * m + 1] + (changes[4 * m + 2] + changes[4 * m + 3]));
            if (change < least - KMedoids.Epsilon)
            {
                (best, least) = (m, change);
            }
        }

        return (best, least + gain);
    }

    public void Swap(int replaced, int candidate)
    {
        isMedoid[medoids[replaced]] = false;
        isMedoid[candidate] = true;
        var before = medoids[replaced];
        medoids[replaced] = candidate;
        var row = d.Row(candidate, workspace.Scratch);
        for (var o = 0; o < row.Length; o++)
        {
            if (nearest[o] == replaced || second[o] == replaced || o == candidate || o == before)
            {
                Find(o);
            }
            else if (isMedoid[o])
            {
                // A medoid stays its own nearest medoid; only its second nearest may change.
                if (row[o] < toSecond[o])
                {
                    (second[o], toSecond[o]) = (replaced, row[o]);
                }
            }
            else if (row[o] < toNearest[o])
            {
                (second[o], toSecond[o]) = (nearest[o], toNearest[o]);
                (nearest[o], toNearest[o]) = (replaced, row[o]);
            }
            else if (row[o] < toSecond[o])
            {
                (second[o], toSecond[o]) = (replaced, row[o]);
            }
        }

        SumLosses();
    }

    private void Find(int o)
    {
        var (first, next, least, following) = (-1, -1, double.PositiveInfinity, double.PositiveInfinity);
        for (var m = 0; m < medoids.Length; m++)
        {
            // A medoid belongs to itself, even if another medoid has distance 0.
            var x = medoids[m] == o ? -1 : d[medoids[m], o];
            if (x < least)
            {
                (next, following) = (first, least);
                (first, least) = (m, x);
            }
            else if (x < following)
            {
                (next, following) = (m, x);
            }
        }

        (nearest[o], second[o], toNearest[o], toSecond[o]) = (first, next, Math.Max(0, least), following);
    }

    private void SumLosses()
    {
        Array.Clear(losses);
        for (var o = 0; o < nearest.Length; o++)
        {
            losses[nearest[o]] += toSecond[o] - toNearest[o];
        }
    }
}
