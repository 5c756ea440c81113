using System.Globalization;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>The plain sentences beside the numbers, in both languages.</summary>
internal static class Sentences
{
    private static LocalizedText Both(string de, string en) => new() { De = de, En = en };

    /// <summary>A score as people read it: 53 of 100.</summary>
    public static string Points(double value) => Math.Round(value * 100, MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>The units of the shipped figures, which are German.</summary>
    private static string InEnglish(string unit) => unit switch
    {
        "EUR/Jahr" => "euros a year",
        "Vollzeitstellen" => "full-time posts",
        "Stunden/Woche" => "hours a week",
        "Personen" => "persons",
        "EUR einmalig" => "euros once",
        "EUR gesamt" => "euros in total",
        "Monate" => "months",
        _ => unit,
    };

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string InGerman(double value) => Number(value).Replace('.', ',');

    public static LocalizedText OfFigure(MustHave must, MustHaveStatus status, double available, double? low, double? high, string? unit)
    {
        if (status == MustHaveStatus.Unknown)
        {
            return Both("Nicht bekannt: Keine Quelle nennt, was dieser Typ hier braucht.", "Not known: no source states what this type needs here.");
        }

        var (rangeDe, rangeEn) = low == high ? (InGerman(low!.Value), Number(low.Value)) : ($"{InGerman(low!.Value)} bis {InGerman(high!.Value)}", $"{Number(low.Value)} to {Number(high.Value)}");
        var (verdictDe, verdictEn) = status switch
        {
            MustHaveStatus.Met => ("reicht", "is enough"),
            MustHaveStatus.Conditional => ("reicht unter Umständen", "may be enough"),
            _ => ($"reicht nicht, es fehlen {InGerman(low.Value - available)}", $"is not enough, {Number(low.Value - available)} are missing"),
        };
        return Both($"Belegt sind {rangeDe} {unit}; {InGerman(available)} {verdictDe}.", $"Documented are {rangeEn} {InEnglish(unit!)}; {Number(available)} {verdictEn}.");
    }

    public static LocalizedText OfCodes(DecisionModel model, MustHave must, int with, int known)
    {
        var labels = must.Codes.Select(code => model.Options[must.Question.Key + " " + code]).ToList();
        var (de, en) = (string.Join("“ oder „", labels.Select(label => label.De)), string.Join("\" or \"", labels.Select(label => label.En)));
        return known == 0
            ? Both($"„{de}“: von keinem Ort dieses Typs bekannt.", $"\"{en}\": not known of any site of this type.")
            : Both($"„{de}“: {with} von {known} Orten dieses Typs, von denen es bekannt ist.", $"\"{en}\": {with} of {known} sites of this type of which it is known.");
    }

    public static LocalizedText OfRelaxation(LocalizedText label, IReadOnlyList<Relaxation> relaxations)
    {
        var guide = Guide.Shipped;
        var de = relaxations.Select(change => change.To is { } to ? $"„{guide.Find(change.Question)!.Label.De}“ von {Value(change.From)} auf {InGerman(to)}" : $"„{guide.Find(change.Question)!.Label.De}“ kein Muss mehr");
        var en = relaxations.Select(change => change.To is { } to ? $"\"{guide.Find(change.Question)!.Label.En}\" from {Value(change.From)} to {Number(to)}" : $"\"{guide.Find(change.Question)!.Label.En}\" no longer a must-have");
        return Both($"Kein Typ erfüllt alle Muss-Bedingungen. Am wenigsten nachgeben müsste, wer „{label.De}“ will: {string.Join("; ", de)}.",
            $"No type meets all must-haves. The least would have to give for \"{label.En}\": {string.Join("; ", en)}.");

        static string Value(object? value) => value is double number ? InGerman(number) : value?.ToString() ?? "";
    }

    /// <summary>Why a question speaks for or against a type: how many of its sites are like that.</summary>
    public static LocalizedText OfReason(DecisionModel model, int type, int column, DataValue wanted)
    {
        var question = Guide.Shipped.Scored[column];
        var known = model.Match.Known(type, column);
        if (wanted is DataValue.Ordinal(var level))
        {
            var option = question.Options[level - 1].Label;
            var near = Points(model.Match.Fit(type, column, wanted));
            return Both($"{question.Label.De} Die {known} bekannten Orte liegen im Mittel zu {near} % bei „{option.De}“.", $"{question.Label.En} The {known} known sites are on average {near}% near to \"{option.En}\".");
        }

        var codes = ((DataValue.Multi)wanted).Codes.Select(code => (Label: model.Options[question.Key + " " + code], With: model.Match.With(type, column, code))).OrderByDescending(code => code.With).ToList();
        return Both($"{question.Label.De} {string.Join(", ", codes.Select(code => $"„{code.Label.De}“ bei {code.With}"))} von {known} Orten, von denen es bekannt ist.",
            $"{question.Label.En} {string.Join(", ", codes.Select(code => $"\"{code.Label.En}\" at {code.With}"))} of {known} sites of which it is known.");
    }

    public static LocalizedText OfRank(int rank, LocalizedText label, double score, double share, int draws, bool meets) => Both(
        $"Platz {rank}: {label.De}, {Points(score)} von 100 Punkten. In {Points(share)} % von {draws.ToString(CultureInfo.InvariantCulture)} zufällig veränderten Gewichtungen liegt dieser Typ vorn.{(meets ? "" : " Mindestens eine Muss-Bedingung ist nicht erfüllt, deshalb steht er hinten.")}",
        $"Rank {rank}: {label.En}, {Points(score)} of 100 points. In {Points(share)}% of {draws.ToString(CultureInfo.InvariantCulture)} randomly varied weightings this type leads.{(meets ? "" : " At least one must-have is not met, therefore it stands last.")}");

    public static LocalizedText OfVerdict(LocalizedText leader, LocalizedText? second, bool isClear, double? margin, double required, GuideQuestion? decisive, SmallestFlip? flip, LocalizedText? flipTo)
    {
        if (second is null)
        {
            return Both($"Nur „{leader.De}“ bleibt übrig.", $"Only \"{leader.En}\" is left.");
        }

        var de = isClear
            ? $"„{leader.De}“ liegt klar vor „{second.De}“: {Points(margin!.Value)} Punkte Abstand."
            : $"Kein klarer Sieger: „{leader.De}“ und „{second.De}“ trennen {Points(margin!.Value)} Punkte; klar hieße mindestens {Points(required)} und keine Überschneidung durch offene Fragen.";
        var en = isClear
            ? $"\"{leader.En}\" is clearly ahead of \"{second.En}\": by {Points(margin.Value)} points."
            : $"No clear winner: \"{leader.En}\" and \"{second.En}\" are {Points(margin.Value)} points apart; clear would be {Points(required)} at least, and no overlap by open questions.";
        if (decisive is not null)
        {
            de += $" Entscheiden könnte die offene Frage „{decisive.Label.De}“.";
            en += $" The open question \"{decisive.Label.En}\" could decide.";
        }

        else if (!isClear && margin >= required)
        {
            de += " Keine einzelne offene Frage könnte das drehen, mehrere zusammen schon.";
            en += " No single open question could turn it, several together could.";
        }

        if (flip is not null)
        {
            var question = Guide.Shipped.Find(flip.Question)!;
            de += $" Läge das Gewicht von „{question.Label.De}“ bei {Percent(flip.To).Replace('.', ',')} statt {Percent(flip.From).Replace('.', ',')} %, führte „{flipTo!.De}“.";
            en += $" If the weight of \"{question.Label.En}\" were {Percent(flip.To)} instead of {Percent(flip.From)}%, \"{flipTo.En}\" would lead.";
        }
        else
        {
            de += " Kein einzelnes Gewicht ändert daran etwas.";
            en += " No single weight changes that.";
        }

        return Both(de, en);
    }

    public static LocalizedText OfTypeFigure(TypeRequirement need, int members, int? tell)
    {
        if (need.Low is null && need.High is null)
        {
            return Both($"Nicht bekannt. {need.Note.De}", "Not known.");
        }

        var (low, high) = (need.Low ?? need.High!.Value, need.High ?? need.Low!.Value);
        var (rangeDe, rangeEn) = low == high ? (InGerman(low), Number(low)) : ($"{InGerman(low)} bis {InGerman(high)}", $"{Number(low)} to {Number(high)}");
        var (tellDe, tellEn) = tell is null ? ("", "") : ($" Eine eigene Zahl steht bei {tell} von {members} Orten im Bestand.", $" Figures of their own: {tell} of {members} sites in the inventory.");
        return Both($"{rangeDe} {need.Unit}. {need.Note.De}{tellDe}", $"{rangeEn} {InEnglish(need.Unit)}.{tellEn}");
    }

    public static LocalizedText OfHint(LocalizedText option, int with, int known) => Both(
        $"Es gibt schon: {option.De}. Vor einer Neugründung prüfen, ob der Ort dort andocken kann. {with} von {known} Orten im Bestand, von denen es bekannt ist, arbeiten mit oder in etwas Vergleichbarem.",
        $"There is already: {option.En}. Before founding anew, check whether the place can dock on there. {with} of {known} sites in the inventory of which it is known work with or in something comparable.");

    public static LocalizedText OfRerun(bool isSame, string? before, string? now, bool sameVersions) => isSame
        ? Both("Es hat sich nichts geändert.", "Nothing has changed.")
        : before == now
            ? Both($"Derselbe Typ führt; Zahlen haben sich geändert.{(sameVersions ? "" : " Typologie oder Daten sind neuer.")}", $"The same type leads; numbers have changed.{(sameVersions ? "" : " Typology or data are newer.")}")
            : Both($"Es führt jetzt ein anderer Typ: {now ?? "keiner"} statt {before ?? "keiner"}.", $"Another type leads now: {now ?? "none"} instead of {before ?? "none"}.");
}
