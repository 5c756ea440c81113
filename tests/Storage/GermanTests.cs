using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Tests.Storage;

public sealed class GermanTests
{
    [Theory]
    [InlineData("Mühlhausen", "muhlhausen")]
    [InlineData("Muehlhausen", "muhlhausen")]
    [InlineData("MÜHLHAUSEN", "muhlhausen")]
    [InlineData("Mu\u0308hlhausen", "muhlhausen")]
    [InlineData("Straße", "strasse")]
    [InlineData("STRAẞE", "strasse")]
    [InlineData("Ķekava, Škoda, Șerban", "kekava skoda serban")]
    [InlineData("Neue Quelle, Bauen", "neue quelle bauen")]
    [InlineData("Cottbus/Chóśebuz", "cottbus chosebuz")]
    [InlineData("  D!gital--Café 4.0 ", "d gital cafe 4 0")]
    [InlineData("***", "")]
    [InlineData("Uelzen", "ulzen")]
    [InlineData("Übersee", "ubersee")]
    public void Folding_makes_spellings_equal(string text, string expected) => Assert.Equal(expected, GermanText.Fold(text));

    [Theory]
    [InlineData("Werkstätten", "Werkstatt")]
    [InlineData("Kindern", "Kinder")]
    [InlineData("Angebote", "Angebot")]
    [InlineData("Angebotes", "Angebot")]
    [InlineData("Bibliotheken", "Bibliothek")]
    [InlineData("Labore", "Labor")]
    [InlineData("Hubs", "Hub")]
    [InlineData("Kurse", "Kurs")]
    [InlineData("Orte", "Ort")]
    [InlineData("Workshops", "Workshop")]
    [InlineData("Räume", "Raum")]
    public void Inflected_forms_share_a_stem(string inflected, string basic) =>
        Assert.Equal(GermanText.Stem(GermanText.Fold(basic)), GermanText.Stem(GermanText.Fold(inflected)));

    [Theory]
    [InlineData("Goethe", "goethe")]
    [InlineData("Göthe", "gothe")]
    [InlineData("Ärzte", "arzte")]
    public void Sorting_follows_the_dictionary(string text, string expected) => Assert.Equal(expected, GermanText.SortKey(text));

    [Theory]
    [InlineData("jena", "jena", 0)]
    [InlineData("muhlhausn", "muhlhausen", 1)]
    [InlineData("muhlhuasen", "muhlhausen", 1)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("", "abc", 3)]
    public void Distances_are_those_of_the_literature(string a, string b, int expected) => Assert.Equal(expected, NearestName.Distance(a, b));
}
