using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Conversations;

/// <summary>What conversations say to the types: a record of each, and the sum by type.</summary>
internal static class Validations
{
    private static readonly Text Record = new("Die Validierung", "validation");

    /// <summary>Below this many the public sees no numbers: each of two would know what the other said.</summary>
    private const int PublicFrom = 3;

    public static void MapValidations(this RouteGroupBuilder talks, string kind, string name)
    {
        talks.Get("/{id}/validations", (string id, HttpContext http, Answers answers, Database.Database database) => List(kind, id, http, answers, database)).WithName($"list{name}Validations");
        talks.Put("/{id}/validations/{type}", (string id, string type, HttpContext http, Writes writes) =>
            writes.RunAsync<ValidationInput>(http, WriteEnd.CommitPublic, (write, input) => Put(write, kind, id, type, input))).WithName($"put{name}Validation");
        talks.Delete("/{id}/validations/{type}", (string id, string type, HttpContext http, Writes writes) =>
            writes.RunAsync(http, WriteEnd.CommitPublic, write => Delete(write, kind, id, type))).WithName($"delete{name}Validation");
    }

    public static void MapTypeValidation(this IEndpointRouteBuilder routes) =>
        routes.Get("/v1/types/{key}/validation", GetTypeValidation).WithName("getTypeValidation");

    private static IResult GetTypeValidation(string key, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        var reader = ConversationEndpoints.Reader(http);
        return Summarise(snapshot.Connection, reader, key) is not { } found ? Problems.NoSuch(TypeEndpoints.Thing, key)
            : reader is null ? answers.Item(http, WireJson.Write(found)) : answers.ConfidentialItem(http, WireJson.Write(found));
    }

    /// <summary>A type is validated when at least two sites were interviewed and at least three of four confirm.</summary>
    public static ValidationStatus Judge(int asked, int confirmed) => asked < 2 ? ValidationStatus.TooFewInterviews
        : 4 * confirmed >= 3 * asked ? ValidationStatus.Validated : ValidationStatus.Contested;

    /// <returns>Null if there is no such type.</returns>
    public static TypeValidation? Summarise(SqliteConnection connection, Caller? reader, string type)
    {
        if (!connection.ExecuteScalar<bool>("select exists (select 1 from types t join current_typology v on v.version = t.typology where t.key = @type)", new { type }))
        {
            return null;
        }

        var filter = new Filter();
        filter.Add("type", "v.type = @type", ("type", type));
        if (reader is not null)
        {
            filter.Add("withdrawn", "c.state <> 'withdrawn'");
            filter.AddReach(reader);
        }

        var units = reader is null
            ? $"select v.kind, v.dimension, v.unit, v.worst from published_validations v {filter.Where(and: "v.shown = 1")}"
            : Units("validation_statements v join conversations c on c.id = v.conversation_id", filter.Where());
        var counts = connection.Query<CountRow>(
            $"""
            select kind, dimension, count(*) as asked, sum(worst = 0) as confirmed, sum(worst = 1) as partly, sum(worst = 2) as rejected
            from ({units})
            group by kind, dimension
            order by dimension
            """, filter.Parameters()).ToList();
        var sites = Count("interview", "");
        var (asked, confirmed) = (sites.Asked, sites.Confirmed);
        return new TypeValidation
        {
            Type = type,
            Status = confirmed is { } known ? Judge(asked, known) : ValidationStatus.TooFewInterviews,
            Sites = sites,
            FocusGroups = Count("focus-group", ""),
            Dimensions = [.. counts.Select(row => row.Dimension).Where(dimension => dimension.Length > 0).Distinct().Select(dimension =>
                new ValidationByDimension { Dimension = dimension, Sites = Count("interview", dimension), FocusGroups = Count("focus-group", dimension) })],
            Passages = [.. connection.Query<(string Id, string Quote)>(
                "select distinct passage_id, quote from public_validation_statements where type = @type and passage_id is not null order by passage_id limit 1000", new { type })
                .Select(passage => new ReleasedQuote { Id = passage.Id, Quote = passage.Quote, Self = Addresses.Of(PassageRow.Path(passage.Id)) })],
            Text = confirmed is null
                ? new LocalizedText
                {
                    De = $"Zahlen werden ab {PublicFrom} befragten Orten veröffentlicht.",
                    En = $"Numbers are published from {PublicFrom} interviewed sites on.",
                }
                : new LocalizedText { De = $"{confirmed} von {asked} befragten Orten bestätigen den Typ.", En = $"Confirmed by {confirmed} of {asked} interviewed sites." },
            Self = Addresses.Of($"/v1/types/{type}/validation"),
        };

        ValidationCount Count(string kind, string dimension)
        {
            var row = counts.Find(row => row.Kind == kind && row.Dimension == dimension);
            var isShown = reader is not null || row?.Asked >= PublicFrom;
            return new ValidationCount
            {
                Asked = row?.Asked ?? 0,
                Confirmed = isShown ? row?.Confirmed ?? 0 : null,
                Partly = isShown ? row?.Partly ?? 0 : null,
                Rejected = isShown ? row?.Rejected ?? 0 : null,
            };
        }
    }

    /// <summary>
    /// Publishes the numbers on the types again where at least <see cref="PublicFrom"/> sites or groups were asked that are not
    /// in the published numbers, and where the numbers of asked ones differ by as many. Numbers of which fewer are left are not
    /// shown any more.
    /// </summary>
    public static void Publish(SqliteConnection connection)
    {
        var live = Units("public_validation_statements v", "");
        connection.Execute(
            $"""
            update published_validations as p set shown = 0
            where shown = 1
              and (select count(*) from ({live}) l where (l.kind, l.type, l.dimension) = (p.kind, p.type, p.dimension)) < {PublicFrom}
            """);
        var due = connection.Query<(string Kind, string Type, string Dimension)>(
            $"""
            with live as ({live})
            select kind, type, dimension
            from (
                select l.kind, l.type, l.dimension, sum(p.worst is not l.worst) as new_units, count(*) as units,
                       (select count(*)
                        from published_validations o
                        where (o.kind, o.type, o.dimension) = (l.kind, l.type, l.dimension)) as published
                from live l
                left join published_validations p on (p.kind, p.type, p.dimension, p.unit) = (l.kind, l.type, l.dimension, l.unit)
                group by l.kind, l.type, l.dimension)
            where new_units >= {PublicFrom} and (units = published or abs(units - published) >= {PublicFrom})
            """).ToList();
        foreach (var (kind, type, dimension) in due)
        {
            connection.Execute(
                $"""
                delete from published_validations where (kind, type, dimension) = (@kind, @type, @dimension);
                insert into published_validations (kind, type, dimension, unit, worst)
                select kind, type, dimension, unit, worst from ({live}) where (kind, type, dimension) = (@kind, @type, @dimension);
                """, new { kind, type, dimension });
        }
    }

    /// <summary>The worst verdict of each site or group on each type and dimension.</summary>
    private static string Units(string statements, string where) =>
        $"""
        select v.kind, v.type, coalesce(v.dimension, '') as dimension, v.unit,
               max(case v.verdict when 'confirmed' then 0 when 'partly' then 1 else 2 end) as worst
        from {statements}
        {where}
        group by v.kind, v.type, v.dimension, v.unit
        """;

    private static IResult List(string kind, string id, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        return ConversationQueries.Find(snapshot.Connection, http.Caller()!, kind, id) is { } talk
            ? answers.ConfidentialItem(http, WireJson.Write(new ValidationList { Items = Find(snapshot.Connection, talk) }))
            : Problems.NoSuch(ConversationHandlers.Thing, id);
    }

    private static IResult Put(Write write, string kind, string id, string type, ValidationInput input)
    {
        var connection = write.Connection;
        if (ConversationQueries.Find(connection, write.Caller!, kind, id) is not { } talk)
        {
            return Problems.NoSuch(ConversationHandlers.Thing, id);
        }

        if (!WireJson.Read<List<string>>(talk.Types).Contains(type))
        {
            return Problems.NoSuch(new("Den Typ unter denen des Gesprächs", "type among those of the conversation"), type);
        }

        if (talk.State == "withdrawn")
        {
            return new Problem(Problems.Conflict, new("Das Gespräch ist widerrufen.", "The conversation is withdrawn."));
        }

        var sites = talk.ToContract().Sites.Select(site => site.Id).ToList();
        var dimensions = input.Dimensions ?? [];
        if (Check(connection, id, sites, input) is { Count: > 0 } errors)
        {
            return Problems.Unprocessable(errors);
        }

        connection.Execute(
            """
            delete from validations where conversation_id = @id and type = @type;
            insert into validations (conversation_id, type, typology, site_id, verdict, passage_id, author, updated_at)
            values (@id, @type, (select version from current_typology), @site, @verdict, @Passage, @Owner, @At);
            """, new { id, type, site = input.Site ?? sites.SingleOrDefault(), verdict = WireEnum.Write(input.Verdict), input.Passage, write.Caller!.Owner, write.At });
        connection.Execute(
            "insert into validation_dimensions (conversation_id, type, dimension, verdict, passage_id) values (@id, @type, @Dimension, @verdict, @Passage)",
            dimensions.Select(said => new { id, type, said.Dimension, verdict = WireEnum.Write(said.Verdict), said.Passage }));
        Publish(connection);
        return Done.Changed(WireJson.Write(Find(connection, talk).Single(record => record.Type == type))) with { IsTagged = false, IsPublic = IsPublic(connection, id) };
    }

    private static List<ProblemError> Check(SqliteConnection connection, string id, List<string> sites, ValidationInput input)
    {
        var errors = new List<ProblemError>();
        if (input.Site is { } site ? !sites.Contains(site) : sites.Count > 1)
        {
            errors.Add(ProblemError.At("/site", "unknown", new($"Einer der Orte des Gesprächs: {string.Join(", ", sites)}.", $"One of the sites of the conversation: {string.Join(", ", sites)}.")));
        }

        var known = connection.Query<string>("select key from dimensions").ToHashSet();
        var passages = connection.Query<string>(
            "select id from research_passages where conversation_id = @id and is_usable = 1", new { id }).ToHashSet();
        CheckPassage("/passage", input.Passage);
        foreach (var (index, said) in (input.Dimensions ?? []).Index())
        {
            if (!known.Contains(said.Dimension))
            {
                errors.Add(ProblemError.At($"/dimensions/{index}/dimension", "unknown", new($"Die Dimension {said.Dimension} gibt es nicht.", $"There is no dimension {said.Dimension}.")));
            }
            else if (input.Dimensions!.Take(index).Any(other => other.Dimension == said.Dimension))
            {
                errors.Add(ProblemError.At($"/dimensions/{index}/dimension", "duplicate", new("Jede Dimension höchstens einmal.", "Each dimension at most once.")));
            }

            CheckPassage($"/dimensions/{index}/passage", said.Passage);
        }

        return errors;

        void CheckPassage(string pointer, string? passage)
        {
            if (passage is not null && !passages.Contains(passage))
            {
                errors.Add(ProblemError.At(pointer, "unknown", new("Eine Textstelle dieses Gesprächs.", "A passage of this conversation.")));
            }
        }
    }

    private static IResult Delete(Write write, string kind, string id, string type)
    {
        if (ConversationQueries.Find(write.Connection, write.Caller!, kind, id) is null)
        {
            return Problems.NoSuch(ConversationHandlers.Thing, id);
        }

        if (write.Connection.Execute("delete from validations where conversation_id = @id and type = @type", new { id, type }) == 0)
        {
            return Problems.NoSuch(Record, type);
        }

        Publish(write.Connection);
        return Done.Nothing() with { IsPublic = IsPublic(write.Connection, id) };
    }

    private static bool IsPublic(SqliteConnection connection, string id) => connection.ExecuteScalar<bool>("select exists (select 1 from public_conversations where id = @id)", new { id });

    private static List<Validation> Find(SqliteConnection connection, ConversationRow talk)
    {
        var said = connection.Query<(string Type, string Dimension, string Verdict, string? Passage)>(
            "select type, dimension, verdict, passage_id from validation_dimensions where conversation_id = @Id order by type, dimension", talk).ToLookup(row => row.Type);
        return [.. connection.Query<(string Type, int Typology, string? Site, string Verdict, string? Passage, string UpdatedAt)>(
            "select type, typology, site_id, verdict, passage_id, updated_at from validations where conversation_id = @Id order by type", talk)
            .Select(row => new Validation
            {
                Type = row.Type,
                Typology = row.Typology,
                Site = row.Site,
                Verdict = WireEnum.Read<ValidationVerdict>(row.Verdict),
                Passage = row.Passage,
                Dimensions = [.. said[row.Type].Select(part => new DimensionVerdict { Dimension = part.Dimension, Verdict = WireEnum.Read<ValidationVerdict>(part.Verdict), Passage = part.Passage })],
                UpdatedAt = Instant.Read(row.UpdatedAt),
                Self = Addresses.Of($"{talk.Path}/validations"),
            })];
    }

    private sealed record CountRow
    {
        public required string Kind { get; init; }
        public required string Dimension { get; init; }
        public required int Asked { get; init; }
        public required int Confirmed { get; init; }
        public required int Partly { get; init; }
        public required int Rejected { get; init; }
    }
}
