using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Typologies;

/// <summary>Versions of the typology. Everybody sees published versions; editors of the typology also see the draft.</summary>
internal static class TypologyEndpoints
{
    public static readonly Text Thing = new("Die Typologie", "typology");

    public static void MapTypologies(this IEndpointRouteBuilder routes)
    {
        var typologies = routes.MapGroup("/v1/typologies");
        typologies.Get("/", ListTypologies).WithName("listTypologies");
        typologies.Post("/", CreateTypology).WithName("createTypology");
        typologies.Get("/{version}", GetTypology).WithName("getTypology");
        typologies.Put("/{version}", ReplaceTypology).WithName("replaceTypology");
        typologies.Delete("/{version}", DeleteTypology).WithName("deleteTypology");
        typologies.Post("/{version}/publish", PublishTypology).WithName("publishTypology");
        typologies.Get("/{version}/memberships", ListMemberships).WithName("listMemberships");
        typologies.Post("/{version}/memberships/bulk", PutMemberships).WithName("putMemberships");
        typologies.Get("/{version}/correspondences/{other}", GetCorrespondence).WithName("getCorrespondence");
        typologies.Get("/{version}/map.svg", GetTypologyMap).WithName("getTypologyMap");
    }

    public static bool SeesDrafts(HttpContext http) =>
        http.SeesTypologyDrafts();

    private static IResult ListTypologies([AsParameters] ListParameters list, Lists lists) => lists.Answer(new ListRequest(TypologyQueries.List, list)
    {
        Filter = (_, _) =>
        {
            var filter = new Filter();
            filter.Add("published", "t.status <> 'draft'");
            return filter;
        },
    });

    private static Task<IResult> CreateTypology(HttpContext http, Writes writes) =>
        writes.RunAsync<NewTypology>(http, WriteEnd.Commit, TypologyHandlers.Create);

    private static IResult GetTypology(string version, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        if (Find(snapshot, version, http) is not { } row)
        {
            return Problems.NoSuch(Thing, version);
        }

        var answer = answers.Item(http, WireJson.Write(TypologyMapping.Compose(snapshot.Connection, row)));
        // RFC 5829: links to the current version and to the previous one.
        var address = answers.Base(http);
        http.Response.Headers.Link = $"{http.Response.Headers.Link}, <{address}{TypologyMapping.Path(TypologyQueries.Current(snapshot.Connection))}>; rel=\"latest-version\""
            + (row.Predecessor is null ? "" : $", <{address}{TypologyMapping.Path(row.Predecessor)}>; rel=\"predecessor-version\"");
        return answer;
    }

    private static Task<IResult> ReplaceTypology(string version, HttpContext http, Writes writes) =>
        writes.RunAsync<TypologyInput>(http, WriteEnd.Commit, (write, input) => TypologyHandlers.Replace(write, version, input));

    private static Task<IResult> DeleteTypology(string version, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.Commit, write => TypologyHandlers.Remove(write, version));

    private static Task<IResult> PublishTypology(string version, HttpContext http, Writes writes) =>
        writes.RunAsync(http, WriteEnd.CommitPublic, write => TypologyHandlers.Publish(write, version));

    private static IResult ListMemberships(string version, string[]? type, [AsParameters] ListParameters list, HttpContext http, Lists lists, Database.Database database)
    {
        using var snapshot = database.Read();
        if (Find(snapshot, version, http) is null)
        {
            return Problems.NoSuch(Thing, version);
        }

        return lists.Answer(new ListRequest(TypologyQueries.Memberships, list)
        {
            Filter = (connection, errors) =>
            {
                var filter = new Filter();
                filter.Add("typology", "m.typology = @typology", ("typology", version));
                var known = TypeQueries.Keys(connection, version);
                errors.AddRange((type ?? []).Where(key => key != "none" && !known.Contains(key)).Select(key => RequestCheck.NoSuchValue("type", key, [.. known, "none"])));
                filter.AddValues("type", "coalesce(m.type, 'none') in @type", type);
                return filter;
            },
        });
    }

    private static Task<IResult> PutMemberships(string version, HttpContext http, Writes writes) =>
        writes.RunAsync<MembershipBatch>(http, WriteEnd.Commit, (write, batch) => TypologyHandlers.PutMemberships(write, version, batch));

    private static async Task<IResult> GetCorrespondence(
        string version, string other, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        foreach (var asked in new[] { version, other })
        {
            if (Find(snapshot, asked, http) is not { } row)
            {
                return Problems.NoSuch(Thing, asked);
            }

            if (row.Status == "draft")
            {
                return new Problem(Problems.Conflict, new(
                    $"Version {asked} ist ein Entwurf. Nur veröffentlichte Versionen können verglichen werden.",
                    $"Version {asked} is a draft. Only published versions can be compared."));
            }
        }

        var correspondence = Correspondences.Make(snapshot.Connection, version, other);
        return await answers.Table(http, $"correspondence-{version}-{other}", WireJson.Write(correspondence), Correspondences.Columns,
            table => table.GetProperty("cells").EnumerateArray(), new ListParameters(null, null, format, bom, delimiter));
    }

    private static IResult GetTypologyMap(string version, string? lang, HttpContext http, Answers answers, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        if (Find(snapshot, version, http) is not { } row)
        {
            return Problems.NoSuch(Thing, version);
        }

        return Svg.Answer(http, answers, MapPicture.Draw(
            analyses.Get(snapshot, version, row.Status == "draft"), TypeQueries.Labels(snapshot.Connection, version), row.Input.Title, version, Svg.IsGerman(http, lang)));
    }

    private static TypologyRow? Find(Snapshot snapshot, string version, HttpContext http) =>
        TypologyQueries.Find(snapshot.Connection, version) is { } row && (row.Status != "draft" || SeesDrafts(http)) ? row : null;
}
