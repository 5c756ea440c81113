using System.Diagnostics;
using System.Globalization;
using AnkerOrte.Api.Assessments;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// Assessments on one core, without storing them: answers checked, types ranked, 1,000 weightings drawn, nearest sites found, result
/// written as JSON. Half of the questions are answered, another half each time.
/// </summary>
internal static class Assessments
{
    private const int Size = 10_000;

    public static async Task RunAsync(int seconds)
    {
        var inventory = (await Inventory.PrepareAsync([Size]))[0];
        using var connection = new SqliteConnection($"Data Source={inventory.File};Pooling=False");
        connection.Open();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        using var transaction = connection.BeginTransaction();
        // Generated sites belong to no type; here each gets one, in turn. Rolled back at the end.
        connection.Execute(
            """
            insert into memberships (typology, site_id, type, degree, rationale, confidence)
            select '1', s.id, (select key from types where typology = '1' and position = s.number % 8), 'core', 'measured', 'low'
            from anchor_sites s
            where not exists (select 1 from memberships m where m.typology = '1' and m.site_id = s.id)
            """);
        var watch = Stopwatch.StartNew();
        var model = DecisionModel.Make(connection, "1", 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Model of {model.Match.Labels.Count(label => label >= 0):N0} sites: {watch.ElapsedMilliseconds} ms, once a revision"));
        var inputs = Enumerable.Range(0, 500).Select(AnsweredGuide.Make).ToList();
        foreach (var input in inputs)
        {
            Assess(model, input);
        }

        var (done, bytes) = (0, 0L);
        for (watch.Restart(); watch.Elapsed.TotalSeconds < seconds; done++)
        {
            bytes += Assess(model, inputs[done % inputs.Count]);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Assessments: {done / watch.Elapsed.TotalSeconds:N0} per second, {bytes / done / 1000} kB each (asked for: 100 per second)"));
        transaction.Rollback();
    }

    private static int Assess(DecisionModel model, AssessmentInput input) =>
        WireJson.Write(AssessmentEngine.Run(model, AssessmentAnswers.Read(input, null).Sheet!)).Length;
}
