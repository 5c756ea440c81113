using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.About;

/// <summary>What the service says about itself.</summary>
internal sealed class AboutQueries(Database.Database database)
{
    public (long Revision, string Content, string Typology, Counts Counts) Find()
    {
        using var snapshot = database.Read();
        var content = snapshot.Connection.ExecuteScalar<string>("select content from service where id = 1")!;
        var counts = snapshot.Connection.QuerySingle<Counts>(
            """
            select
                (select count(*) from published_sites) as anchor_sites,
                (select count(*) from projects) as projects,
                (select count(*) from municipalities) as municipalities,
                (select count(*) from sources where deleted_at is null) as sources,
                (select count(*) from codes) as codes,
                (select count(*) from types t join current_typology c on c.version = t.typology) as types,
                (select count(*) from published_findings) as findings,
                (select count(*) from published_recommendations) as recommendations
            """);
        return (snapshot.Revision, content, Typologies.TypologyQueries.Current(snapshot.Connection), counts);
    }
}
