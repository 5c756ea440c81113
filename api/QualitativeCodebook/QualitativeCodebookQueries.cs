using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.QualitativeCodebook;

/// <summary>A code as a version of the codebook keeps it.</summary>
internal sealed record StoredCode(
    string Id, string Name, string? Description, string? Color, bool IsCodable, string? Parent, bool Retired = false, string? ReplacedBy = null)
{
    public QualitativeCode ToContract() => new()
    {
        Id = Id,
        Name = Name,
        Description = Description,
        Color = Color,
        IsCodable = IsCodable,
        Parent = Parent,
        Retired = Retired,
        ReplacedBy = ReplacedBy,
        Self = Addresses.Of(CodePath(Id)),
    };

    public static string CodePath(string id) => "/v1/qualitative-codebook/codes/" + id;
}

/// <summary>One version of the codebook.</summary>
internal sealed record CodebookVersion(int Number, string? CreatedAt, IReadOnlyList<StoredCode> Codes)
{
    public StoredCode? Find(string id) => Codes.FirstOrDefault(code => code.Id == id);
}

/// <summary>All SQL of the codebook for passages.</summary>
internal static class QualitativeCodebookQueries
{
    public static CodebookVersion Latest(SqliteConnection connection) => Read(connection.QuerySingleOrDefault<Row>(
        "select version, codes, created_at from qualitative_codebooks order by version desc limit 1")) ?? new(0, null, []);

    public static CodebookVersion? Find(SqliteConnection connection, int version) => Read(connection.QuerySingleOrDefault<Row>(
        "select version, codes, created_at from qualitative_codebooks where version = @version", new { version }));

    public static void Add(SqliteConnection connection, IEnumerable<StoredCode> codes, string at) => connection.Execute(
        """
        insert into qualitative_codebooks (version, codes, created_at)
        values ((select coalesce(max(version), 0) + 1 from qualitative_codebooks), @codes, @at)
        """, new { codes = WireJson.Text(codes), at });

    private static CodebookVersion? Read(Row? row) => row is null ? null : new((int)row.Version, row.CreatedAt, WireJson.Read<List<StoredCode>>(row.Codes));

    private sealed record Row
    {
        public required long Version { get; init; }
        public required string Codes { get; init; }
        public required string CreatedAt { get; init; }
    }
}
