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
    private const int MostPower = 15;

    public static NumberResult Read(ReadOnlySpan<byte> json, out decimal number)
    {
        number = 0;
        var i = json[0] == '-' ? 1 : 0;
        var negative = i == 1;
        long mantissa = 0;
        int digits = 0, zeros = 0, fraction = 0, exponent = 0;
        var afterPoint = false;
        for (; i < json.Length && json[i] is not ((byte)'e' or (byte)'E'); i++)
        {
            if (json[i] == '.')
            {
                afterPoint = true;
                continue;
            }

            fraction += afterPoint ? 1 : 0;
            var digit = json[i] - '0';
            if (digit == 0)
            {
                zeros += mantissa == 0 ? 0 : 1;
                continue;
            }

            digits += zeros + 1;
            if (digits > MostDigits)
            {
                return NumberResult.TooPrecise;
            }

            for (; zeros >= 0; zeros--)
            {
                mantissa *= 10;
            }

            zeros = 0;
            mantissa += digit;
        }

        if (mantissa == 0)
        {
            return NumberResult.Fits;
        }

        if (i < json.Length)
        {
            exponent = ReadExponent(json[(i + 1)..]);
        }

        var power = exponent + zeros - fraction;
        if (digits + power > MostPower || power < -28)
        {
            return NumberResult.OutOfRange;
        }

        for (; power > 0; power--)
        {
            mantissa *= 10;
        }

        number = new decimal((int)mantissa, (int)(mantissa >> 32), 0, negative, (byte)-power);
        return NumberResult.Fits;
    }

    private static int ReadExponent(ReadOnlySpan<byte> text)
    {
        var exponent = 0;
        foreach (var letter in text)
        {
            // More than this is out of range either way.
            exponent = letter is (byte)'-' or (byte)'+' ? 0 : Math.Min(1_000_000, 10 * exponent + letter - '0');
        }

        return text[0] == '-' ? -exponent : exponent;
    }
}
