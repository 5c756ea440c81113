using System.Globalization;
using System.Text;
using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>What can be wrong with answers, in words.</summary>
internal sealed class AnswerErrors(Questionnaire questionnaire)
{
    /// <summary>Comparing with more than this takes longer than the hint is worth.</summary>
    private const int MostToCompare = 1_000;

    private List<ProblemError> errors = [];
    private List<ProblemError>? issues;
    private int before;

    public bool Nothing => errors.Count == before;

    public bool IsFull => errors.Count - before >= AnswerRules.MostErrors;

    public void Begin(List<ProblemError> list)
    {
        errors = list;
        before = list.Count;
        issues = null;
    }

    /// <summary>What is no mistake of the sender's program, but for a reviewer to look at.</summary>
    public IReadOnlyList<ProblemError> Issues => issues ?? [];

    public void NotUtf8() => Add("", "encoding", new("Die Antworten sind nicht in UTF-8.", "The answers are not in UTF-8."));

    public void NotJson(JsonException problem, int depth) => errors.Add(JsonErrors.NotJson("/answers", problem, depth));

    public void NotAnObject() => Add("", "type", new("Erwartet wird ein Objekt { \"Frage\": Wert }.", "Expected is an object { \"item\": value }."));

    public void UnknownItem(ReadOnlySpan<byte> name)
    {
        var text = ShortQuote.Short(name);
        var items = questionnaire.Definition.Items;
        var nearest = NearestName.To(text, items.Select(item => item.Code).Concat(items.Where(item => item.Other).Select(item => $"{item.Code}.{DefinitionLimits.Other}")));
        Add(Pointer.Escape(text), "unknown-item", new(
            $"Version {questionnaire.Version} hat keine Frage „{text}“.{Meant(nearest).De}", $"Version {questionnaire.Version} has no item \"{text}\".{Meant(nearest).En}"), nearest);
    }

    public void Twice(string at) => Add(at, "duplicate-member", new("Der Name kommt mehrmals vor.", "The name occurs more than once."));

    public void Empty(string at) => Add(at, "empty", new(
        "Leer. Was nicht beantwortet wurde, weglassen oder mit -99 angeben.", "Empty. Leave out what was not answered, or say -99."), "-99");

    public void NotForInput(string at) => Add(at, "not-for-input", new(
        "-66 (nicht gezeigt) schreiben nur Exporte. Weglassen.", "-66 (not shown) is written by exports only. Leave it out."));

    public void WrongType(Item item, string at)
    {
        var wanted = at != item.Code ? new("Text", "text") : item.Kind switch
        {
            ItemKind.SingleChoice or ItemKind.OrdinalScale => new("der Code einer Option (Text)", "the code of an option (text)"),
            ItemKind.MultiChoice or ItemKind.Ranking => new("ein Array von Codes", "an array of codes"),
            ItemKind.Integer => new("eine ganze Zahl", "an integer"),
            ItemKind.Decimal => new("eine Zahl (mit Dezimalpunkt)", "a number (with a decimal point)"),
            ItemKind.YesNo => new("true oder false", "true or false"),
            ItemKind.Date => new("ein Datum als Text, JJJJ-MM-TT", "a date as text, YYYY-MM-DD"),
            ItemKind.Matrix => new("ein Objekt { \"Zeile\": \"Code\" }", "an object { \"row\": \"code\" }"),
            _ => new Text("Text", "text"),
        };
        Add(at, "type", new($"Erwartet wird {wanted.De}; fehlende Angaben sind -77, -88 oder -99.", $"Expected is {wanted.En}; missing answers are -77, -88 or -99."));
    }

    public void WrongOptionType(Item item, int index) => Add(index < 0 ? item.Code : $"{item.Code}/{index}", "type", new(
        "Erwartet wird der Code einer Option (Text).", "Expected is the code of an option (text)."));

    public void UnknownOption(Item item, string at, ReadOnlySpan<byte> code)
    {
        var text = ShortQuote.Short(code);
        var missing = text is "-66" or "-77" or "-88" or "-99";
        var nearest = missing ? text : NearestName.To(text, item.OptionCodes);
        Add(at, "unknown-option", missing
            ? new($"Codes für fehlende Angaben sind Zahlen: {text} ohne Anführungszeichen, für die ganze Frage.", $"Codes for missing answers are numbers: {text} without quotation marks, for the whole item.")
            : new($"„{text}“ ist keine Option.{Meant(nearest).De}", $"\"{text}\" is not an option.{Meant(nearest).En}"), nearest);
    }

    public void UnknownLevel(Item item, string row, ref Utf8JsonReader reader)
    {
        var at = $"{item.Code}/{row}";
        if (reader.TokenType != JsonTokenType.String)
        {
            Add(at, "type", new("Erwartet wird der Code einer Stufe (Text).", "Expected is the code of a level (text)."));
        }
        else if (reader.ValueSpan.IsEmpty)
        {
            Empty(at);
        }
        else
        {
            UnknownOption(item, at, reader.ValueSpan);
        }
    }

    public void UnknownRow(Item item, ReadOnlySpan<byte> name)
    {
        var text = ShortQuote.Short(name);
        var nearest = NearestName.To(text, item.Definition.Rows.Select(row => row.Code));
        Add($"{item.Code}/{Pointer.Escape(text)}", "unknown-row", new(
            $"„{text}“ ist keine Zeile.{Meant(nearest).De}", $"\"{text}\" is not a row.{Meant(nearest).En}"), nearest);
    }

    public void ChosenTwice(Item item, int index, int option) => Add($"{item.Code}/{index}", "duplicate", new(
        $"„{item.OptionCodes[option]}“ ist zweimal genannt.", $"\"{item.OptionCodes[option]}\" is named twice."));

    public void NotAlone(Item item, string exclusive) => Add(item.Code, "exclusive", new(
        $"„{exclusive}“ schließt alle übrigen Optionen aus.", $"\"{exclusive}\" rules out all other options."));

    public void Count(Item item, int count) => Add(item.Code, "count", new(
        Range(item.Min, item.Max).De + $" Nennungen, nicht {count}.", Range(item.Min, item.Max).En + $" choices, not {count}."));

    public void Unkeepable(Item item, NumberResult result) => Add(item.Code, result == NumberResult.TooPrecise ? "precision" : "range", result == NumberResult.TooPrecise
        ? new("Höchstens 17 geltende Ziffern; mehr ginge beim Speichern verloren.", "At most 17 significant digits; more would be lost.")
        : new("Die Zahl ist zu groß oder zu klein.", "The number is too large or too small."));

    public void Range(Item item, decimal value) => Add(item.Code, "range", new(
        Invariant($"{Range(item.Min, item.Max).De}, nicht {value}. Fehlende Angaben sind -77, -88 oder -99."),
        Invariant($"{Range(item.Min, item.Max).En}, not {value}. Missing answers are -77, -88 or -99.")));

    public void NotText(string at) => Add(at, "encoding", new("Kein gültiger Text (halbes Zeichen).", "Not a valid text (half a character)."));

    public void NotADate(Item item) => Add(item.Code, "date", new("Kein Datum der Form JJJJ-MM-TT.", "Not a date of the form YYYY-MM-DD."));

    public void NotAUrl(Item item) => Add(item.Code, "url", new("Keine vollständige Adresse (https://…).", "Not a complete address (https://…)."));

    public void TooLong(string at, int length, int most) => Add(at, "length", new($"Höchstens {most} Zeichen, nicht {length}.", $"{most} characters at most, not {length}."));

    public void ControlCharacter(string at) => Add(at, "control-character", new("Steuerzeichen sind nicht erlaubt.", "Control characters are not allowed."));

    public void UnknownReference(Item item, ReadOnlySpan<byte> bytes, KnownReferences known)
    {
        var text = ShortQuote.Short(bytes);
        switch (item.Reference)
        {
            case Reference.Municipality:
                var ags = NearestAgs(text, known.Municipalities);
                AddIssue(item.Code, "unknown-municipality", new(
                    $"Es gibt keine Gemeinde mit dem AGS „{text}“ (8 Ziffern, mit führender Null).{Meant(ags).De}",
                    $"There is no municipality with the AGS \"{text}\" (8 digits, leading zero kept).{Meant(ags).En}"), ags);
                break;
            case Reference.AnchorSite:
                var nearest = known.AnchorSites.All.Count <= MostToCompare ? NearestName.To(text, known.AnchorSites.All) : null;
                AddIssue(item.Code, "unknown-anchor-site", new(
                    $"Es gibt keinen Ankerort „{text}“.{Meant(nearest).De}", $"There is no anchor site \"{text}\".{Meant(nearest).En}"), nearest);
                break;
            default:
                AddIssue(item.Code, "date", new("Kein Datum der Form JJJJ, JJJJ-MM oder JJJJ-MM-TT.", "Not a date of the form YYYY, YYYY-MM or YYYY-MM-DD."));
                break;
        }
    }

    private void AddIssue(string at, string code, Text detail, string? suggestion = null) => (issues ??= []).Add(new("/answers/" + at, null, code, detail, suggestion));

    public void Hidden(Item item) => Add(item.Code, "hidden-item", new(
        "Diese Frage wird nach den übrigen Antworten nicht gezeigt. Weglassen.", "By the other answers, this item is not shown. Leave it out."));

    public void NotHidden(Item item) => Add(item.Code, "not-hidden", new(
        "-66 (nicht gezeigt), aber nach den übrigen Antworten wird die Frage gezeigt.", "-66 (not shown), but by the other answers the item is shown."));

    public void OtherNotChosen(Item item) => Add(item.OtherName.Value, "other-not-chosen", new(
        $"Ein Text ohne die Option „other“ bei „{item.Code}“.", $"A text without the option \"other\" in \"{item.Code}\"."));

    public void Missing(string at) => Add(at, "required", new(
        "Pflichtangabe fehlt (-77 oder -88 sind erlaubt).", "A required answer is missing (-77 or -88 are allowed)."));

    /// <summary>Spreadsheets drop the leading zero; and the longer key contains the shorter one.</summary>
    private static string? NearestAgs(string text, KnownIds municipalities)
    {
        var candidate = text.Length switch { 7 => "0" + text, 12 => text[..5] + text[9..], 11 => string.Concat("0", text.AsSpan(0, 4), text.AsSpan(8)), _ => null };
        return candidate is not null && municipalities.Contains(Encoding.UTF8.GetBytes(candidate)) ? candidate : null;
    }

    private static Text Range(decimal min, decimal max) => max == decimal.MaxValue
        ? new(Invariant($"Mindestens {min}"), Invariant($"At least {min}"))
        : new(Invariant($"{min} bis {max}"), Invariant($"{min} to {max}"));

    private static Text Meant(string? nearest) => nearest is null ? new("", "") : new($" Gemeint ist vielleicht „{nearest}“.", $" Did you mean \"{nearest}\"?");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private void Add(string at, string code, Text detail, string? suggestion = null)
    {
        if (!IsFull)
        {
            errors.Add(new(at.Length == 0 ? "/answers" : "/answers/" + at, null, code, detail, suggestion));
        }
    }
}

internal static class JsonErrors
{
    /// <summary>Utf8JsonReader allows 64 levels, and does not count the one it is just opening.</summary>
    private const int Deepest = 63;

    public static ProblemError NotJson(string at, JsonException problem, int depth)
    {
        var place = $"{problem.LineNumber + 1}:{problem.BytePositionInLine + 1}";
        return depth >= Deepest
            ? new(at, null, "too-deep", new("Zu tief geschachtelt.", "Nested too deeply."))
            : new(at, null, "not-json", new($"Kein gültiges JSON (Zeile:Spalte {place}).", $"Not valid JSON (line:column {place})."));
    }
}
