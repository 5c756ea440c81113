using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using System.Xml.Schema;
using AnkerOrte.Tests.Privacy;

namespace AnkerOrte.Tests.RefiQda;

/// <summary>Files that other programs read and write.</summary>
public sealed class RefiQdaTests : IDisposable
{
    private const string Address = "/v1/refi-qda/codebook";
    private const string Top = "5b3a1c9e-0d52-4c11-9a57-2f6d1b0c7e44";
    private const string Below = "7c0f4f6a-34ab-4d0e-8d6b-0f8f0cd2b9a1";
    private static readonly XNamespace Project = "urn:QDA-XML:project:1.0";

    private readonly ApiFixture api = new();
    private readonly HttpClient anna;

    public RefiQdaTests() => anna = api.As("researcher", "owner-anna");

    [Fact]
    public async Task A_codebook_is_the_same_after_export_and_import()
    {
        var read = await ImportAsync(
            $$"""
            <?xml version="1.0" encoding="utf-8"?>
            <CodeBook xmlns="urn:QDA-XML:codebook:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:QDA-XML:codebook:1.0 Codebook.xsd" origin="Other">
              <Codes>
                <Code guid="{{{Top.ToUpperInvariant()}}}" name="Träger &amp; Räume 🏛" isCodable="false" color="#00843D">
                  <Description>Erste Zeile
            „zweite“ Zeile</Description>
                  <Code guid="{{Below}}" name="Café" isCodable="true" color="#abc" />
                </Code>
              </Codes>
              <Sets><Set guid="0b3a1c9e-0d52-4c11-9a57-2f6d1b0c7e44" name="Auswahl" /></Sets>
            </CodeBook>
            """).ShouldBeAsync(HttpStatusCode.OK);
        var first = await anna.GetByteArrayAsync(Address);

        Assert.Equal((1, 2, 0), (read.GetProperty("version").GetInt32(), read.GetProperty("added").GetInt32(), read.GetProperty("replaced").GetInt32()));
        Assert.Equal(["Sets"], read.GetProperty("importReport").GetProperty("discarded").EnumerateArray().ToList().Texts("what"));
        var codes = (await (await anna.GetAsync("/v1/qualitative-codebook")).JsonAsync()).GetProperty("codes").EnumerateArray().ToList();
        Assert.Equal([Top, Below], codes.Texts("id"));
        Assert.Equal(["Träger & Räume 🏛", "Café"], codes.Texts("name"));
        Assert.Equal(["#00843D", "#abc"], codes.Texts("color"));
        Assert.Equal([false, true], codes.Select(code => code.GetProperty("isCodable").GetBoolean()));
        Assert.Equal("Erste Zeile\n„zweite“ Zeile", codes[0].GetProperty("description").GetString());
        Assert.Equal(Top, codes[1].GetProperty("parent").GetString());

        var again = await ImportAsync(Encoding.UTF8.GetString(first)).ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal((1, 2), (again.GetProperty("version").GetInt32(), again.GetProperty("unchanged").GetInt32()));
        using var other = new ApiFixture();
        await other.As("researcher").SendAsync("POST", Address, Encoding.UTF8.GetString(first), mediaType: "application/xml").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(first, await other.As("researcher").GetByteArrayAsync(Address));
    }

    [Fact]
    public async Task A_dry_run_stores_nothing_and_what_is_retired_stays_so()
    {
        await anna.SendAsync("POST", Address + "?dryRun=true", Codebook(Code(Top)), mediaType: "application/xml").ShouldBeAsync(HttpStatusCode.OK);
        Assert.Equal(0, (await (await anna.GetAsync("/v1/qualitative-codebook")).JsonAsync()).GetProperty("version").GetInt32());

        await ImportAsync(Codebook(Code(Top))).ShouldBeAsync(HttpStatusCode.OK);
        var address = "/v1/qualitative-codebook/codes/" + Top;
        await anna.SendAsync("DELETE", address, null, await anna.TagAsync(address)).ShouldBeAsync(HttpStatusCode.OK);
        var read = await ImportAsync(Codebook(Code(Top).Replace("name=\"x\"", "name=\"neu\""))).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(1, read.GetProperty("replaced").GetInt32());
        var code = await (await anna.GetAsync(address)).JsonAsync();
        Assert.Equal(("neu", true), (code.GetProperty("name").GetString(), code.GetProperty("retired").GetBoolean()));
    }

    [Theory]
    [InlineData("kein XML", 400, "not-xml")]
    [InlineData("", 400, "not-xml")]
    [InlineData("<CodeBook xmlns=\"urn:QDA-XML:codebook:1.0\"><Codes>", 400, "not-xml")]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><CodeBook xmlns=\"urn:QDA-XML:codebook:1.0\">&a;</CodeBook>", 400, "dtd")]
    [InlineData("<CodeBook />", 422, "not-a-codebook")]
    [InlineData("<Project xmlns=\"urn:QDA-XML:project:1.0\" name=\"x\" />", 422, "not-a-codebook")]
    public async Task What_is_no_codebook_is_refused(string body, int status, string code)
    {
        var errors = await ImportAsync(body).ShouldBeProblemAsync(status, status == 400 ? "invalid-request" : "unprocessable");

        Assert.Equal(code, Assert.Single(errors).GetProperty("code").GetString());
        Assert.Equal(0, (await (await anna.GetAsync("/v1/qualitative-codebook")).JsonAsync()).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task All_mistakes_are_named_at_once_and_nothing_is_half_done()
    {
        var deep = string.Concat(Enumerable.Range(0, 40).Select(i => $"<Code guid=\"00000000-0000-0000-0000-0000000000{i:00}\" name=\"x\" isCodable=\"true\">")) + string.Concat(Enumerable.Repeat("</Code>", 40));

        var errors = await ImportAsync(Codebook(Code(Top) + Code(Top) + "<Code guid=\"x\" name=\"\" isCodable=\"vielleicht\" color=\"rot\" />" + deep)).ShouldBeProblemAsync(422, "unprocessable");

        Assert.Equal(["guid", "length", "pattern", "taken", "too-deep", "type"], errors.Texts("code").Order(StringComparer.Ordinal));
        Assert.Equal(0, (await (await anna.GetAsync("/v1/qualitative-codebook")).JsonAsync()).GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData("too-deep")]
    [InlineData("too-many")]
    [InlineData("too-many-attributes")]
    [InlineData("too-many-namespaces")]
    public async Task The_size_of_the_tree_is_bounded_while_it_is_read(string code)
    {
        static string Repeat(string text, int times) => new StringBuilder().Insert(0, text, times).ToString();
        var body = code switch
        {
            // The last two would take seconds to minutes if names were resolved first.
            "too-deep" => Codebook(Repeat("<a>", 690_000)),
            "too-many" => Codebook(Repeat("<a/>", 1_000_000)),
            "too-many-attributes" =>
                Codebook("<a " + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"xmlns:p{i}='u' p{i}:a='' ")) + "/>"),
            _ => Codebook(string.Concat(Enumerable.Range(0, 40_000).Select(i => $"<a xmlns:p{i}='u' p{i}:a=''/>"))),
        };

        var error = Assert.Single(await ImportAsync(body).ShouldBeProblemAsync(422, "unprocessable"));

        Assert.Equal(code, error.GetProperty("code").GetString());
    }

    [Fact]
    public async Task The_largest_codebook_is_read()
    {
        var codes = string.Concat(Enumerable.Range(0, 333).Select(tree =>
            string.Concat(
                Enumerable.Range(0, 30)
                .Select(level =>
                $"<Code guid=\"{new Guid(tree, (short)level, 0, new byte[8])}\" name=\"{tree}.{level}\" isCodable=\"true\"><Description>d</Description>"))
            + string.Concat(Enumerable.Repeat("</Code>", 30))));

        var read = await ImportAsync(Codebook(codes)).ShouldBeAsync(HttpStatusCode.OK);

        Assert.Equal(9_990, read.GetProperty("added").GetInt32());
    }

    [Fact]
    public async Task A_hundred_megabytes_are_refused()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new ByteArrayContent(new byte[100_000_000]) };
        request.Content.Headers.ContentType = new("application/xml");

        await anna.SendAsync(request).ShouldBeProblemAsync(413, "body-too-large");
        await anna.SendAsync("POST", Address, "{}").ShouldBeProblemAsync(415, "unsupported-media-type");
        await api.As("researcher", null, "project:jena").SendAsync("POST", Address, Codebook(Code(Top)), mediaType: "application/xml").ShouldBeProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_project_carries_exact_positions_and_fits_the_published_structure()
    {
        await ImportAsync(Codebook($"<Code guid=\"{Top}\" name=\"Träger 🏛\" isCodable=\"true\"><Description>d</Description>{Code(Below)}</Code>")).ShouldBeAsync(HttpStatusCode.OK);
        string[] quotes = ["Mit einem Café 🎈 im Rathaus.", "Café 🎈 im Rathaus.\nDas war 2021.", "Wir waren skeptisch."];
        var talk = Talks.Add(api, passages: [("p-anna", quotes[0], "draft"), ("p-anna", quotes[1], "draft"), ("p-bert", quotes[2], "draft")]);
        await api.As("researcher", "owner-bert").SendAsync("POST", $"/v1/passages/{talk}-0/codings", new { code = Top, memo = "Größe & 🎈" }).ShouldBeAsync(HttpStatusCode.Created);
        await anna.SendAsync("POST", $"/v1/passages/{talk}-1/codings", new { code = Below }).ShouldBeAsync(HttpStatusCode.Created);
        await anna.SendAsync("POST", $"/v1/passages/{talk}-2/codings", new { }).ShouldBeAsync(HttpStatusCode.Created);

        var address = $"/v1/refi-qda/project?conversation={talk}";
        var (project, texts) = await ReadAsync(address);

        var text = Assert.Single(texts).Value.EnumerateRunes().ToArray();
        var selections = project.Descendants(Project + "PlainTextSelection").ToList();
        Assert.Equal(quotes, selections.Select(selection => string.Concat(text[(int)selection.Attribute("startPosition")!..(int)selection.Attribute("endPosition")!])));
        Assert.Equal([Top, Below], project.Descendants(Project + "CodeRef").Select(code => code.Attribute("targetGUID")!.Value));
        var note = Assert.Single(project.Descendants(Project + "Note"));
        Assert.Equal("Größe & 🎈", note.Element(Project + "PlainTextContent")!.Value);
        Assert.Equal(note.Attribute("guid")!.Value, Assert.Single(project.Descendants(Project + "NoteRef")).Attribute("targetGUID")!.Value);
        Assert.Equal(2, project.Descendants(Project + "User").Count());
        Assert.DoesNotContain("owner-", project.ToString());
        Assert.Equal($"internal://{Assert.Single(texts).Key}", project.Descendants(Project + "TextSource").Single().Attribute("plainTextPath")!.Value);
        Assert.Equal(await anna.GetByteArrayAsync(address), await anna.GetByteArrayAsync(address));
        var report = await (await anna.GetAsync($"/v1/refi-qda/project/report?conversation={talk}")).JsonAsync();
        Assert.Equal(["nothing-fits", "release"], report.GetProperty("lost").EnumerateArray().ToList().Texts("what"));
        Assert.Contains(report.GetProperty("lost")[0].GetProperty("note").GetProperty("en").GetString()!, project.Root!.Element(Project + "Description")!.Value);
    }

    [Fact]
    public async Task What_was_withdrawn_is_black_and_other_projects_are_not_reached()
    {
        var talk = Talks.Add(api, project: "jena", passages: [("p-anna", "Das war 2021.", "draft"), ("p-bert", "Wir waren skeptisch.", "draft")]);
        await Talks.GiveAsync(anna, talk, "p-anna", "transcript-use");
        await Talks.GiveAsync(anna, talk, "p-bert", "transcript-use");
        await anna.SendAsync("POST", "/v1/consents/withdrawals", new { conversation = talk, pseudonym = "p-anna", purposes = new[] { "transcript-use" } }).ShouldBeAsync(HttpStatusCode.OK);

        var (project, texts) = await ReadAsync($"/v1/refi-qda/project?project=jena&conversation={talk}");

        Assert.DoesNotContain("Rathaus", Assert.Single(texts).Value);
        Assert.Contains("skeptisch", Assert.Single(texts).Value);
        Assert.Single(project.Descendants(Project + "PlainTextSelection"));
        var stranger = api.As("researcher", null, "project:kassel");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/v1/refi-qda/project?conversation={talk}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/v1/refi-qda/project/report?project=jena")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await api.As("releaser").GetAsync($"/v1/refi-qda/project?conversation={talk}")).StatusCode);
    }

    private Task<HttpResponseMessage> ImportAsync(string xml) => anna.SendAsync("POST", Address, xml, mediaType: "application/xml");

    private static string Codebook(string codes) => $"<CodeBook xmlns=\"urn:QDA-XML:codebook:1.0\"><Codes>{codes}</Codes></CodeBook>";

    private static string Code(string guid) => $"<Code guid=\"{guid}\" name=\"x\" isCodable=\"true\" />";

    /// <summary>The project, held against its structure, and the texts by the name of their file.</summary>
    private async Task<(XDocument Project, Dictionary<string, string> Texts)> ReadAsync(string address)
    {
        using var zip = new ZipArchive(new MemoryStream(await anna.GetByteArrayAsync(address)));
        var schemas = new XmlSchemaSet();
        schemas.Add(Project.NamespaceName, Path.Combine(Repository.Root, "tests", "RefiQda", "project.xsd"));
        using var stream = zip.GetEntry("project.qde")!.Open();
        var project = XDocument.Load(stream);
        project.Validate(schemas, (_, problem) => Assert.Fail(problem.Message));
        var texts = new Dictionary<string, string>();
        foreach (var entry in zip.Entries.Where(entry => entry.FullName.StartsWith("sources/", StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(entry.Open(), Encoding.UTF8);
            texts[entry.Name] = await reader.ReadToEndAsync();
        }

        return (project, texts);
    }

    public void Dispose() => api.Dispose();
}
