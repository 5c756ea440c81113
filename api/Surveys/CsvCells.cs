using System.Globalization;
using System.Text.RegularExpressions;

namespace AnkerOrte.Api.Surveys;

/// <summary>How single cells are written and understood.</summary>
internal static partial class CsvCells
{
    /// <summary>What a spreadsheet would run gets a ' in front; what already looks like that gets one more, so that reading is exact.</summary>
    public static string Neutralise(string cell) => Dangerous().IsMatch(cell) && !IsNumber(cell) ? "'" + cell : cell;

    /// <summary>A text that could be taken for a missing code keeps a ' as well.</summary>
    public static string NeutraliseText(string text) => MissingCode(text) is null ? Neutralise(text) : "'" + text;

    public static string Restore(string cell) =>
        cell.StartsWith('\'') && (Dangerous().IsMatch(cell[1..]) || MissingCode(cell[1..]) is not null) ? cell[1..] : cell;

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

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?\z")]
    public static partial Regex JsonNumber();

    [GeneratedRegex(@"^-?[0-9]+,[0-9]+\z")]
    public static partial Regex DecimalComma();

    [GeneratedRegex(@"^'*[=+\-@\t\r]")]
    private static partial Regex Dangerous();

    private static bool IsNumber(string cell) => decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
