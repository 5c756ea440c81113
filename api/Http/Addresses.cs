using System.Buffers;
using System.Text;

namespace AnkerOrte.Api.Http;

/// <summary>
/// Absolute addresses in answers. Stored documents carry a placeholder, because the same database may answer under
/// several names.
/// </summary>
internal sealed class Addresses(Settings settings)
{
    public const string Placeholder = "https://ankerorte.invalid";
    public const string License = "https://creativecommons.org/licenses/by/4.0/";
    public const string Attribution = "AnkerOrte, CC BY 4.0; Gemeindedaten: © Statistisches Bundesamt (Destatis), Gemeindeverzeichnis";

    /// <summary>Scheme, host and base path of the service, without a slash at the end.</summary>
    public string Base(HttpRequest request) =>
        settings.PublicUrl is { Length: > 0 } url ? url : $"{request.Scheme}://{request.Host}{request.PathBase}";

    public static Uri Of(string path) => new(Placeholder + path);

    public static string Cite(string what, string path, string year) => $"AnkerOrte ({year}): {what}. {Placeholder}{path} (CC BY 4.0)";

    /// <summary>Copies a document and puts the real base in the place of the placeholder.</summary>
    public static void Copy(ReadOnlySpan<byte> document, ReadOnlySpan<byte> baseAddress, IBufferWriter<byte> output)
    {
        var placeholder = "https://ankerorte.invalid"u8;
        for (var at = document.IndexOf(placeholder); at >= 0; at = document.IndexOf(placeholder))
        {
            output.Write(document[..at]);
            output.Write(baseAddress);
            document = document[(at + placeholder.Length)..];
        }

        output.Write(document);
    }

    public static byte[] Resolve(byte[] document, string baseAddress)
    {
        var output = new ArrayBufferWriter<byte>(document.Length + 256);
        Copy(document, Encoding.UTF8.GetBytes(baseAddress), output);
        return output.WrittenSpan.ToArray();
    }
}
