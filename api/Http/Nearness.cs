using AnkerOrte.Api.Database;

namespace AnkerOrte.Api.Http;

/// <summary>Points, distances and boxes on the globe, in SQL (WGS 84, degrees).</summary>
internal static class Nearness
{
    /// <summary>Great-circle distance in kilometres from @near_latitude, @near_longitude (haversine, mean radius 6371.0088 km), to the metre.</summary>
    public static string Distance(string table) =>
        $"""
        round(2 * 6371.0088 * asin(min(1.0, sqrt(
            pow(sin(radians({table}.latitude - @near_latitude) / 2), 2)
            + cos(radians(@near_latitude)) * cos(radians({table}.latitude)) * pow(sin(radians({table}.longitude - @near_longitude) / 2), 2)))), 3)
        """;

    /// <param name="hasTree">Whether the table's positions are in the R*Tree as well.</param>
    /// <summary>Adds the conditions of near and radiusKm.</summary>
    public static void AddNear(this Filter filter, string table, string? near, double? radiusKm, bool hasTree, List<ProblemError> errors)
    {
        if (near is null)
        {
            if (radiusKm is not null)
            {
                errors.Add(Checks.Needs("radiusKm", "near"));
            }

            return;
        }

        var (latitude, longitude) = (Commas.Numbers(near)[0], Commas.Numbers(near)[1]);
        if (!CheckLatitude("near", latitude, errors) || !CheckSwapped("near", latitude, longitude, new("lat,lon", "lat,lon"), errors))
        {
            return;
        }

        filter.Add("near", $"{table}.latitude is not null", ("near_latitude", latitude), ("near_longitude", longitude));
        if (radiusKm is { } radius)
        {
            // A box first, which an index can answer; a degree of latitude is at least 110.5 km.
            var height = radius / 110.5;
            var width = Math.Min(180, height / Math.Max(0.01, Math.Cos(Math.Min(89, Math.Abs(latitude) + height) * Math.PI / 180)));
            filter.AddBox(table, "near", hasTree, longitude - width, latitude - height, longitude + width, latitude + height);
            filter.Add("radiusKm", $"{Distance(table)} <= @radius", ("radius", radius));
        }
    }

    public static void AddBbox(this Filter filter, string table, string? bbox, bool hasTree, List<ProblemError> errors)
    {
        if (bbox is null)
        {
            return;
        }

        var (west, south, east, north) = Commas.Numbers(bbox) switch { var n => (n[0], n[1], n[2], n[3]) };
        var latitudes = CheckLatitude("bbox", south, errors) && CheckLatitude("bbox", north, errors);
        if (latitudes && (west > east || south > north))
        {
            errors.Add(new("/query/bbox", "bbox", "order", new(
                "Erforderlich: west,south,east,north mit west ≤ east und south ≤ north.",
                "Required: west,south,east,north with west ≤ east and south ≤ north.")));
        }
        else if (latitudes && CheckSwapped("bbox", south, west, new("west,south,east,north (Länge vor Breite)", "west,south,east,north (longitude first)"), errors))
        {
            filter.AddBox(table, "bbox", hasTree, west, south, east, north);
        }
    }

    private static void AddBox(this Filter filter, string table, string name, bool hasTree, double west, double south, double east, double north)
    {
        var between = $"{table}.latitude between @{name}_south and @{name}_north and {table}.longitude between @{name}_west and @{name}_east";
        // The tree keeps 32-bit numbers rounded outwards, so the exact comparison stays.
        var tree = $"{table}.number in (select number from site_positions where south <= @{name}_north and north >= @{name}_south and west <= @{name}_east and east >= @{name}_west) and ";
        filter.Add(name, hasTree ? tree + between : between,
            (name + "_west", west), (name + "_south", south), (name + "_east", east), (name + "_north", north));
    }

    private static bool CheckLatitude(string parameter, double latitude, List<ProblemError> errors)
    {
        if (latitude is >= -90 and <= 90)
        {
            return true;
        }

        errors.Add(new("/query/" + parameter, parameter, "range", new(
            "Die geografische Breite muss zwischen -90 und 90 liegen.",
            "The latitude must be between -90 and 90.")));
        return false;
    }

    /// <summary>Germany lies between 47° and 56° north and between 5° and 16° east: the other way round is a mistake.</summary>
    private static bool CheckSwapped(string parameter, double latitude, double longitude, Text order, List<ProblemError> errors)
    {
        if (latitude is not (>= 5 and <= 16) || longitude is not (>= 47 and <= 56))
        {
            return true;
        }

        errors.Add(new("/query/" + parameter, parameter, "swapped", new(
            $"Breite und Länge sind wahrscheinlich vertauscht. Richtige Reihenfolge: {order.De}.",
            $"Latitude and longitude are probably swapped. Correct order: {order.En}.")));
        return false;
    }
}
