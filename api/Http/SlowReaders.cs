using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace AnkerOrte.Api.Http;

/// <summary>How slowly an answer may be read before its connection is closed.</summary>
internal static class SlowReaders
{
    /// <summary>Any answer. A connection that reads more slowly only holds memory.</summary>
    public static readonly MinDataRate AnyAnswer = new(bytesPerSecond: 1_000, gracePeriod: TimeSpan.FromSeconds(10));

    /// <summary>Answers without an end that is known: slower than any mobile network.</summary>
    private static readonly MinDataRate LongAnswer = new(bytesPerSecond: 8_000, gracePeriod: TimeSpan.FromSeconds(15));

    /// <summary>
    /// Sets the lowest rate for an answer that is sent part by part. HTTP/2 has one rate per connection, that of <see
    /// cref="AnyAnswer"/>.
    /// </summary>
    public static void Limit(HttpContext http)
    {
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = LongAnswer;
        }
    }
}
