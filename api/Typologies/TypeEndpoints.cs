using AnkerOrte.Api.AnchorSites;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Typologies;

/// <summary>The types of a typology: of the requested version, or else of the current one.</summary>
internal static class TypeEndpoints
{
    public static readonly Text Thing = new("Den Typ", "type");
    private static readonly Text Site = new("Den Ankerort", "anchor site");

    public static void MapTypes(this IEndpointRouteBuilder routes)
    {
        var types = routes.MapGroup("/v1/types");
        types.Get("/", ListTypes).WithName("listTypes");
        types.Get("/{key}", GetAnchorType).WithName("getType");
        types.Get("/{key}/profile", GetTypeProfile).WithName("getTypeProfile");
        types.Get("/{key}/profile.svg", GetTypeProfilePicture).WithName("getTypeProfilePicture");
        types.Get("/{key}/anchor-sites", ListTypeSites).WithName("listTypeSites");
        routes.Get("/v1/anchor-sites/{id}/type", GetAnchorSiteType).WithName("getAnchorSiteType");
    }

    private static IResult ListTypes(string? typology, [AsParameters] ListParameters list, HttpContext http, Lists lists, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        if (Version(snapshot, typology, http) is not { } version)
        {
            return NoSuchTypology(typology!);
        }

        return lists.Answer(new ListRequest(TypeQueries.List(() => Analysis(database, analyses, version)), list)
        {
            Filter = (_, _) =>
            {
                var filter = new Filter();
                filter.Add("typology", "t.typology = @typology", ("typology", version.Version));
                return filter;
            },
        });
    }

    private static IResult GetAnchorType(string key, string? typology, HttpContext http, Answers answers, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        return Version(snapshot, typology, http) is not { } version ? NoSuchTypology(typology!)
            : TypeQueries.Find(snapshot.Connection, version.Version, key) is not { } row ? Problems.NoSuch(Thing, key)
            : answers.Item(http, WireJson.Write(TypeMapping.Compose(row, analyses.Get(snapshot, version.Version, version.IsDraft))));
    }

    private static async Task<IResult> GetTypeProfile(
        string key, string? typology, string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        if (Version(snapshot, typology, http) is not { } version)
        {
            return NoSuchTypology(typology!);
        }

        if (TypeQueries.Find(snapshot.Connection, version.Version, key) is not { } row)
        {
            return Problems.NoSuch(Thing, key);
        }

        var profile = TypeProfiles.Make(snapshot.Connection, analyses.Get(snapshot, version.Version, version.IsDraft), row);
        return await answers.Table(http, $"profile-{key}", WireJson.Write(profile), TypeProfiles.Columns, TypeProfiles.Rows, new ListParameters(null, null, format, bom, delimiter));
    }

    private static IResult GetTypeProfilePicture(string key, string? typology, string? lang, HttpContext http, Answers answers, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        if (Version(snapshot, typology, http) is not { } version)
        {
            return NoSuchTypology(typology!);
        }

        if (TypeQueries.Find(snapshot.Connection, version.Version, key) is not { } row)
        {
            return Problems.NoSuch(Thing, key);
        }

        var profile = TypeProfiles.Make(snapshot.Connection, analyses.Get(snapshot, version.Version, version.IsDraft), row);
        return Svg.Answer(http, answers, ProfilePicture.Draw(profile, WireJson.Read<Contracts.AnchorTypeInput>(row.Record).Label, Svg.IsGerman(http, lang)));
    }

    private static IResult ListTypeSites(string key, string? typology, [AsParameters] ListParameters list, HttpContext http, Lists lists, Database.Database database, TypologyAnalyses analyses)
    {
        using var snapshot = database.Read();
        if (Version(snapshot, typology, http) is not { } version)
        {
            return NoSuchTypology(typology!);
        }

        return TypeQueries.Find(snapshot.Connection, version.Version, key) is null ? Problems.NoSuch(Thing, key)
            : lists.Answer(new ListRequest(TypeQueries.Members(() => Analysis(database, analyses, version)), list)
            {
                Filter = (_, _) =>
                {
                    var filter = new Filter();
                    filter.Add("type", "m.typology = @typology and m.type = @key", ("typology", version.Version), ("key", key));
                    return filter;
                },
            });
    }

    private static IResult GetAnchorSiteType(string id, string? typology, HttpContext http, Answers answers, Database.Database database, TypologyAnalyses analyses, AnchorSiteQueries sites)
    {
        using var snapshot = database.Read();
        if (Version(snapshot, typology, http) is not { } version)
        {
            return NoSuchTypology(typology!);
        }

        var analysis = analyses.Get(snapshot, version.Version, version.IsDraft);
        return analysis.Rows.ContainsKey(id) ? answers.Item(http, WireJson.Write(SiteTypes.Make(snapshot.Connection, analysis, version.Version, id)))
            : sites.Find(id).DeletedAt is { } deletedAt ? Problems.IsGone(Site, id, deletedAt)
            : Problems.NoSuch(Site, id);
    }

    /// <summary>The analysis of the current revision. If a write came between, the list may have read an older revision.</summary>
    private static TypologyAnalysis Analysis(Database.Database database, TypologyAnalyses analyses, (string Version, bool IsDraft) version)
    {
        using var snapshot = database.Read();
        return analyses.Get(snapshot, version.Version, version.IsDraft);
    }

    private static (string Version, bool IsDraft)? Version(Snapshot snapshot, string? typology, HttpContext http) =>
        TypeQueries.Version(snapshot.Connection, typology, TypologyEndpoints.SeesDrafts(http));

    private static IResult NoSuchTypology(string version) => Problems.NoSuch(TypologyEndpoints.Thing, version);
}
