using AnkerOrte.Api.Conversations;

namespace AnkerOrte.Tests.Privacy;

public sealed class BlackeningTests
{
    [Fact]
    public void Every_code_point_but_the_line_feed_becomes_one_block()
    {
        const string Text = "Ä🎈é\u0301\nx";

        Assert.Equal("████\n█", Redaction.Whole(Text));
        Assert.Equal(Text.EnumerateRunes().Count(), Redaction.Whole(Text).EnumerateRunes().Count());
        Assert.Equal("", Redaction.Whole(""));
    }

    [Fact]
    public void A_turn_ends_where_another_speaker_begins()
    {
        const string Text = "p-1: eins\nnoch eins\nUhrzeit: gleich\np-1: drei\nIch sage: vier";

        Assert.Equal("█████████\n█████████\nUhrzeit: gleich\n█████████\n██████████████", Redaction.Turns(Text, "p-1"));
        Assert.Equal(["p-1: eins\nnoch eins", "p-1: drei\nIch sage: vier"], Redaction.Said(Text, "p-1"));
        Assert.Equal(Text, Redaction.Turns(Text, "p-2"));
        Assert.Empty(Redaction.Said(Text, "p"));
    }

    [Theory]
    [InlineData(1, 3, "🎈b")]
    [InlineData(0, 4, "a🎈bc")]
    [InlineData(2, 2, "")]
    [InlineData(2, 5, null)]
    public void Parts_are_cut_by_code_points(int start, int end, string? part) => Assert.Equal(part, Redaction.Part("a🎈bc", start, end));
}
