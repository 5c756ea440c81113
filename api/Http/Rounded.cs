namespace AnkerOrte.Api.Http;

/// <summary>Computed numbers as they are published: six decimals.</summary>
internal static class Rounded
{
    public static double? Of(double? value) => value is { } number && double.IsFinite(number) ? Math.Round(number, 6) : null;
}
