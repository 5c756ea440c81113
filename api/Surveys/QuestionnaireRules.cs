using System.Text.Json;
using System.Text.RegularExpressions;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>Everything that is wrong with the definition of a questionnaire, all at once.</summary>
internal static partial class QuestionnaireRules
{
    private static readonly string[] Dimensions = ["goals", "contents", "targetGroups", "formats", "spaces", "operators", "funding", "setting"];

    private static readonly string[] Statuses = ["planned", "setup", "operating", "paused", "closed", "unknown"];

    private static readonly string[] Fees = ["free", "paid", "mixed"];

    /// <summary>How answers may be published: with the name of the place, only counted with those of others, or not at all.</summary>
    private static readonly string[] Consents = [Consent.Named, Consent.AggregateOnly, Consent.NotAtAll];

    /// <summary>Utf8Lookup of columns that every table of responses has, here or in LimeSurvey.</summary>
    private static readonly HashSet<string> Reserved = new(
        ["id", "version", "submit", "item", "option", "value", "response", .. LimeSurveyColumns.Meta], StringComparer.OrdinalIgnoreCase);

    /// <summary>What an item can mean for the knowledge base, and which kinds of item can carry it.</summary>
    private static readonly Dictionary<string, ItemKind[]> Meanings = new(
        Dimensions.Select(dimension => KeyValuePair.Create(dimension, new[] { ItemKind.MultiChoice, ItemKind.SingleChoice })))
    {
        ["municipality"] = [ItemKind.Text],
        ["anchorSite"] = [ItemKind.Text],
        ["status"] = [ItemKind.SingleChoice],
        [Consent.Meaning] = [ItemKind.SingleChoice],
        ["openedOn"] = [ItemKind.Date, ItemKind.Text],
        ["website"] = [ItemKind.Url],
        ["facts.floorAreaSqm"] = [ItemKind.Decimal, ItemKind.Integer],
        ["facts.visitorsPerYear"] = [ItemKind.Integer],
        ["facts.annualCostEur"] = [ItemKind.Decimal, ItemKind.Integer],
        ["facts.openingHours"] = [ItemKind.Text],
        ["facts.participationFee"] = [ItemKind.SingleChoice],
    };

    /// <param name="definition">As it was sent.</param>
    /// <param name="codes">What options may map to: "goals.participation" and so on, as the codebook has them.</param>
    /// <param name="errors">Gets what is wrong; stays empty if nothing is.</param>
    public static QuestionnaireDefinition Check(JsonElement definition, IReadOnlySet<string> codes, List<ProblemError> errors)
    {
        Database.Database.CheckNotWriting();
        var read = new DefinitionReader(errors).Read(definition);
        var meanings = new Dictionary<string, string>();
        for (var i = 0; i < read.Items.Count; i++)
        {
            new ItemCheck(read.Items, i, codes, errors).Check(meanings);
        }

        return read;
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9]{0,19}$(?!\n)")]
    private static partial Regex ItemCode();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9-]{0,59}$(?!\n)")]
    private static partial Regex OptionCode();

    [GeneratedRegex("^[A-Za-z0-9]{1,5}$(?!\n)")]
    private static partial Regex ShortCode();

    private sealed class ItemCheck(IReadOnlyList<ItemDefinition> items, int number, IReadOnlySet<string> codes, List<ProblemError> errors)
    {
        private readonly ItemDefinition item = items[number];
        private readonly string at = $"/items/{number}";

        public void Check(Dictionary<string, string> meanings)
        {
            CheckCode();
            if (item.VisibleIf is { } condition)
            {
                CheckCondition(condition, at + "/visibleIf");
            }

            if (item.Kind is not { } kind)
            {
                return;
            }

            CheckMembers(kind);
            CheckOptions(kind);
            CheckRows(kind);
            CheckLimits(kind);
            CheckMeaning(kind, meanings);
        }

        private void CheckCode()
        {
            if (item.Code.Length == 0)
            {
                return;
            }

            if (!ItemCode().IsMatch(item.Code))
            {
                Pattern($"{at}/code", item.Code, new("Ein Buchstabe, dann höchstens 19 Buchstaben oder Ziffern.", "A letter, then at most 19 letters or digits."));
            }
            else if (Reserved.Contains(item.Code))
            {
                Add($"{at}/code", "reserved", new($"„{item.Code}“ heißt schon eine Spalte der Exporte.", $"A column of the exports is already called \"{item.Code}\"."));
            }

            var first = items.Take(number).FirstOrDefault(other => other.Code.Equals(item.Code, StringComparison.OrdinalIgnoreCase));
            if (first is not null)
            {
                Add($"{at}/code", "duplicate-code", new(
                    $"Den Code „{first.Code}“ gibt es schon (Groß- und Kleinschreibung zählt nicht).", $"There is already a code \"{first.Code}\" (letter case does not count)."));
            }
        }

        /// <summary>Members that mean nothing for this kind of item are mistakes.</summary>
        private void CheckMembers(ItemKind kind)
        {
            Only("options", kind.HasOptions());
            Only("rows", kind == ItemKind.Matrix);
            Only("other", kind is ItemKind.SingleChoice or ItemKind.MultiChoice);
            Only("maxLength", kind is ItemKind.Text);
            var limited = kind is ItemKind.MultiChoice or ItemKind.Ranking or ItemKind.Integer or ItemKind.Decimal;
            Only("min", limited);
            Only("max", limited);
            Needed("options", kind.HasOptions());
            Needed("rows", kind == ItemKind.Matrix);

            void Only(string member, bool allowed)
            {
                if (!allowed && item.Given.Contains(member))
                {
                    Add($"{at}/{member}", "not-for-kind", new($"Gilt nicht für „{kind.Wire()}“.", $"Does not apply to \"{kind.Wire()}\"."));
                }
            }

            void Needed(string member, bool needed)
            {
                if (needed && !item.Given.Contains(member))
                {
                    Add($"{at}/{member}", "missing", new($"„{kind.Wire()}“ braucht „{member}“.", $"\"{kind.Wire()}\" needs \"{member}\"."));
                }
            }
        }

        private void CheckOptions(ItemKind kind)
        {
            var names = new NamesInUse(errors);
            if (item.Other)
            {
                names.Reserve(DefinitionLimits.Other);
            }

            for (var i = 0; i < item.Options.Count; i++)
            {
                var option = item.Options[i];
                var here = $"{at}/options/{i}";
                CheckNames(names, here, option.Code, option.Short);
                if (option.Exclusive && kind != ItemKind.MultiChoice)
                {
                    Add($"{here}/exclusive", "not-for-kind", new("„exclusive“ gibt es nur bei „multiChoice“.", "`exclusive` applies to \"multiChoice\" only."));
                }

                if (option.MapsTo is { } meaning && !codes.Contains(meaning))
                {
                    Add($"{here}/mapsTo", "unknown-code", new(
                        $"„{ShortQuote.Short(meaning)}“ steht nicht im Codebuch (Form: goals.participation).", $"\"{ShortQuote.Short(meaning)}\" is not in the codebook (form: goals.participation)."),
                        NearestName.To(ShortQuote.Short(meaning), codes));
                }
                else if (option.MapsTo is { } mapped && item.MapsTo is { } dimension && Dimensions.Contains(dimension) && !mapped.StartsWith(dimension + ".", StringComparison.Ordinal))
                {
                    Add($"{here}/mapsTo", "other-dimension", new($"Die Frage gehört zu „{dimension}“.", $"The item belongs to \"{dimension}\"."));
                }
            }

            if (item.Options.Count == 1 && !item.Other && kind.HasOptions() && kind != ItemKind.MultiChoice)
            {
                Add($"{at}/options", "too-few", new("Mindestens zwei Optionen.", "At least two options."));
            }
        }

        private void CheckRows(ItemKind kind)
        {
            var names = new NamesInUse(errors);
            for (var i = 0; i < item.Rows.Count && kind == ItemKind.Matrix; i++)
            {
                CheckNames(names, $"{at}/rows/{i}", item.Rows[i].Code, item.Rows[i].Short);
            }
        }

        private void CheckNames(NamesInUse names, string here, string code, string? shortCode)
        {
            if (code.Length > 0 && !OptionCode().IsMatch(code))
            {
                Pattern($"{here}/code", code, new("Buchstaben, Ziffern und „-“, höchstens 60, am Anfang kein „-“.", "Letters, digits and \"-\", 60 at most, no \"-\" at the beginning."));
            }

            if (shortCode is not null && !ShortCode().IsMatch(shortCode))
            {
                Pattern($"{here}/short", shortCode, new("Höchstens fünf Buchstaben oder Ziffern (Grenze von LimeSurvey).", "Five letters or digits at most (the limit of LimeSurvey)."));
            }

            names.Add($"{here}/code", code);
            if (shortCode is not null && !shortCode.Equals(code, StringComparison.OrdinalIgnoreCase))
            {
                names.Add($"{here}/short", shortCode);
            }
        }

        private void CheckLimits(ItemKind kind)
        {
            var counts = kind is ItemKind.MultiChoice or ItemKind.Ranking;
            var choices = item.Options.Count + (item.Other ? 1 : 0);
            CheckBound("min", item.Min);
            CheckBound("max", item.Max);
            if (item.Min > item.Max)
            {
                Add($"{at}/min", "order", new("„min“ ist größer als „max“.", "`min` is greater than `max`."));
            }

            if (item.MaxLength is < 1 or > DefinitionLimits.TextAnswer)
            {
                Add($"{at}/maxLength", "range", new($"Von 1 bis {DefinitionLimits.TextAnswer}.", $"From 1 to {DefinitionLimits.TextAnswer}."));
            }

            void CheckBound(string member, decimal? bound)
            {
                if (bound < 0)
                {
                    Add($"{at}/{member}", "range", new("Nicht unter 0: negative Zahlen sind die Codes für fehlende Angaben.", "Not below 0: negative numbers are the codes for missing answers."));
                }
                else if (bound is { } value && value != decimal.Truncate(value) && kind != ItemKind.Decimal)
                {
                    Add($"{at}/{member}", "type", new("Eine ganze Zahl.", "An integer."));
                }
                else if (counts && (bound > choices || (member == "max" && bound == 0)))
                {
                    Add($"{at}/{member}", "range", new($"Es gibt {choices} Optionen.", $"There are {choices} options."));
                }
            }
        }

        private void CheckMeaning(ItemKind kind, Dictionary<string, string> meanings)
        {
            if (item.MapsTo is not { } meaning)
            {
                return;
            }

            if (!Meanings.TryGetValue(meaning, out var kinds))
            {
                Add($"{at}/mapsTo", "unknown-value", new(
                    $"Unbekannt. Bekannt: {string.Join(", ", Meanings.Keys)}.", $"Unknown. Known: {string.Join(", ", Meanings.Keys)}."), NearestName.To(ShortQuote.Short(meaning), Meanings.Keys));
                return;
            }

            if (!kinds.Contains(kind))
            {
                var list = string.Join(", ", kinds.Select(DefinitionLimits.Wire));
                Add($"{at}/mapsTo", "not-for-kind", new($"„{meaning}“ braucht eine Frage der Art {list}.", $"\"{meaning}\" needs an item of kind {list}."));
            }

            if (!meanings.TryAdd(meaning, item.Code))
            {
                Add($"{at}/mapsTo", "duplicate-meaning", new($"„{meaning}“ ist schon die Frage „{meanings[meaning]}“.", $"\"{meaning}\" is already the item \"{meanings[meaning]}\"."));
            }

            CheckValues(meaning, meaning switch { "status" => Statuses, "facts.participationFee" => Fees, Consent.Meaning => Consents, _ => null });
        }

        private void CheckValues(string meaning, string[]? known)
        {
            for (var i = 0; known is not null && i < item.Options.Count; i++)
            {
                if (!known.Contains(item.Options[i].Code))
                {
                    var list = string.Join(", ", known);
                    Add($"{at}/options/{i}/code", "unknown-value", new($"„{meaning}“ kennt: {list}.", $"\"{meaning}\" knows: {list}."), NearestName.To(ShortQuote.Short(item.Options[i].Code), known));
                }
            }
        }

        private void CheckCondition(Condition condition, string here)
        {
            switch (condition)
            {
                case Condition.Several several:
                    var word = several.Every ? "all" : "any";
                    for (var i = 0; i < several.Parts.Count; i++)
                    {
                        CheckCondition(several.Parts[i], $"{here}/{word}/{i}");
                    }

                    break;
                case Condition.Answered answered:
                    FindEarlier(answered.Item, here);
                    break;
                case Condition.Chosen chosen when FindEarlier(chosen.Item, here) is { Kind: { } kind } asked:
                    if (!kind.CanBeChosen())
                    {
                        Add(here, "condition", new(
                            $"Bei „{kind.Wire()}“ ist nur „answered“ möglich.", $"With \"{kind.Wire()}\", only `answered` is possible."));
                        break;
                    }

                    var known = kind == ItemKind.YesNo ? DefinitionLimits.YesNo
                        : [.. asked.Options.Select(option => option.Code), .. asked.Other ? [DefinitionLimits.Other] : Array.Empty<string>()];
                    foreach (var code in chosen.Values.Where(code => !known.Contains(code)))
                    {
                        Add(here, "unknown-option", new(
                            $"„{asked.Code}“ hat keine Option „{ShortQuote.Short(code)}“.", $"\"{asked.Code}\" has no option \"{ShortQuote.Short(code)}\"."), NearestName.To(ShortQuote.Short(code), known));
                    }

                    break;
            }
        }

        private ItemDefinition? FindEarlier(string code, string here)
        {
            var found = items.Take(number).FirstOrDefault(earlier => earlier.Code == code);
            if (found is null)
            {
                var later = items.Skip(number).Any(other => other.Code == code);
                Add($"{here}/item", later ? "not-earlier" : "unknown-item", later
                    ? new($"„{ShortQuote.Short(code)}“ kommt nicht vor dieser Frage.", $"\"{ShortQuote.Short(code)}\" does not come before this item.")
                    : new($"Es gibt keine Frage „{ShortQuote.Short(code)}“.", $"There is no item \"{ShortQuote.Short(code)}\"."),
                    later ? null : NearestName.To(ShortQuote.Short(code), items.Take(number).Select(earlier => earlier.Code)));
            }

            return found;
        }

        private void Pattern(string where, string value, Text rule) =>
            Add(where, "pattern", new($"„{ShortQuote.Short(value)}“: {rule.De}", $"\"{ShortQuote.Short(value)}\": {rule.En}"));

        private void Add(string where, string code, Text detail, string? suggestion = null) => errors.Add(new(where, null, code, detail, suggestion));
    }

    /// <summary>Codes and short codes share one space: LimeSurvey's files may use either.</summary>
    private sealed class NamesInUse(List<ProblemError> errors)
    {
        private readonly HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);

        public void Reserve(string name) => names.Add(name);

        public void Add(string where, string name)
        {
            if (name.Length > 0 && !names.Add(name))
            {
                errors.Add(new(where, null, "duplicate-code", new(
                    $"„{ShortQuote.Short(name)}“ ist schon vergeben.", $"\"{ShortQuote.Short(name)}\" is already taken.")));
            }
        }
    }
}
