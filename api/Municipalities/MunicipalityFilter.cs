using System.Text.Json;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Municipalities;

/// <summary>Which municipalities match, and which are comparable.</summary>
internal static class MunicipalityFilter
{
    public static IReadOnlyList<string> DefaultSort(MunicipalityQuery query) =>
        query.Q is not null ? ["relevance"] : query.Near is not null ? ["distance"] : [];

    public static Filter Build(MunicipalityQuery query, SqliteConnection connection, List<ProblemError> errors)
    {
        var filter = new Filter();
        filter.AddValues("state", "m.state in @state", query.State);
        filter.AddUpdatedSince("m.updated_at", query.UpdatedSince);
        filter.AddKnown(
            "county", "m.county_key in @county", query.County, connection,
            ("select distinct county_key from municipalities where county_key in @ids", "select distinct county_key from municipalities"), errors);
        if (query.PopulationMin > query.PopulationMax)
        {
            errors.Add(new("/query/populationMin", "populationMin", "order", new("Größer als „populationMax“.", "Greater than `populationMax`.")));
        }

        if (query.PopulationMin is { } least)
        {
            filter.Add("populationMin", "m.population >= @populationMin", ("populationMin", least));
        }

        if (query.PopulationMax is { } most)
        {
            filter.Add("populationMax", "m.population <= @populationMax", ("populationMax", most));
        }

        AddHasSites(filter, query.HasSites);
        filter.AddNear("m", query.Near, query.RadiusKm, hasTree: false, errors);
        AddName(filter, query.Q, connection, errors);
        return filter;
    }

    /// <summary>Same size class, same state unless everywhere; uninhabited areas have no peers and are nobody's.</summary>
    public static Filter Similar(Municipality to, bool everywhere, bool? hasSites)
    {
        var filter = new Filter();
        filter.Add("like", "m.size_class = @size_class and m.ags <> @ags and m.population > 0 and @population > 0",
            ("size_class", WireEnum.Write(to.SizeClass)), ("ags", to.Ags), ("population", to.Population));
        if (!everywhere)
        {
            filter.Add("within", "m.state = @state", ("state", WireEnum.Write(to.State)));
        }

        AddHasSites(filter, hasSites);
        return filter;
    }

    private static void AddHasSites(Filter filter, bool? hasSites)
    {
        if (hasSites is { } wanted)
        {
            filter.Add("hasSites", (wanted ? "" : "not ") + "exists (select 1 from published_sites s where s.ags = m.ags)");
        }
    }

    /// <summary>
    /// Names with a word that begins as asked for. If there is none at all, the names with the fewest typing errors: one
    /// is forgiven from 4 letters, two from 8.
    /// </summary>
    private static void AddName(Filter filter, string? q, SqliteConnection connection, List<ProblemError> errors)
    {
        if (q is null)
        {
            return;
        }

        var name = GermanText.Fold(q);
        if (name.Length == 0)
        {
            errors.Add(Checks.NoWord());
            return;
        }

        // Folded names consist of letters, digits and single spaces, so nothing in them acts as a wildcard.
        const string begins = "' ' || m.name_key like '% ' || @name || '%'";
        var exists = connection.ExecuteScalar<bool>($"select exists (select 1 from municipalities m where {begins})", new { name });
        if (exists || name.Length < 4)
        {
            filter.Add("q", begins, ("name", name));
            return;
        }

        var most = name.Length < 8 ? 1 : 2;
        // A different length is a typing error for each letter: most names need no closer look.
        var found = connection.Query<(string Ags, string Name)>(
            "select ags, name_key from municipalities where length(name_key) >= @length - @most", new { length = name.Length, most })
            .Select(municipality => (municipality.Ags, Errors: TypingErrors(municipality.Name, name, most)))
            .Where(candidate => candidate.Errors <= most)
            .GroupBy(candidate => candidate.Errors)
            .MinBy(group => group.Key)?
            .Select(candidate => candidate.Ags) ?? [];
        filter.Add("q", "m.ags in (select value from json_each(@found))", ("found", JsonSerializer.Serialize(found)), ("name", name));
    }

    /// <summary>Errors against as many words of the name as were typed, wherever they stand in it.</summary>
    private static int TypingErrors(string nameKey, string typed, int most)
    {
        var words = nameKey.Split(' ');
        var count = Math.Min(words.Length, typed.Count(c => c == ' ') + 1);
        var fewest = int.MaxValue;
        for (var first = 0; first + count <= words.Length; first++)
        {
            var part = string.Join(' ', words, first, count);
            if (Math.Abs(part.Length - typed.Length) <= most)
            {
                fewest = Math.Min(fewest, NearestName.Distance(part, typed));
            }
        }

        return fewest;
    }
}

/// <summary>Population classes as the BBSR draws them, without its criterion of central function.</summary>
internal static class Populations
{
    public static string SizeClass(long population) => population switch
    {
        >= 100_000 => "large-city",
        >= 20_000 => "medium-town",
        >= 5_000 => "small-town",
        _ => "rural-municipality",
    };
}
