using System.Globalization;
using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Pages;

/// <summary>
/// Draws the outlines of the GermanText states as SVG, so that the guide needs no tile server. Data: © GeoBasis-DE / BKG, simplified.
/// </summary>
internal static class StateOutlines
{
    private const double West = 5.5, North = 55.2;

    /// <summary>
    /// SVG units per degree. In the middle of Germany, a degree of longitude is 0.63 times as long as a degree of latitude.
    /// </summary>
    private const double Across = 63, Down = 100;

    public static string Draw()
    {
        using var states = JsonDocument.Parse(ShippedFiles.Read("states.geojson"));
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg id=\"map\" role=\"img\" aria-labelledby=\"map-title\" viewBox=\"0 0 620 830\" data-west=\"{West}\" data-north=\"{North}\" data-x=\"{Across}\" data-y=\"{Down}\"><title id=\"map-title\"></title>");
        foreach (var geometry in states.RootElement.GetProperty("features").EnumerateArray().Select(state => state.GetProperty("geometry")))
        {
            var polygons = geometry.GetProperty("type").GetString() == "Polygon" ? [geometry.GetProperty("coordinates")] : geometry.GetProperty("coordinates").EnumerateArray().ToArray();
            svg.Append("<path d=\"");
            foreach (var ring in polygons.SelectMany(polygon => polygon.EnumerateArray()))
            {
                var points = ring.EnumerateArray().Select(point => FormattableString.Invariant($"{(point[0].GetDouble() - West) * Across:0} {(North - point[1].GetDouble()) * Down:0}"));
                svg.Append('M').AppendJoin('L', points).Append('Z');
            }

            svg.Append("\"/>");
        }

        return svg.Append("</svg>").ToString();
    }
}
