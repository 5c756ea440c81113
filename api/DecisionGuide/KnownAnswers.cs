using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>Answers that follow from public facts about a municipality, with their source.</summary>
internal sealed record KnownAnswers(GuideMunicipality Place, IReadOnlyList<KnownAnswer> Answers)
{
    /// <returns>Null if there is no such municipality or county.</returns>
    public static KnownAnswers? Find(SqliteConnection connection, string key)
    {
        if (GuideQueries.Place(connection, key) is not var (place, date))
        {
            return null;
        }

        // A district-free city has a county key as well, but counts as a city.
        var isCounty = key.Length == 5 && !IsCity(connection, key);
        var level = isCounty ? 1 : Guide.Level(place.Population);
        var option = Guide.Shipped.Find(Guide.Area)!.Options[level - 1];
        var source = isCounty
            ? new LocalizedText { De = "Landkreis laut Gemeindeverzeichnis, Destatis.", En = "A county according to the register of municipalities, Destatis." }
            : new LocalizedText
            {
                De = FormattableString.Invariant(
                    $"{place.Population} Einwohnerinnen und Einwohner am {date}, Gemeindeverzeichnis, Destatis. ")
                    + "Besteht die Gemeinde aus vielen kleinen Orten, passt die erste Antwort besser.",
                En = FormattableString.Invariant($"{place.Population} inhabitants on {date}, register of municipalities, Destatis. ")
                    + "If the municipality consists of many small places, the first answer fits better.",
            };
        return new(place, [new KnownAnswer { Question = Guide.Area, Value = option.Key, Label = option.Label, Source = source }]);
    }

    public static Http.ProblemError Unknown(string pointer, string? parameter, string key) => new(pointer, parameter, "unknown-value", new(
        $"Es gibt keine Gemeinde und keinen Kreis mit dem Schlüssel {key}.", $"There is no municipality or county with the key {key}."));

    private static bool IsCity(SqliteConnection connection, string county) => GuideQueries.Place(connection, county + "000") is not null;
}
