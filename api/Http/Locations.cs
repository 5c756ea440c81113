using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Http;

internal static class Locations
{
    public static Location? Of(double? latitude, double? longitude, string? precision = "municipality") =>
        latitude is { } lat && longitude is { } lon
            ? new Location { Latitude = lat, Longitude = lon, Precision = WireEnum.Read<LocationPrecision>(precision!) }
            : null;
}
