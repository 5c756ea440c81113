using System.Text;
using System.Text.Json.Nodes;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Evidence;

/// <summary>The chain as JSON, as JSON-LD with the terms of PROV-O (W3C, 2013), or as Markdown.</summary>
internal static class EvidenceAnswers
{
    public static IResult Answer(HttpContext http, Answers answers, EvidenceGraph graph)
    {
        var offered = answers.Offered(http);
        var format = Formats.Choose(http.Request, offered);
        if (format is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), offered);
        }

        var document = format switch
        {
            Formats.JsonLd => WireJson.Write(JsonLd(graph)),
            Formats.Markdown => Encoding.UTF8.GetBytes(Markdown(graph, Languages.PrefersGerman(http.Request))),
            _ => WireJson.Write(graph),
        };
        var bytes = Addresses.Resolve(document, answers.Base(http));
        return answers.Bytes(http, format == Formats.Markdown ? Formats.Markdown + "; charset=utf-8" : format, Answers.Hash(bytes), () => bytes);
    }

    private static JsonObject JsonLd(EvidenceGraph graph)
    {
        var nodes = graph.Nodes.ToDictionary(node => node.Id);
        string Iri(string id) => nodes[id].Kind == EvidenceKind.Experience ? nodes[id].Url!.OriginalString + "#" + id : nodes[id].Url!.OriginalString;
        return new JsonObject
        {
            ["@context"] = new JsonObject
            {
                ["prov"] = "http://www.w3.org/ns/prov#",
                ["rdfs"] = "http://www.w3.org/2000/01/rdf-schema#",
                ["dct"] = "http://purl.org/dc/terms/",
                ["ao"] = Addresses.Placeholder + "/openapi.yaml#",
                ["supports"] = new JsonObject { ["@id"] = "ao:supports", ["@type"] = "@id" },
                ["contradicts"] = new JsonObject { ["@id"] = "ao:contradicts", ["@type"] = "@id" },
                ["qualifies"] = new JsonObject { ["@id"] = "ao:qualifies", ["@type"] = "@id" },
                ["rests-on"] = new JsonObject { ["@id"] = "prov:wasDerivedFrom", ["@type"] = "@id" },
                ["documented-by"] = new JsonObject { ["@id"] = "prov:hadPrimarySource", ["@type"] = "@id" },
            },
            ["@graph"] = new JsonArray([.. graph.Nodes.Select(node =>
            {
                var json = new JsonObject
                {
                    ["@id"] = Iri(node.Id),
                    ["@type"] = new JsonArray("prov:Entity", "ao:" + WireEnum.Write(node.Kind)),
                    ["rdfs:label"] = node.Label,
                };
                if (node.Text is not null)
                {
                    json["dct:description"] = node.Text;
                }

                foreach (var links in graph.Links.Where(link => link.From == node.Id).GroupBy(link => link.Relation))
                {
                    json[WireEnum.Write(links.Key)] = new JsonArray([.. links.Select(link => (JsonNode)Iri(link.To))]);
                }

                return (JsonNode)json;
            })]),
        };
    }

    /// <summary>What supports first; what contradicts or qualifies is always told, under a heading of its own.</summary>
    private static string Markdown(EvidenceGraph graph, bool german)
    {
        var nodes = graph.Nodes.ToDictionary(node => node.Id);
        var text = new StringBuilder();
        var root = nodes[graph.Root];
        text.Append("# ").Append(Plain(root.Label)).Append("\n\n");
        if (root.Text is not null && root.Kind != EvidenceKind.Source)
        {
            text.Append(Plain(root.Text)).Append("\n\n");
        }

        foreach (var finding in root.Kind == EvidenceKind.Finding ? [root] : graph.Nodes.Where(node => node.Kind == EvidenceKind.Finding))
        {
            if (finding != root)
            {
                text.Append("## ").Append(Plain(finding.Label)).Append("\n\n").Append(Plain(finding.Text!)).Append("\n\n");
            }

            foreach (var (relation, title) in new[]
            {
                (LinkRelation.Supports, german ? "Dafür spricht" : "Supported by"),
                (LinkRelation.Qualifies, german ? "Einschränkend" : "Qualified by"),
                (LinkRelation.Contradicts, german ? "Dagegen spricht" : "Contradicted by"),
            })
            {
                var links = graph.Links.Where(link => link.To == finding.Id && link.Relation == relation).ToList();
                if (links.Count > 0)
                {
                    text.Append("**").Append(title).Append("**\n\n");
                    links.ForEach(link => text.Append("- ").Append(Line(link.From)).Append('\n'));
                    text.Append('\n');
                }
            }
        }

        return text.Append(german ? "Zitierweise: " : "Cite as: ").Append(graph.Citation).Append('\n').ToString();

        string Line(string id)
        {
            if (nodes[id].Kind == EvidenceKind.Passage)
            {
                return $"„{Plain(nodes[id].Text!)}“ ([{Plain(nodes[id].Label)}](<{nodes[id].Url!.OriginalString}>))";
            }

            if (nodes[id].Kind is EvidenceKind.SurveyAggregate or EvidenceKind.TypologyRun)
            {
                return $"{Plain(nodes[id].Text!)} ([{Plain(nodes[id].Label)}](<{nodes[id].Url!.OriginalString}>))";
            }

            var sources = nodes[id].Kind == EvidenceKind.Source ? [nodes[id]] : graph.Links.Where(link => link.From == id && link.Relation == LinkRelation.DocumentedBy).Select(link => nodes[link.To]).ToList();
            var said = nodes[id].Kind switch
            {
                EvidenceKind.Experience => $"{Plain(nodes[id].Text!)} ({Plain(nodes[id].Label.Split(':')[0])}) ",
                EvidenceKind.AnchorSite => Plain(nodes[id].Label) + " ",
                _ => "",
            };
            return said + string.Join("; ", sources.Select(source => $"[{Plain(source.Label)}](<{source.Text}>)"));
        }

        static string Plain(string words) => words.Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }
}
