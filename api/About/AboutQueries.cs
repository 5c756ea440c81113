using AnkerOrte.Contracts;
using Dapper;

namespace AnkerOrte.Api.About;

/// <summary>What the service says about itself.</summary>
internal sealed class AboutQueries(Database.Database database)
{
    public (long Revision, string Content, Counts Counts) Find()
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
                (select count(*) from codes) as codes
            """);
        return (snapshot.Revision, content, counts);
    }
}
