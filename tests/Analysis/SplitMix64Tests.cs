using System.Globalization;
using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

public sealed class SplitMix64Tests
{
    [Fact]
    public void The_numbers_are_the_published_ones()
    {
        var random = new SplitMix64(1234567);

        var expected = Vectors.One.GetProperty("splitmix64.seed1234567.first5").EnumerateArray().Select(number => ulong.Parse(number.GetString()!, CultureInfo.InvariantCulture));
        Assert.Equal(expected, Enumerable.Range(0, 5).Select(_ => random.Next()));
    }

    [Fact]
    public void Numbers_below_a_limit_are_the_published_ones()
    {
        var random = new SplitMix64(42);

        var expected = Vectors.One.GetProperty("splitmix64.seed42.below12_x8").EnumerateArray().Select(number => number.GetInt32());
        Assert.Equal(expected, Enumerable.Range(0, 8).Select(_ => random.Below(12)));
    }
}
