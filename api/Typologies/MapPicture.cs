using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Typologies;

/// <summary>Draws sites on a plane, similar ones close together. Each type has its own colour and shape.</summary>
internal static class MapPicture
{
    private const int Most = 1000;
    private const int Width = 1120;
    private const int Plot = 680;
    private const double LetterWidth = 7.5;
    private const double LineHeight = 15;

    // Colours for people with colour blindness. There are nine colours and eight shapes, so that combinations do not repeat soon.
    private static readonly string[] Colours = ["#0072b2", "#d55e00", "#009e73", "#aa4499", "#b8860b", "#56b4e9", "#7a7a7a", "#cc3311", "#332288"];

    public static Svg Draw(TypologyAnalysis analysis, IReadOnlyDictionary<string, LocalizedText> labels, LocalizedText title, string version, bool german)
    {
        var all = Enumerable.Range(0, analysis.Table.Count).Where(site => analysis.Labels[site] >= 0 && analysis.Table.Coverage(site) > 0).ToList();
        // Takes sites at equal intervals in the order of ids, so that the picture is the same each time.
        var shown = all.Count <= Most ? all : [.. Enumerable.Range(0, Most).Select(i => all[(int)((long)i * all.Count / Most)])];
        var (points, explained) = ClassicalScaling.Map(Gower.Compute(analysis.Table.Select(shown)));
        string Label(string key) => german ? labels[key].De : labels[key].En ?? labels[key].De;
        var name = german ? title.De : title.En ?? title.De;
        var sizes = string.Join("; ", analysis.Keys.Select((key, group) => $"{Label(key)}: {analysis.Sizes[group]}"));
        var share = Math.Round(explained * 100);
        var description = german
            ? $"Karte von {shown.Count}{(shown.Count < all.Count ? $" der {all.Count}" : "")} Ankerorten nach Ähnlichkeit. "
                + $"Methode: klassische multidimensionale Skalierung der Gower-Unähnlichkeiten; zwei Dimensionen zeigen {share} %. "
                + $"Typen überlappen: Nähe ist ein Hinweis, keine Zuordnung. {sizes}."
            : $"Map of {shown.Count}{(shown.Count < all.Count ? $" of {all.Count}" : "")} sites by similarity. "
                + $"Method: classical multidimensional scaling of Gower dissimilarities; two dimensions show {share} %. "
                + $"Types overlap: being close is a hint, not a membership. {sizes}.";
        var svg = new Svg(Width, Plot + 40, german
            ? $"Ankerorte nach Ähnlichkeit: {name}, Version {version}"
            : $"Sites by similarity: {name}, version {version}", description, german,
            string.Concat(Colours.Select((colour, i) => $".t{i}{{fill:{colour}}}")) + ".mark{stroke:#fff;stroke-width:1}@media (prefers-color-scheme:dark){.mark{stroke:#0d1117}}");
        svg.Words(16, 26, german ? "Ankerorte nach Ähnlichkeit" : "Sites by similarity", bold: true);
        svg.Words(16, 46, $"{name}, Version {version} · {(german ? $"zwei Dimensionen zeigen {share} % der Unähnlichkeit" : $"two dimensions show {share} % of the dissimilarity")}", "soft");
        var most = points.Select(point => Math.Max(Math.Abs(point.X), Math.Abs(point.Y))).DefaultIfEmpty(1).Max();
        double X(double x) => 360 + x / (most == 0 ? 1 : most) * 310;
        double Y(double y) => 370 - y / (most == 0 ? 1 : most) * 300;
        for (var i = 0; i < shown.Count; i++)
        {
            var group = analysis.Labels[shown[i]];
            var membership = analysis.Memberships[analysis.Table.Ids[shown[i]]];
            Mark(svg, group, X(points[i].X), Y(points[i].Y), $"{membership.Name} ({Label(membership.Type!)})");
        }

        var prototypes = Enumerable.Range(0, analysis.Keys.Count).SelectMany(group => analysis.Prototypes(group).Take(1)).ToHashSet();
        var labelled = new List<(double X, double Y, double Width)>();
        for (var i = 0; i < shown.Count; i++)
        {
            if (prototypes.Contains(shown[i]))
            {
                var words = Short(analysis.Memberships[analysis.Table.Ids[shown[i]]].Name);
                var place = Free(labelled, X(points[i].X) + 9, Y(points[i].Y) + 4, words.Length * LetterWidth);
                labelled.Add(place);
                svg.Words(place.X, place.Y, words);
            }
        }

        for (var group = 0; group < analysis.Keys.Count; group++)
        {
            Mark(svg, group, 730, 90 + group * 26, null);
            svg.Words(746, 94 + group * 26, $"{Short(Label(analysis.Keys[group]), 44)} ({analysis.Sizes[group]})");
        }

        svg.Words(722, 110 + analysis.Keys.Count * 26, german ? "Mit Namen: typischster Ort" : "With name: most typical site", "soft");
        svg.Words(722, 128 + analysis.Keys.Count * 26, german ? "jedes Typs" : "of each type", "soft");
        return svg;
    }

    /// <summary>The place of a label: beside the mark, moved up or down just enough to avoid the other labels.</summary>
    private static (double X, double Y, double Width) Free(List<(double X, double Y, double Width)> labelled, double x, double y, double width) =>
        Enumerable.Range(0, 12).Select(step => (X: x, Y: y + (step % 2 == 0 ? step / 2 : -(step + 1) / 2) * LineHeight, Width: width))
            .FirstOrDefault(place => labelled.TrueForAll(other => Math.Abs(other.Y - place.Y) >= LineHeight || other.X > place.X + place.Width || place.X > other.X + other.Width), (X: x, Y: y, Width: width));

    private static string Short(string text, int most = 30) => text.Length <= most ? text : text[..(most - 1)].TrimEnd() + "…";

    private static void Mark(Svg svg, int group, double x, double y, string? name)
    {
        var look = $"mark t{group % Colours.Length}";
        var told = name is null ? "" : $"<title>{Svg.Escape(name)}</title>";
        var points = (group % 8) switch
        {
            1 => Polygon((-6, -6), (6, -6), (6, 6), (-6, 6)),
            2 => Polygon((0, -7.5), (7, 5.5), (-7, 5.5)),
            3 => Polygon((0, -8), (8, 0), (0, 8), (-8, 0)),
            4 => Polygon((0, 7.5), (7, -5.5), (-7, -5.5)),
            5 => Polygon((-2.5, -7), (2.5, -7), (2.5, -2.5), (7, -2.5), (7, 2.5), (2.5, 2.5), (2.5, 7), (-2.5, 7), (-2.5, 2.5), (-7, 2.5), (-7, -2.5), (-2.5, -2.5)),
            6 => Polygon((-7, 0), (-3.5, -6), (3.5, -6), (7, 0), (3.5, 6), (-3.5, 6)),
            7 => Polygon((0, -8), (2, -2.5), (8, -2.5), (3, 1.5), (5, 7), (0, 3.5), (-5, 7), (-3, 1.5), (-8, -2.5), (-2, -2.5)),
            _ => null,
        };
        if (points is null)
        {
            svg.Add($"<circle class=\"{look}\" cx=\"{x:0.##}\" cy=\"{y:0.##}\" r=\"6.5\">{told}</circle>");
        }
        else
        {
            svg.Add($"<polygon class=\"{look}\" points=\"{points}\">{told}</polygon>");
        }

        string Polygon(params (double X, double Y)[] corners) =>
            string.Join(' ', corners.Select(corner => FormattableString.Invariant($"{x + corner.X:0.##},{y + corner.Y:0.##}")));
    }
}
