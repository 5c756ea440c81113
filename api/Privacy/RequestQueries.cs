using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Privacy;

/// <summary>All SQL of what people have asked for.</summary>
internal static class RequestQueries
{
    private const string Columns = "r.id, r.person_id, r.project_id, r.kind, r.received_on, r.due_on, r.extended_on, r.closed_at, r.outcome";

    public static ListSource List(DateOnly today) => new()
    {
        Name = "data-subject-requests",
        IsConfidential = true,
        From = "data_subject_requests r",
        UniqueKey = "r.id",
        SortKeys = new Dictionary<string, SortKey> { ["dueOn"] = new("r.due_on") },
        Items = window => window.Connection.Query<RequestRow>(
            $"""
            select {Columns}, {window.Place} as place
            from data_subject_requests r
            {window.Where}
            order by {window.OrderBy}
            limit @limit
            """, window.Parameters, buffered: false).Select(row => new ListItem(WireJson.Write(row.ToContract(today)), row.Place!)),
        Columns =
        [
            Column.Of("id"), Column.Of("person"), Column.Of("kind"), Column.Of("receivedOn"), Column.Of("dueOn"), Column.Of("extendedOn"),
            Column.Of("closedAt"), Column.Of("outcome"), Column.Of("isOverdue"), Column.Of("state"),
        ],
    };

    public static Filter BuildFilter(IReadOnlyCollection<string> scopes, string? state)
    {
        var filter = new Filter();
        if (scopes.Count > 0)
        {
            filter.Add("scope", "'project:' || r.project_id in @scopes", ("scopes", scopes));
        }

        if (state is not null)
        {
            filter.Add("state", state == "open" ? "r.closed_at is null" : "r.closed_at is not null");
        }

        return filter;
    }

    public static RequestRow? Find(SqliteConnection connection, string id) => connection.QuerySingleOrDefault<RequestRow>(
        $"""
        select {Columns}
        from data_subject_requests r
        where r.id = @id
        """, new { id });

    public static List<DataSubjectRequest> Of(SqliteConnection connection, string person, DateOnly today) => [.. connection.Query<RequestRow>(
        $"""
        select {Columns}
        from data_subject_requests r
        where r.person_id = @person
        order by r.received_on, r.id
        """, new { person }).Select(row => row.ToContract(today))];

    public static void Add(SqliteConnection connection, RequestRow request, string at) => connection.Execute(
        """
        insert into data_subject_requests (id, person_id, project_id, kind, received_on, due_on, created_at)
        values (@Id, @PersonId, @ProjectId, @Kind, @ReceivedOn, @DueOn, @at)
        """, new { request.Id, request.PersonId, request.ProjectId, request.Kind, request.ReceivedOn, request.DueOn, at });

    public static void Change(SqliteConnection connection, RequestRow request) => connection.Execute(
        "update data_subject_requests set due_on = @DueOn, extended_on = @ExtendedOn, closed_at = @ClosedAt, outcome = @Outcome where id = @Id", request);
}

internal sealed record RequestRow
{
    public required string Id { get; init; }
    public required string PersonId { get; init; }
    public string? ProjectId { get; init; }
    public required string Kind { get; init; }
    public required string ReceivedOn { get; init; }
    public required string DueOn { get; init; }
    public string? ExtendedOn { get; init; }
    public string? ClosedAt { get; init; }
    public string? Outcome { get; init; }
    public string? Place { get; init; }

    public DataSubjectRequest ToContract(DateOnly today) => new()
    {
        Id = Id,
        Person = PersonId,
        Kind = WireEnum.Read<DataSubjectRequestKind>(Kind),
        ReceivedOn = Days.Read(ReceivedOn),
        DueOn = Days.Read(DueOn),
        ExtendedOn = Days.ReadOptional(ExtendedOn),
        ClosedAt = Instant.ReadOptional(ClosedAt),
        Outcome = Outcome is null ? null : WireEnum.Read<DataSubjectRequestOutcome>(Outcome),
        IsOverdue = ClosedAt is null && Days.Read(DueOn) < today,
        State = ClosedAt is null ? DataSubjectRequestState.Open : DataSubjectRequestState.Closed,
    };
}
