using System.Globalization;
using System.Text;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>Writes the result as Markdown, for example for minutes and tickets.</summary>
internal static class AssessmentMarkdown
{
    public const string MediaType = "text/markdown";

    public static string Write(Assessment assessment, bool german)
    {
        string T(string de, string en) => german ? de : en;
        string L(LocalizedText text) => Escape(ContributionsChart.In(text, german));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {T("Welcher Ankerort passt zu uns?", "Which anchor site fits us?")}\n\n{(assessment.Municipality is { } place ? Escape(place.Name) + ", " : "")}{Instant.Write(assessment.CreatedAt)[..10]}\n\n{L(assessment.Verdict.Text)}\n");
        if (assessment.NoGoodOption is { } none)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{L(none.Text)}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\n| {T("Platz", "Rank")} | {T("Typ", "Type")} | {T("Punkte", "Points")} | {T("Spanne", "Interval")} | {T("Platz 1 in", "rank 1 in")} |\n|---|---|---|---|---|\n");
        foreach (var type in assessment.Ranking)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {type.Rank} | {L(type.Label)} | {type.Score * 100:0.0} | {type.Interval.Low * 100:0.0}–{type.Interval.High * 100:0.0} | {Sentences.Points(type.ShareOfWeightings)} % |\n");
        }

        foreach (var type in assessment.Ranking)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {type.Rank}. {L(type.Label)}\n\n{L(type.Sentence)}\n\n");
            foreach (var part in type.Contributions)
            {
                text.Append(CultureInfo.InvariantCulture, $"- {L(Guide.Shipped.Find(part.Question)!.Label)} {part.Contribution1 * 100:0.0} ({T("Gewicht", "weight")} {part.Weight}, {T("Passung", "fit")} {part.Fit:0.00}, n = {part.Known})\n");
            }

            List(T("Dafür", "For"), type.ReasonsFor.Select(reason => L(reason.Text)));
            List(T("Dagegen", "Against"), type.ReasonsAgainst.Select(reason => L(reason.Text)));
            List(T("Muss-Bedingungen", "Must-haves"), type.MustHaves.Select(must => L(must.Text)));
            List(T("Ähnlichste Ankerorte", "Most similar sites"), type.NearestSites.Select(site => string.Create(CultureInfo.InvariantCulture, $"[{Escape(site.Name)}]({site.Self}), {T("Abstand", "distance")} {site.Distance:0.00}, {T("verglichen", "compared")} {Sentences.Points(site.Coverage)} %")));
            List(T("Früh entscheiden", "Decide early"), type.EarlyDecisions.Select(L));
            List(T("Häufige Fehler", "Common mistakes"), type.CommonMistakes.Select(mistake => L(mistake.Text)));
            List(T("Empfehlungen", "Recommendations"), type.Recommendations.Select(advice => $"[{L(advice.Title)}]({advice.Self})"));
        }

        text.Append(CultureInfo.InvariantCulture, $"\n---\n\n{L(assessment.Caveat)}\n\n{Escape(assessment.Citation)}\n");
        return text.ToString();

        void List(string title, IEnumerable<string> lines)
        {
            var all = lines.ToList();
            if (all.Count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n{title}:\n\n{string.Concat(all.Select(line => $"- {line}\n"))}");
            }
        }
    }

    /// <summary>Escapes a name from a record, so that it cannot become a heading, a link or HTML.</summary>
    private static string Escape(string text) => string.Concat(text.Select(c => c is '\\' or '`' or '*' or '_' or '[' or ']' or '<' or '>' or '|' or '#' ? "\\" + c : c is '\n' or '\r' ? " " : c.ToString()));
}
