using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.RefiQda;

/// <summary>Reads a .qdc file: no document type, nothing from elsewhere, all mistakes at once; what has no place here is named.</summary>
internal sealed partial class CodebookReader
{
    private const int Deepest = 30;
    private const int MostCodes = 10_000;

    /// <summary>Limits of the file as XML, wide enough for every codebook within the limits above.</summary>
    private const int DeepestElement = 64;

    private const int MostElements = 50_000;
    private const int MostAttributes = 32;
    private const int MostDeclarations = 100;

    private readonly List<ProblemError> errors = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public List<StoredCode> Codes { get; } = [];

    public List<RefiDiscarded> Discarded { get; } = [];

    /// <summary>Null if everything could be read.</summary>
    public IResult? Read(ReadOnlyMemory<byte> bytes)
    {
        Database.Database.CheckNotWriting();
        XDocument document;
        try
        {
            // Names are resolved in the second reading only, when their number is known to be small.
            if (CheckSize(bytes) is { } tooLarge)
            {
                return Problems.Unprocessable([tooLarge]);
            }

            using var reader = XmlReader.Create(
                Open(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CloseInput = true });
            document = XDocument.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (XmlException e)
        {
            var line = e.LineNumber.ToString(CultureInfo.InvariantCulture);
            return Problems.Invalid([e.Message.Contains("DTD", StringComparison.Ordinal)
                ? ProblemError.At("", "dtd", new($"Zeile {line}: ein Dokumenttyp (DTD) ist nicht erlaubt.", $"Line {line}: a document type (DTD) is not allowed."))
                : ProblemError.At("", "not-xml", new($"Das ist kein XML: Zeile {line}, Stelle {e.LinePosition}.", $"This is not XML: line {line}, position {e.LinePosition}."))]);
        }

        var root = document.Root!;
        if (root.Name != XName.Get("CodeBook", RefiXml.Codebook))
        {
            Add(root, "not-a-codebook", $"Erwartet wird „CodeBook“ aus {RefiXml.Codebook}.", $"Expected is `CodeBook` of {RefiXml.Codebook}.");
            return Problems.Unprocessable(errors);
        }

        DiscardAttributes(root, "origin");
        foreach (var part in root.Elements())
        {
            if (part.Name == XName.Get("Codes", RefiXml.Codebook))
            {
                DiscardAttributes(part);
                ReadCodes(part, null, 0);
            }
            else
            {
                Discard(part);
            }
        }

        return errors.Count > 0 ? Problems.Unprocessable([.. errors.Take(BodyCheck.MostErrors)]) : null;
    }

    /// <summary>
    /// Counts depth, elements and attributes before anything is kept, and stops at the first limit. Without namespaces, because
    /// resolving a name takes time in proportion to the declarations around it.
    /// </summary>
    private static ProblemError? CheckSize(ReadOnlyMemory<byte> bytes)
    {
        using var reader = new XmlTextReader(
            Open(bytes))
        { Namespaces = false, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };
        var elements = 0;
        var declarations = 0;
        while (reader.Read())
        {
            if (reader.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            if (reader.Depth >= DeepestElement)
            {
                return TooMuch(
                    "too-deep", $"Elemente sind tiefer als {DeepestElement} Ebenen geschachtelt.",
                    $"Elements are nested deeper than {DeepestElement} levels.");
            }

            if (++elements > MostElements)
            {
                return TooMuch("too-many", $"Mehr als {MostElements} Elemente.", $"More than {MostElements} elements.");
            }

            if (reader.AttributeCount > MostAttributes)
            {
                return TooMuch(
                    "too-many-attributes", $"Ein Element hat mehr als {MostAttributes} Attribute.",
                    $"An element has more than {MostAttributes} attributes.");
            }

            while (reader.MoveToNextAttribute())
            {
                if (reader.Name.StartsWith("xmlns", StringComparison.Ordinal) && ++declarations > MostDeclarations)
                {
                    return TooMuch(
                        "too-many-namespaces", $"Mehr als {MostDeclarations} Namensräume.",
                        $"More than {MostDeclarations} namespace declarations.");
                }
            }
        }

        return null;

        ProblemError TooMuch(string code, string german, string english) =>
            ProblemError.At("", code, new($"Zeile {reader.LineNumber}: {german}", $"Line {reader.LineNumber}: {english}"));
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var array) ? new(array.Array!, array.Offset, array.Count, writable: false)
            : new(bytes.ToArray(), writable: false);

    private void ReadCodes(XElement above, string? parent, int depth)
    {
        foreach (var element in above.Elements())
        {
            if (element.Name == XName.Get("Description", RefiXml.Codebook) && parent is not null)
            {
                continue;
            }

            if (element.Name != XName.Get("Code", RefiXml.Codebook))
            {
                Discard(element);
            }
            else if (depth == Deepest)
            {
                Add(element, "too-deep", $"Tiefer als {Deepest} Ebenen.", $"Deeper than {Deepest} levels.");
            }
            else if (Codes.Count == MostCodes)
            {
                Add(element, "too-many", $"Mehr als {MostCodes} Codes.", $"More than {MostCodes} codes.");
                return;
            }
            else
            {
                ReadCode(element, parent, depth);
            }
        }
    }

    private void ReadCode(XElement element, string? parent, int depth)
    {
        var name = element.Attribute("name")?.Value ?? "";
        var color = element.Attribute("color")?.Value;
        var description = element.Element(XName.Get("Description", RefiXml.Codebook))?.Value;
        var isCodable = element.Attribute("isCodable")?.Value.Trim();
        if (!System.Guid.TryParseExact(element.Attribute("guid")?.Value.Trim('{', '}', ' '), "D", out var guid))
        {
            Add(element, "guid", "„guid“ fehlt oder ist keine GUID.", "`guid` is missing or no GUID.");
        }
        else if (!seen.Add(guid.ToString()))
        {
            Add(element, "taken", $"Die GUID {guid} steht schon weiter oben.", $"The GUID {guid} stands further up already.");
        }

        if (name.Length is 0 or > 200)
        {
            Add(element, "length", "„name“ braucht 1 bis 200 Zeichen.", "`name` needs 1 to 200 characters.");
        }

        if (description?.Length > 10_000)
        {
            Add(element, "length", "Die Beschreibung hat mehr als 10000 Zeichen.", "The description has more than 10000 characters.");
        }

        if (color is not null && !Color().IsMatch(color))
        {
            Add(element, "pattern", "„color“ ist #RRGGBB oder #RGB.", "`color` is #RRGGBB or #RGB.");
        }

        if (isCodable is not ("true" or "false" or "1" or "0"))
        {
            Add(element, "type", "„isCodable“ ist „true“ oder „false“.", "`isCodable` is `true` or `false`.");
        }

        DiscardAttributes(element, "guid", "name", "color", "isCodable");
        Codes.Add(new(guid.ToString(), name, string.IsNullOrEmpty(description) ? null : description, color, isCodable is "true" or "1", parent));
        ReadCodes(element, guid.ToString(), depth + 1);
    }

    private void Discard(XElement element) => Discarded.Add(new() { What = element.Name.LocalName, Name = element.Attribute("name")?.Value, Line = Line(element) });

    /// <summary>Where a schema lies is no content.</summary>
    private void DiscardAttributes(XElement element, params ReadOnlySpan<string> known)
    {
        foreach (var attribute in element.Attributes())
        {
            if (!attribute.IsNamespaceDeclaration && attribute.Name.NamespaceName != "http://www.w3.org/2001/XMLSchema-instance" && !known.Contains(attribute.Name.LocalName))
            {
                Discarded.Add(new() { What = "@" + attribute.Name.LocalName, Name = element.Attribute("name")?.Value, Line = Line(element) });
            }
        }
    }

    private void Add(XElement element, string code, string german, string english) =>
        errors.Add(ProblemError.At("", code, new(string.Create(CultureInfo.InvariantCulture, $"Zeile {Line(element)}: {german}"), string.Create(CultureInfo.InvariantCulture, $"Line {Line(element)}: {english}"))));

    private static int Line(XElement element) => ((IXmlLineInfo)element).LineNumber;

    [GeneratedRegex("^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})\\z")]
    private static partial Regex Color();
}
