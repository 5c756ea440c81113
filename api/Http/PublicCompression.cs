using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace AnkerOrte.Api.Http;

/// <summary>
/// Compresses public answers only. The length of a compressed answer depends on its content, so whoever watches the connection and
/// can add text to an answer could guess the rest of it (BREACH).
/// </summary>
internal sealed class PublicCompression(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
    : ResponseCompressionProvider(services, options)
{
    public override bool ShouldCompressResponse(HttpContext context) => context.Response.Headers.CacheControl != "no-store"
        && base.ShouldCompressResponse(context);
}
