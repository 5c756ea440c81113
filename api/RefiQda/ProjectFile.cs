using System.IO.Compression;
using System.Text;
using System.Xml;
using AnkerOrte.Api.Codings;
using AnkerOrte.Api.Conversations;
using AnkerOrte.Api.QualitativeCodebook;
using AnkerOrte.Contracts;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.RefiQda;

/// <summary>Writes a .qdpx file: project.qde, and a text for each conversation. The same content gives the same bytes.</summary>
internal sealed class ProjectFile
{
    private sealed record Source(ConversationText Conversation, string Text, List<CodedPassage> Passages, ILookup<string, CodingRow> Codings)
    {
        public string Guid => RefiXml.Guid("source", Conversation.Id);

        public IEnumerable<CodingRow> Coded => Passages.SelectMany(passage => Codings[passage.Id]);
    }

    private readonly CodebookVersion codebook;
    private readonly List<Source> sources;
    private readonly int moved;

    public ProjectFile(SqliteConnection connection, IEnumerable<ConversationText> conversations)
    {
        codebook = QualitativeCodebookQueries.Latest(connection);
        sources = [];
        foreach (var conversation in conversations)
        {
            var passages = RefiQdaQueries.Passages(connection, conversation.Id);
            moved += passages.RemoveAll(passage => passage.TextSha256 != conversation.Sha256);
            sources.Add(new(conversation, Transcripts.ForResearch(connection, conversation.Id, conversation.Kind, conversation.Text), passages, RefiQdaQueries.Codings(connection, conversation.Id)));
        }
    }

    public RefiReport Report()
    {
        var all = sources.SelectMany(source => source.Coded).ToList();
        RefiLoss[] lost =
        [
            Loss(RefiLossWhat.NothingFits, all.Count(coding => coding.Code is null),
                "Die Datei enthält keine Codierungen „kein Code passt“.",
                "The file contains no codings \"no code fits\"."),
            Loss(RefiLossWhat.Consensus, all.Count(coding => coding.Consensus && coding.Code is not null),
                "Konsens steht als gewöhnliche Codierung in der Datei.",
                "The file contains consensus as ordinary codings."),
            Loss(RefiLossWhat.RetiredCodes, codebook.Codes.Count(code => code.Retired),
                "Die Datei zeigt nicht, welche Codes nicht mehr vergeben werden.",
                "The file does not show which codes are retired."),
            Loss(RefiLossWhat.CodebookVersions, all.Count(coding => coding.CodebookVersion != codebook.Number),
                "Codierungen mit älteren Fassungen des Codebuchs stehen unter der heutigen Fassung.",
                "Codings with older versions of the codebook appear under the current version."),
            Loss(RefiLossWhat.Release, sources.Sum(source => source.Passages.Count),
                "Die Datei zeigt nicht, ob eine Textstelle freigegeben ist und von wem sie stammt.",
                "The file does not show whether a passage is released and who said it."),
            Loss(RefiLossWhat.MovedPassages, moved,
                "Textstellen, die nicht zum heutigen Text gehören, fehlen.",
                "Passages that do not belong to the current text are missing."),
        ];
        return new()
        {
            Conversations = sources.Count,
            Passages = sources.Sum(source => source.Passages.Count),
            Codings = all.Count(coding => coding.Code is not null),
            Lost = [.. lost.Where(loss => loss.Count > 0)],
        };
    }

    public byte[] Zip()
    {
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "project.qde", RefiXml.Write(Write));
            foreach (var source in sources)
            {
                Add(zip, $"sources/{source.Guid}.txt", Encoding.UTF8.GetBytes(source.Text));
            }
        }

        return buffer.ToArray();
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        var entry = zip.CreateEntry(name);
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var stream = entry.Open();
        stream.Write(content);
    }

    private void Write(XmlWriter xml)
    {
        xml.WriteStartElement("Project", RefiXml.Project);
        xml.WriteAttributeString("name", "AnkerOrte");
        xml.WriteAttributeString("origin", "AnkerOrte");
        Section(xml, "Users", sources.SelectMany(source => source.Coded).Select(coding => coding.Coder).Distinct().Order(StringComparer.Ordinal), coder =>
        {
            xml.WriteStartElement("User");
            xml.WriteAttributeString("guid", RefiXml.Guid("user", coder));
            xml.WriteAttributeString("name", coder);
            xml.WriteEndElement();
        });
        if (codebook.Codes.Count > 0)
        {
            xml.WriteStartElement("CodeBook");
            RefiXml.WriteCodes(xml, codebook);
            xml.WriteEndElement();
        }

        Section(xml, "Cases", sources, source =>
        {
            xml.WriteStartElement("Case");
            xml.WriteAttributeString("guid", RefiXml.Guid("case", source.Conversation.Id));
            xml.WriteAttributeString("name", source.Conversation.Id);
            Reference(xml, "SourceRef", source.Guid);
            xml.WriteEndElement();
        });
        Section(xml, "Sources", sources, source => Write(xml, source));
        Section(xml, "Notes", sources.SelectMany(source => source.Coded).Where(coding => coding is { Code: not null, Memo: not null }), coding =>
        {
            xml.WriteStartElement("Note");
            xml.WriteAttributeString("guid", RefiXml.Guid("note", coding.Id));
            xml.WriteAttributeString("name", "Memo " + coding.Id);
            xml.WriteAttributeString("creatingUser", RefiXml.Guid("user", coding.Coder));
            xml.WriteElementString("PlainTextContent", RefiXml.Clean(coding.Memo!));
            xml.WriteEndElement();
        });
        xml.WriteElementString("Description", string.Join(' ', Report().Lost.Select(loss => loss.Note.En).Prepend("From AnkerOrte. Positions are code points, ends are not included.")));
        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, Source source)
    {
        xml.WriteStartElement("TextSource");
        xml.WriteAttributeString("guid", source.Guid);
        xml.WriteAttributeString("name", source.Conversation.Id);
        xml.WriteAttributeString("plainTextPath", $"internal://{source.Guid}.txt");
        foreach (var passage in source.Passages)
        {
            xml.WriteStartElement("PlainTextSelection");
            xml.WriteAttributeString("guid", RefiXml.Guid("passage", passage.Id));
            xml.WriteAttributeString("name", passage.Id);
            xml.WriteAttributeString("startPosition", XmlConvert.ToString(passage.StartAt));
            xml.WriteAttributeString("endPosition", XmlConvert.ToString(passage.EndAt));
            foreach (var coding in source.Codings[passage.Id].Where(coding => coding.Code is not null))
            {
                xml.WriteStartElement("Coding");
                xml.WriteAttributeString("guid", RefiXml.Guid("coding", coding.Id));
                xml.WriteAttributeString("creatingUser", RefiXml.Guid("user", coding.Coder));
                xml.WriteAttributeString("creationDateTime", coding.CreatedAt);
                Reference(xml, "CodeRef", coding.Code!);
                if (coding.Memo is not null)
                {
                    Reference(xml, "NoteRef", RefiXml.Guid("note", coding.Id));
                }

                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    /// <summary>Writes a section, but only if it has items, because the format forbids empty sections.</summary>
    private static void Section<T>(XmlWriter xml, string name, IEnumerable<T> items, Action<T> write)
    {
        var isOpen = false;
        foreach (var item in items)
        {
            if (!isOpen)
            {
                xml.WriteStartElement(name);
                isOpen = true;
            }

            write(item);
        }

        if (isOpen)
        {
            xml.WriteEndElement();
        }
    }

    private static void Reference(XmlWriter xml, string name, string target)
    {
        xml.WriteStartElement(name);
        xml.WriteAttributeString("targetGUID", target);
        xml.WriteEndElement();
    }

    private static RefiLoss Loss(RefiLossWhat what, int count, string german, string english) => new() { What = what, Count = count, Note = new() { De = german, En = english } };
}
