using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Codings;

/// <summary>Computes the agreement of coders. A passage for which a coder recorded "no code fits" counts as coded.</summary>
internal static class CodingAgreements
{
    private static readonly LocalizedText NothingDouble = new()
    {
        De = "Keine Textstelle haben zwei Personen codiert.",
        En = "No passage was coded by two coders.",
    };

    private static readonly LocalizedText NoVariation = new()
    {
        De = "Alle Urteile sind gleich. Die Übereinstimmung lässt sich deshalb nicht vom Zufall unterscheiden.",
        En = "All judgements are equal. Agreement can therefore not be distinguished from chance.",
    };

    public static CodingAgreement Of(IReadOnlyList<CodingRow> rows, CodebookVersion codebook)
    {
        // For each passage the codes of each coder.
        var passages = rows.GroupBy(row => row.PassageId).Select(passage => passage.GroupBy(row => row.Coder).ToDictionary(
            coder => coder.Key, coder => coder.Select(row => row.Code).OfType<string>().ToHashSet(StringComparer.Ordinal))).ToList();
        var units = passages.Where(passage => passage.Count > 1).ToList();
        var coders = units.SelectMany(unit => unit.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        var used = units.SelectMany(unit => unit.Values.SelectMany(codes => codes)).Distinct().Order(StringComparer.Ordinal);
        // Each set of codes becomes one value: its codes in order, joined by commas.
        var overall = CoderAgreement.Alpha(units.Select(unit => unit.Values.Select(codes => string.Join(',', codes.Order(StringComparer.Ordinal))).ToList()), Masi);
        return new()
        {
            Coders = rows.Select(row => row.Coder).Distinct().Count(),
            Passages = passages.Count,
            Units = units.Count,
            DoubleCoded = passages.Count == 0 ? null : (double)units.Count / passages.Count,
            Codes = [.. used.Select(code => OfCode(code, codebook.Find(code)?.Name ?? code, units, coders))],
            Alpha = overall,
            Reading = Read(overall),
            Reason = overall is not null ? null : units.Count == 0 ? NothingDouble : NoVariation,
        };
    }

    private static CodeAgreement OfCode(string code, string name, List<Dictionary<string, HashSet<string>>> units, List<string> coders)
    {
        var values = units.Select(unit => unit.Values.Select(codes => codes.Contains(code)).ToList()).ToList();
        var alpha = CoderAgreement.Alpha(values, CoderAgreement.Nominal);
        return new()
        {
            Code = code,
            Name = name,
            Units = values.Count(unit => unit.Contains(true)),
            Cohen = coders.Count == 2 ? Cohen(code, units, coders) : null,
            Fleiss = CoderAgreement.Fleiss([.. values.Select(unit => (IReadOnlyList<int>)[unit.Count(has => has), unit.Count(has => !has)])]),
            Alpha = alpha,
            Reading = Read(alpha),
            Reason = alpha is null ? NoVariation : null,
        };
    }

    private static double? Cohen(string code, List<Dictionary<string, HashSet<string>>> units, List<string> coders)
    {
        var table = new int[2, 2];
        foreach (var unit in units)
        {
            table[unit[coders[0]].Contains(code) ? 0 : 1, unit[coders[1]].Contains(code) ? 0 : 1]++;
        }

        return Agreement.Cohen(table);
    }

    private static double Masi(string a, string b) => CoderAgreement.Masi(Codes(a), Codes(b));

    private static HashSet<string> Codes(string value) => [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries)];

    /// <summary>Interprets alpha by Krippendorff's usual thresholds.</summary>
    private static AgreementReading? Read(double? alpha) => alpha switch
    {
        null => null,
        >= 0.8 => AgreementReading.Good,
        >= 0.667 => AgreementReading.Tentative,
        _ => AgreementReading.Low,
    };
}
