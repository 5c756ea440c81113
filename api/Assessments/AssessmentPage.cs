using System.Globalization;
using System.Text;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>The result as a council paper: a page of two printed sheets, without scripts and external files.</summary>
internal static class AssessmentPage
{
    public const string MediaType = "text/html";

    private const int DescribedTypes = 3;

    public static string Write(Assessment assessment, OperatorSettings of, bool german)
    {
        string T(string de, string en) => german ? de : en;
        string L(LocalizedText text) => ContributionsChart.Encode(ContributionsChart.In(text, german));
        // Marks a text that exists in GermanText only as GermanText for screen readers.
        string Lang(LocalizedText text) => !german && text.En is null ? " lang=\"de\"" : "";
        var guide = Guide.Shipped;
        var title = T("Welcher Ankerort passt zu uns?", "Which anchor site fits us?");
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html>
            <html lang="{{T("de", "en")}}">
            <head>
              <meta charset="utf-8">
              <meta name="viewport" content="width=device-width, initial-scale=1">
              <meta name="robots" content="noindex">
              <meta name="referrer" content="no-referrer">
              <title>{{title}}</title>
              <style>
                :root { color-scheme: light; background: #fff; color: #1b1f24; }
                body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 0 auto; padding: 1rem; }
                h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; } h2 { font-size: 1.2rem; margin: 1.5rem 0 .25rem; } h3 { font-size: 1rem; margin: 1rem 0 0; }
                .scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; } caption { text-align: left; font-weight: 600; }
                th, td { border-bottom: 1px solid #8c959f; padding: .2rem .4rem; text-align: left; vertical-align: top; } .n { text-align: right; }
                ul { margin: .25rem 0; padding-left: 1.25rem; } svg { width: 100%; height: auto; } a { color: #0b4f6c; overflow-wrap: anywhere; }
                .verdict { border-left: 4px solid #0b4f6c; padding-left: .75rem; } .small { font-size: .8125rem; }
                :focus-visible { outline: 3px solid #0b4f6c; outline-offset: 2px; }
                @media print {
                  @page { size: A4; margin: 12mm; } body { font-size: 8.5pt; line-height: 1.3; padding: 0; max-width: none; } a { color: inherit; text-decoration: none; }
                  h1 { font-size: 14pt; } h2 { font-size: 11pt; margin: .5rem 0 .1rem; } h3 { margin: .4rem 0 0; } p, ul { margin: .15rem 0; } table { font-size: 8pt; } th, td { padding: .1rem .3rem; } svg { max-height: 75mm; } h3, tr, li, svg { break-inside: avoid; } .sheet { break-before: page; }
                }
              </style>
            </head>
            <body>
            <main>
            <h1>{{title}}</h1>
            <p>{{(assessment.Municipality is { } place ? ContributionsChart.Encode(place.Name) + ", " : "")}}{{Instant.Write(assessment.CreatedAt)[..10]}}. {{T("Entscheidungshilfe", "Decision guide")}} {{assessment.Versions.Guide}}, {{T("Typologie", "typology")}} {{assessment.Versions.Typology}}, {{T("Datenstand", "data revision")}} {{assessment.Versions.Revision}}.</p>
            <p class="verdict">{{L(assessment.Verdict.Text)}}</p>

            """);
        if (assessment.Provisional)
        {
            Line($"<p>{T("Vorläufig: Weniger als die Hälfte der Fragen ist beantwortet.", "Provisional: less than half of the questions are answered.")}</p>");
        }

        if (assessment.NoGoodOption is { } none)
        {
            Line($"<p class=\"verdict\">{L(none.Text)}</p>");
        }

        Line($"<h2>{T("Beiträge der Fragen", "Contributions of the questions")}</h2>");
        Line(ContributionsChart.Draw(assessment, german));
        var questions = guide.Scored.Where(question => assessment.Ranking.Any(type => type.Contributions.Any(part => part.Question == question.Key))).ToList();
        Line($"<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{T("Tabelle der Punkte", "Table of points")}\"><table><caption>{T("Punkte von 100 nach Frage", "Points of 100 by question")}</caption><thead><tr><th scope=\"col\">{T("Typ", "Type")}</th>");
        foreach (var question in questions)
        {
            Line($"<th scope=\"col\" class=\"n\">{guide.ScoredIndex(question.Key) + 1} {L(question.Label)}</th>");
        }

        Line($"<th scope=\"col\" class=\"n\">{T("Summe", "Sum")}</th><th scope=\"col\" class=\"n\">{T("Platz 1 in", "rank 1 in")}</th></tr></thead><tbody>");
        foreach (var type in assessment.Ranking)
        {
            Line($"<tr><th scope=\"row\">{type.Rank}. {L(type.Label)}{(type.MeetsMustHaves ? "" : T(" (Muss-Bedingung nicht erfüllt)", " (must-have not met)"))}</th>");
            Line(string.Concat(questions.Select(question => $"<td class=\"n\">{(type.Contributions.FirstOrDefault(part => part.Question == question.Key) is { } part ? (part.Contribution1 * 100).ToString("0.0", CultureInfo.InvariantCulture) : "–")}</td>")));
            Line($"<td class=\"n\">{(type.Score * 100).ToString("0.0", CultureInfo.InvariantCulture)}</td><td class=\"n\">{Sentences.Points(type.ShareOfWeightings)} %</td></tr>");
        }

        Line("</tbody></table></div>");
        Bullets(assessment.Hints.Select(hint => hint.Text).Concat(assessment.Remarks));
        Line($"<div class=\"sheet\"><h2>{T("Die ersten Plätze mit Gründen dafür und dagegen", "The first ranks with reasons for and against them")}</h2>");
        foreach (var type in assessment.Ranking.Take(DescribedTypes))
        {
            Line($"<h3>{type.Rank}. {L(type.Label)}</h3><p>{L(type.Sentence)}</p><ul>");
            foreach (var (word, reason) in type.ReasonsFor.Take(2).Select(reason => (T("Dafür", "For"), reason)).Concat(type.ReasonsAgainst.Take(2).Select(reason => (T("Dagegen", "Against"), reason))))
            {
                Line($"<li>{word}: {L(reason.Text)}</li>");
            }

            foreach (var must in type.MustHaves)
            {
                Line($"<li>{T("Muss", "Must-have")} – {L(guide.Find(must.Question)!.Label)} {L(must.Text)}</li>");
            }

            if (type.EarlyDecisions.Count > 0)
            {
                Line($"<li>{T("Früh entscheiden", "Decide early")}: <span{Lang(type.EarlyDecisions[0])}>{L(type.EarlyDecisions[0])}</span></li>");
            }

            if (type.CommonMistakes.Count > 0)
            {
                Line($"<li>{T("Häufiger Fehler", "Common mistake")}: <span{Lang(type.CommonMistakes[0].Text)}>{L(type.CommonMistakes[0].Text)}</span></li>");
            }

            if (type.NearestSites.Count > 0)
            {
                Line($"<li>{T("Ähnlichste Ankerorte", "Most similar sites")}: {string.Join(", ", type.NearestSites.Select(site => $"<a href=\"{site.Self}\">{ContributionsChart.Encode(site.Name)}</a>"))}</li>");
            }

            Line("</ul>");
        }

        Line($"<h2>{T("Grenzen des Ergebnisses", "Limits of the result")}</h2><p class=\"small\">{L(assessment.Caveat)}</p>");
        Line($"<p class=\"small\">{T("Zitieren", "Cite")}: {ContributionsChart.Encode(assessment.Citation)}. {T("Abrufbar bis", "Available until")} {Instant.Write(assessment.ExpiresAt)[..10]}. SHA-256 {assessment.ResultHash}.</p></div>");
        Line($"</main><footer class=\"small\">{ContributionsChart.Encode(of.Name ?? "AnkerOrte")}{Link(of.ImprintUrl, T("Impressum", "Imprint"))}{Link(of.PrivacyUrl, T("Datenschutz", "Privacy"))}{Link(of.AccessibilityUrl, T("Barrierefreiheit", "Accessibility"))}</footer></body></html>");
        return html.ToString();

        void Line(string text) => html.Append(text).Append('\n');

        static string Link(string? url, string text) => string.IsNullOrEmpty(url) ? "" : $" · <a href=\"{ContributionsChart.Encode(url)}\">{text}</a>";

        void Bullets(IEnumerable<LocalizedText> texts)
        {
            var items = texts.Select(text => $"<li>{L(text)}</li>").ToList();
            if (items.Count > 0)
            {
                Line($"<ul>{string.Concat(items)}</ul>");
            }
        }
    }
}
