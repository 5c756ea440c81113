using System.Globalization;
using System.Text.RegularExpressions;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>What cells of a table of responses mean beside what all tables have.</summary>
internal static partial class CsvCells
{
    /// <summary>Numbers are texts here; those that begin with a minus are no formulas.</summary>
    public static string Neutralise(string cell) =>
        decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? cell : Csv.Neutralise(cell);

    /// <summary>A text that could be taken for a missing code keeps a ' as well.</summary>
    public static string NeutraliseText(string text) => MissingCode(text) is null ? Neutralise(text) : "'" + text;

    public static string Restore(string cell) =>
        cell.StartsWith('\'') && MissingCode(cell[1..]) is not null ? cell[1..] : Csv.Restore(cell);

    public static int? MissingCode(string cell) => cell.Trim() switch
    {
        "-66" or "-66.0" => -66,
        "-77" or "-77.0" => -77,
        "-88" or "-88.0" => -88,
        "-99" or "-99.0" => -99,
        _ => null,
    };

    /// <summary>Data frames write 1.0 where a column has gaps, LimeSurvey writes Y.</summary>
    public static bool? Chosen(string cell) => cell.Trim() switch
    {
        "1" or "1.0" or "Y" or "true" or "True" or "TRUE" => true,
        "" or "0" or "0.0" or "N" or "false" or "False" or "FALSE" => false,
        _ => null,
    };

    [GeneratedRegex(@"^-?[0-9]+,[0-9]+\z")]
    public static partial Regex DecimalComma();
}
