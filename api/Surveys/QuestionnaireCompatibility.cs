using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>A code keeps its meaning through all versions: what a new version may not change of the published ones.</summary>
internal static class QuestionnaireCompatibility
{
    public static List<ProblemError> Check(QuestionnaireDefinition draft, IEnumerable<(int Version, QuestionnaireDefinition Definition)> published)
    {
        Database.Database.CheckNotWriting();
        var errors = new List<ProblemError>();
        var seen = new HashSet<(string, string)>();
        // The newest version first: its number is the one worth naming.
        foreach (var (version, definition) in published.OrderByDescending(earlier => earlier.Version))
        {
            var before = definition.Items.ToDictionary(item => item.Code, StringComparer.OrdinalIgnoreCase);
            for (var i = 0; i < draft.Items.Count; i++)
            {
                if (before.TryGetValue(draft.Items[i].Code, out var earlier))
                {
                    foreach (var error in Check($"/items/{i}", draft.Items[i], earlier, version).Where(error => seen.Add((error.Pointer, error.Code))))
                    {
                        errors.Add(error);
                    }
                }
            }
        }

        return errors;
    }

    private static IEnumerable<ProblemError> Check(string at, ItemDefinition now, ItemDefinition before, int version)
    {
        if (now.Code != before.Code)
        {
            yield return Error($"{at}/code", "changed-code", version, new($"heißt die Frage „{before.Code}“", $"the item is called \"{before.Code}\""));
        }

        if (now.Kind != before.Kind)
        {
            yield return Error($"{at}/kind", "changed-kind", version, new($"ist die Frage „{before.Kind?.Wire()}“", $"the item is \"{before.Kind?.Wire()}\""));
            yield break;
        }

        if (now.MapsTo != before.MapsTo)
        {
            yield return Error($"{at}/mapsTo", "changed-meaning", version, new(
                before.MapsTo is null ? "ist „mapsTo“ leer" : $"ist „mapsTo“ „{before.MapsTo}“", before.MapsTo is null ? "`mapsTo` is absent" : $"`mapsTo` is \"{before.MapsTo}\""));
        }

        if (now.Privacy < before.Privacy)
        {
            yield return Error($"{at}/privacy", "opened-privacy", version, new(
                $"wurde mit „{before.Privacy.Wire()}“ gefragt; offener darf es nicht werden", $"the item was asked as \"{before.Privacy.Wire()}\"; it may not become more open"));
        }

        if (before.Other && !now.Other)
        {
            yield return Error($"{at}/other", "removed-option", version, new("gibt es die Option „other“", "there is the option \"other\""));
        }

        foreach (var error in CheckList($"{at}/options", version,
            [.. now.Options.Select(option => new Entry(option.Code, option.Short, option.Label, option.MapsTo, option.Exclusive))],
            [.. before.Options.Select(option => new Entry(option.Code, option.Short, option.Label, option.MapsTo, option.Exclusive))],
            ordered: now.Kind is ItemKind.OrdinalScale or ItemKind.Matrix))
        {
            yield return error;
        }

        foreach (var error in CheckList($"{at}/rows", version,
            [.. now.Rows.Select(row => new Entry(row.Code, row.Short, row.Label, null, false))],
            [.. before.Rows.Select(row => new Entry(row.Code, row.Short, row.Label, null, false))], ordered: false))
        {
            yield return error;
        }
    }

    private static IEnumerable<ProblemError> CheckList(string at, int version, List<Entry> now, List<Entry> before, bool ordered)
    {
        var last = -1;
        foreach (var old in before)
        {
            var place = now.FindIndex(entry => entry.Code == old.Code);
            if (place < 0)
            {
                yield return Error(at, "removed-option", version, new($"gibt es „{old.Code}“", $"there is \"{old.Code}\""), old.Code);
                continue;
            }

            var entry = now[place];
            if (entry.Label != old.Label)
            {
                yield return Error($"{at}/{place}/label", "changed-meaning", version, new($"heißt „{old.Code}“ „{old.Label.De}“", $"\"{old.Code}\" is called \"{old.Label.En}\""));
            }

            if (entry.MapsTo != old.MapsTo)
            {
                yield return Error($"{at}/{place}/mapsTo", "changed-meaning", version, new(
                    $"gehört „{old.Code}“ zu „{old.MapsTo ?? "nichts"}“", $"\"{old.Code}\" maps to \"{old.MapsTo ?? "nothing"}\""));
            }

            // A short code that was absent may be added; columns written with another one would change their meaning.
            if (old.Short is not null && entry.Short != old.Short)
            {
                yield return Error($"{at}/{place}/short", "changed-code", version, new($"ist „short“ von „{old.Code}“ „{old.Short}“", $"`short` of \"{old.Code}\" is \"{old.Short}\""));
            }

            if (entry.Exclusive != old.Exclusive)
            {
                yield return Error($"{at}/{place}/exclusive", "changed-meaning", version, new(
                    $"ist „{old.Code}“ {(old.Exclusive ? "" : "nicht ")}exklusiv", $"\"{old.Code}\" is {(old.Exclusive ? "" : "not ")}exclusive"));
            }

            if (ordered && place < last)
            {
                yield return Error($"{at}/{place}", "changed-order", version, new("ist die Reihenfolge der Stufen eine andere", "the order of the levels is another one"));
            }

            last = Math.Max(last, place);
        }
    }

    private static ProblemError Error(string at, string code, int version, Text was, string? suggestion = null) => new(at, null, code, new(
        $"In Version {version} {was.De}. Dafür einen neuen Code nehmen.", $"In version {version}, {was.En}. Take a new code for something else."), suggestion);

    private sealed record Entry(string Code, string? Short, Text Label, string? MapsTo, bool Exclusive);
}
