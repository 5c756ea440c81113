using System.Globalization;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Typologies;

/// <summary>Draws the characteristic codes of a type as bars. The length is the lift: frequency relative to all sites.</summary>
internal static class ProfilePicture
{
    private const int Most = 14;
    private const int Row = 24;
    private const int Left = 330;
    private const int Width = 760;

    public static Svg Draw(TypeProfile profile, LocalizedText label, bool german)
    {
        var rows = profile.Rows.Where(row => row.Role is FeatureRole.Defining or FeatureRole.Core or FeatureRole.Typical && row.Lift is not null)
            .OrderByDescending(row => row.Lift).ThenBy(row => row.Dimension, StringComparer.Ordinal).ThenBy(row => row.Code, StringComparer.Ordinal).Take(Most).ToList();
        var name = german ? label.De : label.En ?? label.De;
        string Label(ProfileRow row) => german ? row.Label?.De ?? row.Code : row.Label?.En ?? row.Label?.De ?? row.Code;
        var title = german ? $"Merkmale des Typs „{name}“" : $"Features of the type “{name}";
        var description = (german
            ? "Je Merkmal: Häufigkeit im Typ, geteilt durch die Häufigkeit bei allen Ankerorten. "
            : "For each feature: frequency in the type divided by the frequency among all sites. ")
            + string.Join("; ", rows.Select(row => $"{Label(row)} {Times(row.Lift!.Value)} ({Percent(row.Share!.Value)})"));
        var most = rows.Select(row => row.Lift!.Value).Append(2).Max();
        double Across(double lift) => Left + lift / most * (Width - Left - 130);
        var height = 84 + rows.Count * Row;
        var svg = new Svg(Width, height, title, description, german, ".bar{fill:#0a6ebd}@media (prefers-color-scheme:dark){.bar{fill:#58a6ff}}");
        svg.Words(16, 26, title, bold: true);
        svg.Words(16, 46, german
            ? $"{profile.Members} Ankerorte · Länge: Häufigkeit im Verhältnis zu allen Ankerorten · Zahl: Anteil im Typ"
            : $"{profile.Members} sites · length: frequency relative to all sites · number: share of the type", "soft");
        for (var i = 0; i < rows.Count; i++)
        {
            var y = 66 + i * Row;
            svg.Words(Left - 10, y + 14, Label(rows[i]), anchor: "end");
            svg.Add($"<rect class=\"bar\" x=\"{Left}\" y=\"{y + 2}\" width=\"{Across(rows[i].Lift!.Value) - Left:0.##}\" height=\"{Row - 8}\" rx=\"2\"/>");
            svg.Words(Across(rows[i].Lift!.Value) + 8, y + 14, $"{Times(rows[i].Lift!.Value)} · {Percent(rows[i].Share!.Value)}", "soft");
        }

        svg.Add($"<line class=\"line\" x1=\"{Across(1):0.##}\" y1=\"60\" x2=\"{Across(1):0.##}\" y2=\"{height - 14}\" stroke-dasharray=\"4 3\"/>");
        return svg;

        string Times(double lift) => "×" + Math.Round(lift, 1).ToString("0.0", CultureInfo.InvariantCulture).Replace('.', german ? ',' : '.');

        static string Percent(double share) => Math.Round(share * 100).ToString("0", CultureInfo.InvariantCulture) + " %";
    }
}
