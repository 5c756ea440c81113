using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>What is known of a municipality without asking it, and from where.</summary>
internal sealed record KnownAnswers(GuideMunicipality Place, IReadOnlyList<KnownAnswer> Answers)
{
    /// <summary>Null: there is no such municipality or county.</summary>
    public static KnownAnswers? Find(SqliteConnection connection, string key)
    {
        if (GuideQueries.Place(connection, key) is not var (place, date))
        {
            return null;
        }

        // A county that is one city is a city.
        var isCounty = key.Length == 5 && !IsCity(connection, key);
        var level = isCounty ? 1 : Guide.Level(place.Population);
        var option = Guide.Shipped.Find(Guide.Area)!.Options[level - 1];
        var source = isCounty
            ? new LocalizedText { De = "Landkreis laut Gemeindeverzeichnis, Destatis.", En = "A county according to the register of municipalities, Destatis." }
            : new LocalizedText
            {
                De = FormattableString.Invariant($"{place.Population} Einwohnerinnen und Einwohner am {date}, Gemeindeverzeichnis, Destatis. Eine Flächengemeinde mit vielen kleinen Orten wählt besser die erste Antwort."),
                En = FormattableString.Invariant($"{place.Population} inhabitants on {date}, register of municipalities, Destatis. A municipality of many small places had better choose the first answer."),
            };
        return new(place, [new KnownAnswer { Question = Guide.Area, Value = option.Key, Label = option.Label, Source = source }]);
    }

    public static Http.ProblemError Unknown(string pointer, string? parameter, string key) => new(pointer, parameter, "unknown-value", new(
        $"Eine Gemeinde oder einen Kreis mit dem Schlüssel {key} gibt es nicht.", $"There is no municipality or county with the key {key}."));

    private static bool IsCity(SqliteConnection connection, string county) => GuideQueries.Place(connection, county + "000") is not null;
}
