using System.Text.Json;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>What a text refers to.</summary>
internal enum Reference
{
    None,
    Municipality,
    AnchorSite,
    PartialDate,
}

/// <summary>
/// One version of a questionnaire, prepared for checking very many answers: names are found by their bytes, options have
/// numbers, conditions are sets of bits. Made once from the stored definition and kept; unchangeable.
/// </summary>
internal sealed class Questionnaire
{
    private readonly Utf8Lookup names = new();

    public Questionnaire(int version, QuestionnaireDefinition definition)
    {
        Version = version;
        Definition = definition;
        Items = new Item[definition.Items.Count];
        for (var i = 0; i < Items.Length; i++)
        {
            var item = new Item(definition.Items[i], BitWords, Places, this);
            Items[i] = item;
            BitWords += item.Words;
            Places += item.PlaceCount;
            // Free texts have the odd numbers.
            names.Add(item.Code, 2 * i);
            if (item.Definition.Other)
            {
                names.Add(item.OtherName.Value, 2 * i + 1);
            }
        }
    }

    public int Version { get; }

    public QuestionnaireDefinition Definition { get; }

    public Item[] Items { get; }

    /// <summary>How many words of bits all choices together need.</summary>
    public int BitWords { get; private set; }

    /// <summary>How many places all rankings and rows of matrices together need.</summary>
    public int Places { get; private set; }

    /// <summary>From a stored definition, which was checked before it was stored.</summary>
    public static Questionnaire Parse(int version, ReadOnlyMemory<byte> json)
    {
        Database.Database.CheckNotWriting();
        using var document = JsonDocument.Parse(json);
        var errors = new List<ProblemError>();
        var definition = new DefinitionReader(errors).Read(document.RootElement);
        return errors.Count == 0 ? new(version, definition) : throw new InvalidOperationException($"The stored definition is damaged: {errors[0].Pointer} {errors[0].Detail.En}");
    }

    /// <param name="isOther">Whether it is the free text beside the item's options.</param>
    public bool TryFind(ReadOnlySpan<byte> name, out int item, out bool isOther)
    {
        var found = names.TryFind(name, out var number);
        item = number >> 1;
        isOther = (number & 1) == 1;
        return found;
    }

    public int? Find(string code) => names.Find(code) is { } number && (number & 1) == 0 ? number >> 1 : null;
}

/// <summary>Consent to publication, where a questionnaire asks for it.</summary>
internal static class Consent
{
    public const string Meaning = "consent";
    public const string Named = "named";
    public const string AggregateOnly = "aggregate-only";
    public const string NotAtAll = "not-at-all";

    /// <summary>Who was asked and did not agree stays out of everything that is published, also out of its counts.</summary>
    public static bool AllowsCounting(Questionnaire questionnaire, AnswerSheet sheet) => Allows(questionnaire, sheet, ifNotAsked: true, Named, AggregateOnly);

    public static bool AllowsNaming(Questionnaire questionnaire, AnswerSheet sheet) => Allows(questionnaire, sheet, ifNotAsked: false, Named);

    private static bool Allows(Questionnaire questionnaire, AnswerSheet sheet, bool ifNotAsked, params ReadOnlySpan<string> codes)
    {
        var item = Array.FindIndex(questionnaire.Items, item => item.Definition.MapsTo == Meaning);
        if (item < 0)
        {
            return ifNotAsked;
        }

        var options = questionnaire.Items[item].OptionCodes;
        for (var option = 0; option < options.Length; option++)
        {
            if (sheet.State(item) == AnswerState.Value && sheet.IsChosen(item, option))
            {
                return codes.Contains(options[option]);
            }
        }

        return false;
    }
}

/// <summary>One item of a questionnaire, prepared.</summary>
internal sealed class Item
{
    private readonly Utf8Lookup options = new();
    private readonly Utf8Lookup rows = new();

    public Item(ItemDefinition definition, int bitOffset, int placeOffset, Questionnaire earlier)
    {
        Definition = definition;
        Kind = definition.Kind!.Value;
        Name = JsonEncodedText.Encode(definition.Code);
        OtherName = JsonEncodedText.Encode($"{definition.Code}.{DefinitionLimits.Other}");
        OptionCodes = [.. definition.Options.Select(option => option.Code), .. definition.Other ? [DefinitionLimits.Other] : Array.Empty<string>()];
        if (Kind == ItemKind.YesNo)
        {
            OptionCodes = [.. DefinitionLimits.YesNo];
        }

        OptionTexts = [.. OptionCodes.Select(code => JsonEncodedText.Encode(code))];
        RowTexts = [.. definition.Rows.Select(row => JsonEncodedText.Encode(row.Code))];
        Fill(options, OptionCodes);
        Fill(rows, definition.Rows.Select(row => row.Code));
        BitOffset = bitOffset;
        PlaceOffset = placeOffset;
        Words = (OptionCodes.Length + 63) / 64;
        PlaceCount = Kind switch { ItemKind.Ranking => OptionCodes.Length, ItemKind.Matrix => definition.Rows.Count, _ => 0 };
        Exclusive = Bits(definition.Options.Where(option => option.Exclusive).Select(option => option.Code));
        HasExclusive = definition.Options.Any(option => option.Exclusive);
        MaxLength = Kind == ItemKind.Url ? DefinitionLimits.UrlAnswer : definition.MaxLength ?? DefinitionLimits.TextAnswerByDefault;
        Min = definition.Min ?? 0;
        Max = definition.Max ?? (PlaceCount + Words > 0 ? OptionCodes.Length : decimal.MaxValue);
        Reference = (Kind, definition.MapsTo) switch
        {
            (_, "municipality") => Reference.Municipality,
            (_, "anchorSite") => Reference.AnchorSite,
            (ItemKind.Text, "openedOn") => Reference.PartialDate,
            _ => Reference.None,
        };
        Rule = definition.VisibleIf is { } condition ? VisibilityRule.Compile(condition, earlier) : null;
    }

    public ItemDefinition Definition { get; }

    public ItemKind Kind { get; }

    public string Code => Definition.Code;

    public bool Required => Definition.Required;

    public JsonEncodedText Name { get; }

    public JsonEncodedText OtherName { get; }

    /// <summary>With "other", where it exists, as the last.</summary>
    public string[] OptionCodes { get; }

    public JsonEncodedText[] OptionTexts { get; }

    public JsonEncodedText[] RowTexts { get; }

    public int BitOffset { get; }

    public int Words { get; }

    public int PlaceOffset { get; }

    public int PlaceCount { get; }

    public ulong[] Exclusive { get; }

    public bool HasExclusive { get; }

    public int MaxLength { get; }

    public decimal Min { get; }

    public decimal Max { get; }

    public Reference Reference { get; }

    /// <summary>Null if the item is always shown.</summary>
    public VisibilityRule? Rule { get; }

    /// <summary>The number of the option "other", or -1.</summary>
    public int Other => Definition.Other ? OptionCodes.Length - 1 : -1;

    public bool TryFindOption(ReadOnlySpan<byte> code, out int option) => options.TryFind(code, out option);

    public int? FindOption(string code) => options.Find(code);

    public bool TryFindRow(ReadOnlySpan<byte> code, out int row) => rows.TryFind(code, out row);

    public ulong[] Bits(IEnumerable<string> codes)
    {
        var bits = new ulong[Words];
        foreach (var code in codes)
        {
            var option = options.Find(code)!.Value;
            bits[option >> 6] |= 1UL << option;
        }

        return bits;
    }

    private static void Fill(Utf8Lookup names, IEnumerable<string> codes)
    {
        foreach (var (number, code) in codes.Index())
        {
            names.Add(code, number);
        }
    }
}
