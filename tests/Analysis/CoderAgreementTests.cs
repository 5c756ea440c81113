using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Published examples of agreement and saturation.</summary>
public sealed class CoderAgreementTests
{
    /// <summary>Ten things put into five classes by fourteen raters: the table that textbooks print.</summary>
    [Fact]
    public void Fleiss_is_as_published()
    {
        int[][] table =
        [
            [0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
            [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7],
        ];

        Assert.Equal(0.209931, CoderAgreement.Fleiss(table)!.Value, 6);
    }

    [Fact]
    public void Fleiss_needs_as_many_ratings_everywhere_and_variation()
    {
        Assert.Null(CoderAgreement.Fleiss([[2, 1], [1, 1]]));
        Assert.Null(CoderAgreement.Fleiss([[1, 0], [0, 1]]));
        Assert.Null(CoderAgreement.Fleiss([[3, 0], [3, 0]]));
        Assert.Null(CoderAgreement.Fleiss([]));
        Assert.Equal(1, CoderAgreement.Fleiss([[3, 0], [0, 3]])!.Value, 12);
    }

    /// <summary>Krippendorff's example of three coders, fifteen units and 26 values that can be paired; * is no value.</summary>
    [Fact]
    public void Alpha_is_as_published()
    {
        string[] coders = ["*****34121133*3", "1*213343*******", "**21344*21133*4"];
        var units = Enumerable.Range(0, 15).Select(unit => coders.Select(coder => coder[unit]).Where(value => value != '*').ToList()).ToList();

        Assert.Equal(26, units.Where(unit => unit.Count > 1).Sum(unit => unit.Count));
        Assert.Equal(0.691358, CoderAgreement.Alpha(units, CoderAgreement.Nominal)!.Value, 6);
    }

    [Fact]
    public void Alpha_without_variation_is_unknown_rather_than_one()
    {
        Assert.Null(CoderAgreement.Alpha<char>([['a', 'a'], ['a', 'a', 'a']], CoderAgreement.Nominal));
        Assert.Null(CoderAgreement.Alpha<char>([['a'], []], CoderAgreement.Nominal));
        Assert.Equal(1, CoderAgreement.Alpha<char>([['a', 'a'], ['b', 'b'], ['c']], CoderAgreement.Nominal));
    }

    [Theory]
    [InlineData("x", "x", 0)]
    [InlineData("x", "xy", 0.666667)]
    [InlineData("xy", "yz", 0.888889)]
    [InlineData("x", "y", 1)]
    [InlineData("", "", 0)]
    [InlineData("", "x", 1)]
    public void Masi_is_as_published(string a, string b, double expected)
    {
        Assert.Equal(expected, CoderAgreement.Masi(Set(a), Set(b)), 6);
        Assert.Equal(expected, CoderAgreement.Masi(Set(b), Set(a)), 6);
    }

    [Fact]
    public void Saturation_is_as_computed_by_hand()
    {
        var interviews = "abc ad be acf bg ad c h a b".Split(' ').Select(Set).ToList();

        var (codes, steps) = SaturationRuns.Of(interviews, 4, 2);

        Assert.Equal(6, codes);
        Assert.Equal([0.1667, 0, 0.1667, 0.1667, 0], steps.Select(step => Math.Round(step.Ratio!.Value, 4)));
        Assert.Equal([6, 7, 8, 9, 10], steps.Select(step => step.Last));
        Assert.Equal((7, 10), SaturationRuns.Reached(steps, 0.05));
        Assert.Equal((6, 6), SaturationRuns.Reached(steps, 0.2));
        Assert.Equal((null, null), SaturationRuns.Reached([new(6, 1, 0.5)], 0.05));
        var medians = SaturationRuns.Medians(interviews, 4, 2, 0.05, 200, 1);
        Assert.Equal(medians, SaturationRuns.Medians(interviews, 4, 2, 0.05, 200, 1));
        Assert.InRange(medians.FirstReached!.Value, 6, medians.SustainedFrom ?? 10);
    }

    [Fact]
    public void Without_a_code_in_the_first_interviews_there_is_no_ratio() =>
        Assert.All(SaturationRuns.Of([Set(""), Set(""), Set(""), Set(""), Set("a"), Set("b")], 4, 2).Steps, step => Assert.Null(step.Ratio));

    private static IReadOnlySet<string> Set(string codes) => codes.Select(code => code.ToString()).ToHashSet();
}
