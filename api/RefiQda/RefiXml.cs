using System.Security.Cryptography;
using System.Text;
using System.Xml;
using AnkerOrte.Api.QualitativeCodebook;

namespace AnkerOrte.Api.RefiQda;

/// <summary>Functions for both files of REFI-QDA 1.5 (qdasoftware.org): writing XML, GUIDs, and the tree of codes.</summary>
internal static class RefiXml
{
    public const string Codebook = "urn:QDA-XML:codebook:1.0";
    public const string Project = "urn:QDA-XML:project:1.0";

    public static byte[] Write(Action<XmlWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, NewLineChars = "\n", NewLineHandling = NewLineHandling.Entitize }))
        {
            write(xml);
        }

        return buffer.ToArray();
    }

    /// <summary>Writes the tree of codes in the order of the codebook.</summary>
    public static void WriteCodes(XmlWriter xml, CodebookVersion codebook)
    {
        var below = codebook.Codes.ToLookup(code => code.Parent);
        xml.WriteStartElement("Codes");
        Write(null);
        xml.WriteEndElement();

        void Write(string? parent)
        {
            foreach (var code in below[parent])
            {
                xml.WriteStartElement("Code");
                xml.WriteAttributeString("guid", code.Id);
                xml.WriteAttributeString("name", Clean(code.Name));
                xml.WriteAttributeString("isCodable", code.IsCodable ? "true" : "false");
                if (code.Color is not null)
                {
                    xml.WriteAttributeString("color", code.Color);
                }

                if (code.Description is not null)
                {
                    xml.WriteElementString("Description", Clean(code.Description));
                }

                Write(code.Id);
                xml.WriteEndElement();
            }
        }
    }

    /// <summary>Makes a GUID from the id of a record. The same id gives the same GUID; the GUID does not reveal the id.</summary>
    public static string Guid(string kind, string id) => new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(kind + ":" + id)).AsSpan(0, 16)).ToString();

    /// <summary>Removes characters that XML does not allow.</summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value))
            {
                clean.Append(rune.ToString());
            }
        }

        return clean.ToString();
    }
}
