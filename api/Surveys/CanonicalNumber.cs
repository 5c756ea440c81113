using System.Globalization;

namespace AnkerOrte.Api.Surveys;

internal enum NumberResult
{
    Fits,
    TooPrecise,
    OutOfRange,
}

/// <summary>
/// A JSON number with one spelling: 5, 5.0 and 0.5e1 are the same. Refuses what it could only keep rounded, so that nothing
/// is lost in silence; 17 digits are what a double of any language writes at most.
/// </summary>
internal static class CanonicalNumber
{
    private const int MostDigits = 17;
    private const decimal TooLarge = 1e15m;

    /// <summary>Division by it takes the zeros off the end of a fraction.</summary>
    private const decimal One = 1.0000000000000000000000000000m;

    public static NumberResult Read(ReadOnlySpan<byte> json, out decimal number)
    {
        number = 0;
        var digits = CountDigits(json);
        if (digits == 0)
        {
            return NumberResult.Fits;
        }

        if (digits > MostDigits)
        {
            return NumberResult.TooPrecise;
        }

        if (!decimal.TryParse(json, NumberStyles.Float, CultureInfo.InvariantCulture, out number) || Math.Abs(number) >= TooLarge)
        {
            return NumberResult.OutOfRange;
        }

        // Very small numbers were rounded to the 28 places that a decimal has.
        Span<byte> kept = stackalloc byte[32];
        number.TryFormat(kept, out var length, "E16", CultureInfo.InvariantCulture);
        if (CountDigits(kept[..length]) != digits)
        {
            return NumberResult.OutOfRange;
        }

        number /= One;
        return NumberResult.Fits;
    }

    /// <summary>Without zeros at either end.</summary>
    private static int CountDigits(ReadOnlySpan<byte> number)
    {
        int digits = 0, zeros = 0;
        foreach (var letter in number)
        {
            if (letter is (byte)'e' or (byte)'E')
            {
                break;
            }

            if (letter == '0')
            {
                zeros += digits == 0 ? 0 : 1;
            }
            else if (letter is not ((byte)'-' or (byte)'.'))
            {
                digits += zeros + 1;
                zeros = 0;
            }
        }

        return digits;
    }
}
