using System.Text.Json;
using AnkerOrte.Api.Access;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Privacy;

/// <summary>The identity vault and the rights of those who are in it; for the privacy officer alone.</summary>
internal static class PersonEndpoints
{
    public static void MapPersons(this IEndpointRouteBuilder routes)
    {
        var persons = routes.MapGroup("/v1/persons");
        persons.Get("/", ListPersons).WithName("listPersons");
        persons.Post("/", CreatePerson).WithName("createPerson");
        persons.Get("/{person}", GetPerson).WithName("getPerson");
        persons.Patch("/{person}", ChangePerson).WithName("changePerson");
        persons.Put("/{person}/restriction", RestrictPerson).WithName("restrictPerson");
        persons.Get("/{person}/export", ExportPerson).WithName("exportPerson");
        persons.Post("/{person}/erasure", ErasePerson).WithName("erasePerson");
    }

    private static IResult ListPersons(
        string? conversation, string? pseudonym, bool? restricted, [AsParameters] ListParameters list, HttpContext http, Lists lists) =>
        lists.Answer(new ListRequest(PersonQueries.List, list)
        {
            Filter = (_, _) => PersonQueries.BuildFilter(http.Caller()!.Scopes, conversation, pseudonym, restricted),
        });

    private static Task<IResult> CreatePerson(HttpContext http, Writes writes, Settings settings) =>
        writes.RunAsync<PersonInput>(http, WriteEnd.Commit, (write, input) => PersonHandlers.Create(write, input, settings.Retention.ProjectEnd));

    private static IResult GetPerson(string person, HttpContext http, Answers answers, Database.Database database)
    {
        using var connection = database.Open();
        return PersonHandlers.Find(connection, http.Caller()!, person, out var found) ?? answers.ConfidentialItem(http, WireJson.Write(found!), tagged: true);
    }

    private static async Task<IResult> ChangePerson(
        string person, HttpContext http, Writes writes, Contract contract, Overwriting overwriting)
    {
        var answer = await writes.RunAsync<JsonElement>(http, WriteEnd.CommitPublic, (write, patch) => PersonHandlers.Patch(write, person, patch, contract.Body("createPerson")));
        if (answer is Finished { IsChange: true })
        {
            await overwriting.FinishAsync();
        }

        return answer;
    }

    private static Task<IResult> RestrictPerson(string person, HttpContext http, Writes writes) =>
        writes.RunAsync<RestrictionInput>(http, WriteEnd.CommitPublic, (write, input) =>
        {
            if (PersonHandlers.Find(write.Connection, write.Caller!, person, out var found) is { } absent)
            {
                return absent;
            }

            PersonQueries.Restrict(write.Connection, person, input.Restricted, write.At);
            if (found!.Restricted != input.Restricted)
            {
                Tombstones.Add(
                    write.Connection, new Tombstone(Tombstones.Restriction, person, write.At, input.Restricted ? "restricted" : "lifted")
                    {
                        Details = new() { Restricted = input.Restricted },
                    });
            }

            return Report(write, found!, Restrictions.Apply(write.Connection, write.Author, found.Pseudonyms))
                with
            { IsChange = found.Restricted != input.Restricted };
        });

    private static IResult ExportPerson(string person, string? format, HttpContext http, Answers answers, Database.Database database, TimeProvider clock)
    {
        using var snapshot = database.Read();
        if (PersonHandlers.Find(snapshot.Connection, http.Caller()!, person, out var found) is { } absent)
        {
            return absent;
        }

        var export = PersonExports.Collect(snapshot.Connection, found!, clock.GetUtcNow());
        switch (Formats.Choose(http.Request, answers.Offered(http)))
        {
            case null:
                return Problems.NoSuchFormat(Formats.Asked(http.Request), answers.Offered(http));
            case Formats.Markdown:
                Answers.SetConfidential(http.Response.Headers);
                return Results.Text(PersonExports.ToMarkdown(export, Languages.PrefersGerman(http.Request)), Formats.Markdown);
            default:
                Answers.SetConfidential(http.Response.Headers);
                return Results.Bytes(Addresses.Resolve(WireJson.Write(export), answers.Base(http)), Formats.Json);
        }
    }

    private static async Task<IResult> ErasePerson(string person, HttpContext http, Writes writes, Overwriting overwriting)
    {
        var answer = await writes.RunAsync<ErasureInput>(http, WriteEnd.CommitPublic, (write, input) =>
        {
            if (PersonHandlers.Find(write.Connection, write.Caller!, person, out var found) is { } absent)
            {
                return absent;
            }

            if (found!.LegalHold)
            {
                return new Problem(Problems.Conflict, new("Eine rechtliche Sperre hält die Daten fest (legalHold).", "A legal hold keeps the data (legalHold)."));
            }

            var reason = WireEnum.Write(input.Reason);
            var erased = Erasure.Erase(write.Connection, write.Author, person, found.Pseudonyms);
            Tombstones.Add(write.Connection, new Tombstone(Tombstones.Person, person, write.At, reason) { Participants = found.Pseudonyms });
            return Report(write, found, erased.Consequences, reason, erased.Transcripts);
        });
        if (answer is not Finished { IsChange: true, Body: { } body } finished)
        {
            return answer;
        }

        var report = JsonSerializer.Deserialize<RightsReport>(body, WireJson.Options)!;
        return finished with { Body = WireJson.Write(report with { Overwritten = await overwriting.FinishAsync() }) };
    }

    private static Done Report(Write write, Person person, WithdrawalConsequences consequences, string? reason = null, IReadOnlyList<string>? transcripts = null) =>
        Done.Changed(WireJson.Write(new RightsReport
        {
            Person = person.Id,
            At = Instant.Read(write.At),
            Reason = reason,
            Participants = person.Pseudonyms,
            Consequences = consequences,
            Transcripts = transcripts,
        })) with
        { IsTagged = false, Subject = PersonQueries.Path(person.Id) };
}
