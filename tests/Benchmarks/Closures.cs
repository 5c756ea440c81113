using System.Diagnostics;
using System.Globalization;
using AnkerOrte.Api.Evidence;
using AnkerOrte.Api.Findings;
using AnkerOrte.Api.Http;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Benchmarks;

/// <summary>
/// The chain of evidence below the best-connected recommendation against that of a single finding, and against what the finding alone costs, on
/// one core: statements, nodes, links, tree and JSON. Written into a copy of the shipped content and rolled back.
/// </summary>
internal static class Closures
{
    private const int Findings = 10_000;
    private const int Links = 100_000;
    private const int Recommendations = 5_000;

    public static async Task RunAsync(int seconds)
    {
        var inventory = (await Inventory.PrepareAsync([GeneratedSites.Shipped]))[0];
        using var connection = new SqliteConnection($"Data Source={inventory.File};Pooling=False");
        connection.Open();
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        using var transaction = connection.BeginTransaction();
        Fill(connection);
        // As the service does after it has loaded content.
        connection.Execute("analyze", commandType: System.Data.CommandType.Text);
        foreach (var (id, findings, links) in connection.Query<(string, long, long)>(
            """
            select r.id, count(distinct u.finding_id), count(*) from recommendations r join recommendation_findings u on u.recommendation_id = r.id
            join finding_evidence e on e.finding_id = u.finding_id
            where r.id in ('best-3', 'best-10', 'best-100') group by r.id order by 2
            """).ToList())
        {
            var (whole, one, record) = (new List<double>(), new List<double>(), new List<double>());
            var finding = connection.QuerySingle<string>("select finding_id from recommendation_findings where recommendation_id = @id and position = 0", new { id });
            for (var (round, watch) = (0, Stopwatch.StartNew()); watch.Elapsed.TotalSeconds < seconds; round++)
            {
                // Interleaved, so that slow moments hit all three alike; the first rounds only warm up.
                var times = new[]
                {
                    Time(() => WireJson.Write(EvidenceQueries.OfRecommendation(connection, id)!)),
                    Time(() => WireJson.Write(EvidenceQueries.OfFinding(connection, finding)!)),
                    Time(() => WireJson.Write(FindingQueries.Find(connection, finding)!)),
                };
                if (round >= 20)
                {
                    whole.Add(times[0]);
                    one.Add(times[1]);
                    record.Add(times[2]);
                }
            }

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{findings} findings, {links} links: {Median(whole):N2} ms; chain of one finding {Median(one):N2} ms (ratio {Median(whole) / Median(one):N1}); the finding itself {Median(record):N2} ms (ratio {Median(whole) / Median(record):N1})"));
        }

        transaction.Rollback();
    }

    private static double Time(Func<byte[]> work)
    {
        var start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Ten links a finding, as a rule three findings a recommendation; the shipped ones have four and up to three.</summary>
    private static void Fill(SqliteConnection connection)
    {
        var random = new Random(1);
        var sources = connection.Query<string>("select id from sources where deleted_at is null order by id").ToArray();
        var sites = connection.Query<string>("select id from published_sites order by id").ToArray();
        connection.Execute(
            """
            insert into findings (id, number, kind, status, dimension, title_de, text_de, confidence_level, methodological_limitations, coherence, adequacy, relevance, confidence_reason,
                single_finding, created_at, updated_at)
            select 'measured-' || @number, 100000 + @number, kind, 'draft', dimension, title_de, text_de, confidence_level, methodological_limitations, coherence, adequacy, relevance,
                confidence_reason, 0, created_at, updated_at
            from findings where number = @number % 84
            """, Enumerable.Range(0, Findings).Select(number => new { number }));
        connection.Execute(
            "insert into evidence (id, finding_id, position, relation, basis, source_id, site_id) values ('measured-' || @number, 'measured-' || @finding, @number, @relation, null, @source, @site)",
            Enumerable.Range(0, Links).Select(number => new
            {
                number,
                finding = number % Findings,
                relation = random.Next(8) == 0 ? "contradicts" : "supports",
                source = sources[random.Next(sources.Length)],
                site = random.Next(3) == 0 ? null : sites[random.Next(sites.Length)],
            }));
        connection.Execute("update findings set status = 'approved' where id like 'measured-%'");
        connection.Execute(
            """
            insert into recommendations (id, number, status, title_de, text_de, conditions_de, mistake_de, phase, effort, strength, audience, created_at, updated_at)
            select @id, 100000 + @number, 'published', title_de, text_de, conditions_de, mistake_de, phase, effort, 'experience', audience, created_at, updated_at
            from recommendations where number = @number % 50
            """, Enumerable.Range(0, Recommendations).Select(number => new { number, id = Id(number) }));
        connection.Execute(
            "insert into recommendation_findings (recommendation_id, position, finding_id) values (@id, @position, 'measured-' || @finding)",
            Enumerable.Range(0, Recommendations).SelectMany(number => Enumerable.Range(0, number switch { 0 => 3, 1 => 10, 2 => 100, _ => 1 + random.Next(3) })
                .Select(position => new { id = Id(number), position, finding = random.Next(Findings / 100) + Findings / 100 * (position % 100) })));
    }

    private static string Id(int number) => number switch { 0 => "best-3", 1 => "best-10", 2 => "best-100", _ => $"measured-{number}" };
}
