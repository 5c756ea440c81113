using System.Globalization;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>The sentences that explain the numbers, in both languages.</summary>
internal static class Sentences
{
    private static LocalizedText Both(string de, string en) => new() { De = de, En = en };

    /// <summary>A score in points of 100, for example 53.</summary>
    public static string Points(double value) => Math.Round(value * 100, MidpointRounding.AwayFromZero).ToString(CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString("0.#", CultureInfo.InvariantCulture);

    /// <summary>Translates the units of the shipped figures, which are in German.</summary>
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
            return Both("Nicht bekannt. Keine Quelle nennt den Bedarf dieses Typs.", "Not known. No source states the needs of this type.");
        }

        var (rangeDe, rangeEn) = low == high ? (InGerman(low!.Value), Number(low.Value)) : ($"{InGerman(low!.Value)} bis {InGerman(high!.Value)}", $"{Number(low.Value)} to {Number(high.Value)}");
        var (verdictDe, verdictEn) = status switch
        {
            MustHaveStatus.Met => ("reicht", "is enough"),
            MustHaveStatus.Conditional => ("reicht unter Umständen", "may be enough"),
            _ => (
                $"reicht nicht. Es fehlen {InGerman(low.Value - available)}",
                $"is not enough. {Number(low.Value - available)} are missing"),
        };
        return Both(
            $"Quellen nennen {rangeDe} {unit}. {InGerman(available)} {verdictDe}.",
            $"Sources state {rangeEn} {InEnglish(unit!)}. {Number(available)} {verdictEn}.");
    }

    public static LocalizedText OfCodes(DecisionModel model, MustHave must, int with, int known)
    {
        var labels = must.Codes.Select(code => model.Options[must.Question.Key + " " + code]).ToList();
        var (de, en) = (string.Join("“ oder „", labels.Select(label => label.De)), string.Join("\" or \"", labels.Select(label => label.En)));
        return known == 0
            ? Both($"„{de}“: für keinen Ankerort dieses Typs bekannt.", $"\"{en}\": not known for any site of this type.")
            : Both(
                $"„{de}“: {with} von {known} Ankerorten dieses Typs mit bekannter Angabe.",
                $"\"{en}\": {with} of {known} sites of this type with a known value.");
    }

    public static LocalizedText OfRelaxation(LocalizedText label, IReadOnlyList<Relaxation> relaxations)
    {
        var guide = Guide.Shipped;
        var de = relaxations.Select(change => change.To is { } to
            ? $"„{guide.Find(change.Question)!.Label.De}“ von {Value(change.From)} auf {InGerman(to)}"
            : $"„{guide.Find(change.Question)!.Label.De}“ keine Muss-Bedingung mehr");
        var en = relaxations.Select(change => change.To is { } to ? $"\"{guide.Find(change.Question)!.Label.En}\" from {Value(change.From)} to {Number(to)}" : $"\"{guide.Find(change.Question)!.Label.En}\" no longer a must-have");
        return Both($"Kein Typ erfüllt alle Muss-Bedingungen. Die kleinste Änderung macht „{label.De}“ möglich: {string.Join("; ", de)}.",
            $"No type meets all must-haves. The smallest change makes \"{label.En}\" possible: {string.Join("; ", en)}.");

        static string Value(object? value) => value is double number ? InGerman(number) : value?.ToString() ?? "";
    }

    /// <summary>The reason why a question speaks for or against a type: how many sites of the type match the answer.</summary>
    public static LocalizedText OfReason(DecisionModel model, int type, int column, DataValue wanted)
    {
        var question = Guide.Shipped.Scored[column];
        var known = model.Match.Known(type, column);
        if (wanted is DataValue.Ordinal(var level))
        {
            var option = question.Options[level - 1].Label;
            var near = Points(model.Match.Fit(type, column, wanted));
            return Both(
                $"{question.Label.De} Die {known} Ankerorte mit bekannter Angabe entsprechen „{option.De}“ im Mittel zu {near} %.",
                $"{question.Label.En} The {known} sites with a known value match \"{option.En}\" by {near}% on average.");
        }

        var codes = ((DataValue.Multi)wanted).Codes.Select(code => (Label: model.Options[question.Key + " " + code], With: model.Match.With(type, column, code))).OrderByDescending(code => code.With).ToList();
        return Both(
            $"{question.Label.De} {string.Join(", ", codes.Select(code => $"„{code.Label.De}“ bei {code.With}"))} "
                + $"von {known} Ankerorten mit bekannter Angabe.",
            $"{question.Label.En} {string.Join(", ", codes.Select(code => $"\"{code.Label.En}\" at {code.With}"))} of {known} sites "
                + "with a known value.");
    }

    public static LocalizedText OfRank(int rank, LocalizedText label, double score, double share, int draws, bool meets) => Both(
        $"Platz {rank}: {label.De}, {Points(score)} von 100 Punkten. In {Points(share)} % von "
            + $"{draws.ToString(CultureInfo.InvariantCulture)} zufällig veränderten Gewichtungen liegt dieser Typ auf Platz "
            + $"1.{(meets ? "" : " Der Typ erfüllt mindestens eine Muss-Bedingung nicht. Deshalb steht er hinten.")}",
        $"Rank {rank}: {label.En}, {Points(score)} of 100 points. In {Points(share)}% of "
            + $"{draws.ToString(CultureInfo.InvariantCulture)} randomly varied weightings this type has rank "
            + $"1.{(meets ? "" : " The type does not meet at least one must-have. Therefore it is ranked last.")}");

    public static LocalizedText OfVerdict(LocalizedText leader, LocalizedText? second, bool isClear, double? margin, double required, GuideQuestion? decisive, SmallestFlip? flip, LocalizedText? flipTo)
    {
        if (second is null)
        {
            return Both($"Nur „{leader.De}“ erfüllt alle Muss-Bedingungen.", $"Only \"{leader.En}\" meets all must-haves.");
        }

        var de = isClear
            ? $"„{leader.De}“ liegt klar vor „{second.De}“. Der Abstand beträgt {Points(margin!.Value)} Punkte."
            : $"Kein Typ liegt klar vorn. Zwischen „{leader.De}“ und „{second.De}“ liegen {Points(margin!.Value)} Punkte. "
                + $"Klar ist ein Abstand von mindestens {Points(required)} Punkten, den offene Fragen nicht aufheben können.";
        var en = isClear
            ? $"\"{leader.En}\" is clearly ahead of \"{second.En}\". The margin is {Points(margin.Value)} points."
            : $"No type is clearly ahead. \"{leader.En}\" and \"{second.En}\" are {Points(margin.Value)} points apart. "
                + $"A clear margin has at least {Points(required)} points, and open questions cannot close it.";
        if (decisive is not null)
        {
            de += $" Die offene Frage „{decisive.Label.De}“ könnte den ersten Platz ändern.";
            en += $" The open question \"{decisive.Label.En}\" could change the first rank.";
        }

        else if (!isClear && margin >= required)
        {
            de += " Keine einzelne offene Frage kann den ersten Platz ändern. Mehrere zusammen können es.";
            en += " No single open question can change the first rank. Several together can.";
        }

        if (flip is not null)
        {
            var question = Guide.Shipped.Find(flip.Question)!;
            de += $" Hätte „{question.Label.De}“ ein Gewicht von {Percent(flip.To).Replace('.', ',')} statt "
                + $"{Percent(flip.From).Replace('.', ',')} %, läge „{flipTo!.De}“ vorn.";
            en += $" If the weight of \"{question.Label.En}\" were {Percent(flip.To)} instead of {Percent(flip.From)}%, \"{flipTo.En}\" would lead.";
        }
        else
        {
            de += " Kein einzelnes Gewicht kann den ersten Platz ändern.";
            en += " No single weight can change the first rank.";
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
        var (tellDe, tellEn) = tell is null ? ("", "") : (
            $" {tell} von {members} Ankerorten im Bestand nennen eine eigene Zahl.",
            $" {tell} of {members} sites in the inventory state their own figure.");
        return Both($"{rangeDe} {need.Unit}. {need.Note.De}{tellDe}", $"{rangeEn} {InEnglish(need.Unit)}.{tellEn}");
    }

    public static LocalizedText OfHint(LocalizedText option, int with, int known) => Both(
        $"Es gibt schon: {option.De}. Bitte prüfen Sie vor einer Neugründung, ob der Ankerort dieses Angebot mitnutzen kann. Im "
            + $"Bestand haben {with} von {known} Ankerorten mit bekannter Angabe etwas Vergleichbares.",
        $"There is already: {option.En}. Before you found a new place, please check whether the anchor site can share this offer. In "
            + $"the inventory, {with} of {known} sites with a known value have something comparable.");

    public static LocalizedText OfRerun(bool isSame, string? before, string? now, bool sameVersions) => isSame
        ? Both("Es hat sich nichts geändert.", "Nothing has changed.")
        : before == now
            ? Both(
                $"Derselbe Typ liegt vorn. Die Zahlen haben sich geändert.{(sameVersions ? "" : " Typologie oder Daten sind neuer.")}",
                $"The same type leads. The numbers have changed.{(sameVersions ? "" : " Typology or data are newer.")}")
            : Both(
                $"Jetzt liegt ein anderer Typ vorn: {now ?? "keiner"} statt {before ?? "keiner"}.",
                $"Another type leads now: {now ?? "none"} instead of {before ?? "none"}.");
}
