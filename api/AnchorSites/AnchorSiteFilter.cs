using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.AnchorSites;

/// <summary>Which sites match: one condition per parameter, all of them must hold.</summary>
internal static class AnchorSiteFilter
{
    /// <param name="today">Freshness counts from here.</param>
    public static Filter Build(AnchorSiteQuery query, DateTimeOffset today, SqliteConnection connection, List<ProblemError> errors)
    {
        var filter = new Filter();
        if (query.Deleted is null)
        {
            filter.Add("deleted", "s.deleted_at is null");
        }

        AddFreshness(filter, query.Freshness, today);
        foreach (var (dimension, codes) in query.Dimensions)
        {
            filter.AddKnown(
                dimension, $"exists (select 1 from site_codes c where c.dimension = '{dimension}' and c.code in @{dimension} and c.site_id = s.id)", codes, connection,
                ($"select key from codes where dimension = '{dimension}' and key in @ids", $"select key from codes where dimension = '{dimension}' order by position"), errors);
        }

        filter.AddKnown(
            "type", "exists (select 1 from site_types y where y.site_id = s.id and y.type in @type)", query.Type, connection,
            ("select t.key from types t join current_typology c on c.version = t.typology where t.key in @ids",
                "select t.key from types t join current_typology c on c.version = t.typology order by t.position"), errors);
        filter.AddValues("state", "s.state in @state", query.State);
        filter.AddValues("status", "s.status in @status", query.Status);
        filter.AddValues("mpscFunded", "s.mpsc_funded in @mpscFunded", query.MpscFunded);
        filter.AddKnown(
            "project", "s.project_id in @project", query.Project, connection,
            ("select id from projects where id in @ids", "select id from projects"), errors);
        filter.AddKnown(
            "municipality", "s.ags in (select m.ags from municipalities m where m.ags in @municipality or m.ars in @municipality)", query.Municipality, connection,
            ("select ags from municipalities where ags in @ids union all select ars from municipalities where ars in @ids", "select ags from municipalities"), errors);
        AddOpened(filter, query, errors);
        if (query.HasLocation is { } located)
        {
            filter.Add("hasLocation", located ? "s.latitude is not null" : "s.latitude is null");
        }

        filter.AddBbox("s", query.Bbox, hasTree: true, errors);
        filter.AddNear("s", query.Near, query.RadiusKm, hasTree: true, errors);
        filter.AddWords("anchor-site", "s.id", query.Q, errors);
        filter.AddUpdatedSince("s.updated_at", query.UpdatedSince);
        return filter;
    }

    /// <summary>Whole days, so that equal requests of a day are equal filters.</summary>
    private static void AddFreshness(Filter filter, IReadOnlyList<string>? wanted, DateTimeOffset today)
    {
        if (wanted is { Count: > 0 })
        {
            filter.Add("freshness",
                """
                case when s.confirmed_at is null then 'unconfirmed' when s.confirmed_at >= @freshFrom then 'fresh' when s.confirmed_at >= @ageingFrom then 'ageing' else 'stale' end
                in @freshness
                """, ("freshness", wanted), ("freshFrom", Instant.Write(today.Date.AddYears(-1))), ("ageingFrom", Instant.Write(today.Date.AddYears(-2))));
        }
    }

    /// <summary>Dates may be known to the year only, so both sides are spans of days, compared by overlap.</summary>
    private static void AddOpened(Filter filter, AnchorSiteQuery query, List<ProblemError> errors)
    {
        foreach (var (name, date) in new[] { ("openedFrom", query.OpenedFrom), ("openedTo", query.OpenedTo) })
        {
            if (date?.Length == 10 && !DateOnly.TryParseExact(date, "yyyy-MM-dd", out _))
            {
                errors.Add(new("/query/" + name, name, "date", new($"Den Tag {date} gibt es nicht.", $"There is no day {date}.")));
                return;
            }
        }

        var from = PartialDate.First(query.OpenedFrom);
        var to = PartialDate.Last(query.OpenedTo);
        if (from is not null && to is not null && string.CompareOrdinal(from, to) > 0)
        {
            errors.Add(new("/query/openedFrom", "openedFrom", "order", new("Liegt nach „openedTo“.", "Is after `openedTo`.")));
            return;
        }

        if (from is not null)
        {
            filter.Add("openedFrom", "s.opened_last >= @openedFrom", ("openedFrom", from));
        }

        if (to is not null)
        {
            filter.Add("openedTo", "s.opened_first <= @openedTo", ("openedTo", to));
        }
    }
}

/// <summary>Year, month or day as the span of days it may mean.</summary>
internal static class PartialDate
{
    public static string? First(string? date) => date?.Length switch { null => null, 4 => date + "-01-01", 7 => date + "-01", _ => date };

    /// <summary>Compared as text, so the 31st serves every month.</summary>
    public static string? Last(string? date) => date?.Length switch { null => null, 4 => date + "-12-31", 7 => date + "-31", _ => date };
}
