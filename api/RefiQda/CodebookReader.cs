using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.RefiQda;

/// <summary>
/// Reads a .qdc file without document type and external files. Reports all errors at once, and lists the content that this service
/// cannot store.
/// </summary>
internal sealed partial class CodebookReader
{
    private const int Deepest = 30;
    private const int MostCodes = 10_000;

    /// <summary>Limits of the XML. Every codebook within the limits above fits them.</summary>
    private const int DeepestElement = 64;

    private const int MostElements = 50_000;
    private const int MostAttributes = 32;
    private const int MostDeclarations = 100;

    private readonly List<ProblemError> errors = [];
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);

    public List<StoredCode> Codes { get; } = [];

    public List<RefiDiscarded> Discarded { get; } = [];

    /// <returns>The problem; null if the file could be read.</returns>
    public IResult? Read(ReadOnlyMemory<byte> bytes)
    {
        Database.Database.CheckNotWriting();
        XDocument document;
        try
        {
            // Only the second pass resolves namespaces, after the first one has checked that there are few.
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
                ? ProblemError.At("", "dtd", new(
                    $"Zeile {line}: Ein Dokumenttyp (DTD) ist nicht erlaubt.",
                    $"Line {line}: a document type (DTD) is not allowed."))
                : ProblemError.At("", "not-xml", new(
                    $"Die Datei ist kein gültiges XML. Der Fehler steht in Zeile {line}, Spalte {e.LinePosition}.",
                    $"The file is not valid XML. The error is in line {line}, column {e.LinePosition}."))]);
        }

        var root = document.Root!;
        if (root.Name != XName.Get("CodeBook", RefiXml.Codebook))
        {
            Add(
                root, "not-a-codebook", $"Erwartet: das Element „CodeBook“ aus {RefiXml.Codebook}.",
                $"Expected: the element `CodeBook` of {RefiXml.Codebook}.");
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
    /// First pass: counts depth, elements and attributes without keeping content, and stops at the first exceeded limit. It ignores
    /// namespaces, because resolving a name takes time in proportion to the declarations around it.
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
                return TooMuch(
                    "too-many", $"Die Datei hat mehr als {MostElements} Elemente.",
                    $"The file has more than {MostElements} elements.");
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
                        "too-many-namespaces", $"Die Datei deklariert mehr als {MostDeclarations} Namensräume.",
                        $"The file has more than {MostDeclarations} namespace declarations.");
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
                Add(
                    element, "too-deep", $"Der Code liegt tiefer als {Deepest} Ebenen.",
                    $"The code is nested deeper than {Deepest} levels.");
            }
            else if (Codes.Count == MostCodes)
            {
                Add(element, "too-many", $"Das Codebuch hat mehr als {MostCodes} Codes.", $"The codebook has more than {MostCodes} codes.");
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
            Add(element, "guid", "„guid“ fehlt oder ist keine GUID.", "`guid` is missing or not a GUID.");
        }
        else if (!seen.Add(guid.ToString()))
        {
            Add(element, "taken", $"Die GUID {guid} kommt weiter oben schon vor.", $"The GUID {guid} has already been used further up.");
        }

        if (name.Length is 0 or > 200)
        {
            Add(element, "length", "„name“ muss 1 bis 200 Zeichen haben.", "`name` must have 1 to 200 characters.");
        }

        if (description?.Length > 10_000)
        {
            Add(element, "length", "Die Beschreibung hat mehr als 10000 Zeichen.", "The description has more than 10000 characters.");
        }

        if (color is not null && !Color().IsMatch(color))
        {
            Add(element, "pattern", "„color“ muss #RRGGBB oder #RGB sein.", "`color` must be #RRGGBB or #RGB.");
        }

        if (isCodable is not ("true" or "false" or "1" or "0"))
        {
            Add(element, "type", "„isCodable“ muss „true“ oder „false“ sein.", "`isCodable` must be `true` or `false`.");
        }

        DiscardAttributes(element, "guid", "name", "color", "isCodable");
        Codes.Add(new(guid.ToString(), name, string.IsNullOrEmpty(description) ? null : description, color, isCodable is "true" or "1", parent));
        ReadCodes(element, guid.ToString(), depth + 1);
    }

    private void Discard(XElement element) => Discarded.Add(new() { What = element.Name.LocalName, Name = element.Attribute("name")?.Value, Line = Line(element) });

    /// <summary>Lists unknown attributes as discarded, except schema locations, which are not content.</summary>
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
