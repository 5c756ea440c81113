using System.Globalization;
using System.Net;
using System.Text;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>
/// Stacked bars of the contributions. Each part carries the number of its question, so that nobody needs colours. A table repeats the
/// numbers.
/// </summary>
internal static class ContributionsChart
{
    private const int Width = 720;
    private const int Names = 300;
    private const int Row = 34;

    private static readonly string[] Colours = ["#0b4f6c", "#8a3b12", "#3f6212", "#6b21a8", "#92650a", "#9d174d", "#155e75", "#44403c"];

    public static string Draw(Assessment assessment, bool german)
    {
        var guide = Guide.Shipped;
        var height = assessment.Ranking.Count * Row + 40;
        var text = new StringBuilder();
        var title = german ? "Beiträge der Fragen zu den Punkten je Typ" : "Contributions of the questions to the points of each type";
        var description = string.Join("; ", assessment.Ranking.Select(type => $"{In(type.Label, german)} {Sentences.Points(type.Score)}"));
        text.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 {Width} {height}\" aria-labelledby=\"chart-title chart-desc\" font-family=\"inherit\" font-size=\"13\"><title id=\"chart-title\">{Encode(title)}</title><desc id=\"chart-desc\">{Encode(description)}</desc>");
        for (var i = 0; i < assessment.Ranking.Count; i++)
        {
            var type = assessment.Ranking[i];
            var y = i * Row + 4;
            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{Names - 8}\" y=\"{y + 17}\" text-anchor=\"end\" fill=\"currentColor\">{Encode(In(type.Label, german))}</text>");
            var x = (double)Names;
            foreach (var part in type.Contributions)
            {
                var width = part.Contribution1 * (Width - Names - 50);
                var index = guide.ScoredIndex(part.Question);
                text.Append(CultureInfo.InvariantCulture, $"<rect x=\"{x:0.##}\" y=\"{y}\" width=\"{width:0.##}\" height=\"24\" fill=\"{Colours[index % Colours.Length]}\" stroke=\"#fff\" opacity=\"{(type.MeetsMustHaves ? "1" : ".45")}\"/>");
                if (width >= 16)
                {
                    text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + width / 2:0.##}\" y=\"{y + 17}\" text-anchor=\"middle\" fill=\"{(type.MeetsMustHaves ? "#fff" : "#1b1f24")}\">{index + 1}</text>");
                }

                x += width;
            }

            text.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 6:0.##}\" y=\"{y + 17}\" fill=\"currentColor\">{Sentences.Points(type.Score)}</text>");
        }

        var key = assessment.Ranking.SelectMany(type => type.Contributions).Select(part => part.Question).Distinct().OrderBy(guide.ScoredIndex)
            .Select(question => $"{guide.ScoredIndex(question) + 1} {question}");
        text.Append(CultureInfo.InvariantCulture, $"<text x=\"0\" y=\"{height - 10}\" fill=\"currentColor\">{Encode(string.Join(" · ", key))}</text></svg>");
        return text.ToString();
    }

    public static string In(LocalizedText text, bool german) => german ? text.De : text.En ?? text.De;

    public static string Encode(string text) => WebUtility.HtmlEncode(text);
}
