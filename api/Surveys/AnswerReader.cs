using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>Reads single answers, kind by kind, into the sheet, and says what is wrong with each.</summary>
internal sealed class AnswerReader(Questionnaire questionnaire, KnownReferences known, AnswerSheet sheet, AnswerErrors say)
{
    private byte[] name = new byte[256];

    public AnswerState Read(ref Utf8JsonReader reader, Item item, int number, bool exported)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            say.Empty(item.Code);
            return AnswerState.Invalid;
        }

        if (reader.TokenType == JsonTokenType.Number && ReadMissing(reader.ValueSpan) is { } state)
        {
            if (state == AnswerState.NotShown && !exported)
            {
                say.NotForInput(item.Code);
                return AnswerState.Invalid;
            }

            return state;
        }

        var fits = item.Kind switch
        {
            ItemKind.SingleChoice or ItemKind.OrdinalScale => ReadChoice(ref reader, item, number),
            ItemKind.MultiChoice or ItemKind.Ranking => ReadChoices(ref reader, item, number),
            ItemKind.YesNo => ReadYesNo(ref reader, item, number),
            ItemKind.Integer or ItemKind.Decimal => ReadNumber(ref reader, item, number),
            ItemKind.Matrix => ReadRows(ref reader, item, number),
            _ => ReadText(ref reader, item, number),
        };
        return !fits ? AnswerState.Invalid : item.Kind == ItemKind.Matrix ? OfAllRows(item, number) : AnswerState.Value;
    }

    /// <summary>The same missing code in every row is one of the whole item: tables cannot tell them apart.</summary>
    private AnswerState OfAllRows(Item item, int number)
    {
        var first = sheet.Place(number, 0);
        for (var row = 1; row < item.PlaceCount; row++)
        {
            if (sheet.Place(number, row) != first)
            {
                return AnswerState.Value;
            }
        }

        return first < AnswerSheet.NoLevel ? (AnswerState)first : AnswerState.Value;
    }

    /// <summary>The state that a number stands for, if it stands for one.</summary>
    private static AnswerState? ReadMissing(ReadOnlySpan<byte> json) =>
        json[0] != '-' || CanonicalNumber.Read(json, out var value) != NumberResult.Fits ? null : value switch
        {
            -66 => AnswerState.NotShown,
            -77 => AnswerState.DontKnow,
            -88 => AnswerState.Refused,
            -99 => AnswerState.NoAnswer,
            _ => null,
        };

    private bool ReadChoice(ref Utf8JsonReader reader, Item item, int number)
    {
        if (!ReadOption(ref reader, item, -1, out var option))
        {
            return false;
        }

        sheet.Choose(number, option);
        return true;
    }

    private bool ReadChoices(ref Utf8JsonReader reader, Item item, int number)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return WrongType(ref reader, item);
        }

        var fits = true;
        var index = 0;
        for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray && !say.IsFull; index++)
        {
            if (!ReadOption(ref reader, item, index, out var option))
            {
                fits = false;
            }
            else if (!sheet.Choose(number, option))
            {
                say.ChosenTwice(item, index, option);
                fits = false;
            }
            else if (item.Kind == ItemKind.Ranking)
            {
                sheet.SetPlace(number, sheet.Count(number) - 1, (short)option);
            }
        }

        if (index == 0)
        {
            say.Empty(item.Code);
            return false;
        }

        if (item.HasExclusive && sheet.Count(number) > 1 && sheet.Overlaps(item, item.Exclusive))
        {
            say.NotAlone(item, FindExclusive(item, number));
            return false;
        }

        if (sheet.Count(number) > item.Max)
        {
            say.Count(item, index);
            return false;
        }

        return fits;
    }

    private string FindExclusive(Item item, int number) =>
        item.Definition.Options.Where((option, place) => option.Exclusive && sheet.IsChosen(number, place)).First().Code;

    /// <param name="index">Where in the array, or -1.</param>
    private bool ReadOption(ref Utf8JsonReader reader, Item item, int index, out int option)
    {
        option = -1;
        if (reader.TokenType != JsonTokenType.String)
        {
            say.WrongOptionType(item, index);
            reader.Skip();
            return false;
        }

        // Codes need no escapes, but JSON allows them.
        if (item.TryFindOption(reader.ValueIsEscaped ? ReadName(ref reader) : reader.ValueSpan, out option))
        {
            return true;
        }

        if (reader.ValueSpan.IsEmpty)
        {
            say.Empty(index < 0 ? item.Code : $"{item.Code}/{index}");
        }
        else
        {
            say.UnknownOption(item, index < 0 ? item.Code : $"{item.Code}/{index}", reader.ValueSpan);
        }

        return false;
    }

    private bool ReadYesNo(ref Utf8JsonReader reader, Item item, int number)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
        {
            return WrongType(ref reader, item);
        }

        sheet.Choose(number, reader.TokenType == JsonTokenType.True ? 0 : 1);
        return true;
    }

    private bool ReadNumber(ref Utf8JsonReader reader, Item item, int number)
    {
        if (reader.TokenType != JsonTokenType.Number)
        {
            return WrongType(ref reader, item);
        }

        var result = CanonicalNumber.Read(reader.ValueSpan, out var value);
        if (result != NumberResult.Fits)
        {
            say.Unkeepable(item, result);
            return false;
        }

        if (item.Kind == ItemKind.Integer && value != decimal.Truncate(value))
        {
            return WrongType(ref reader, item);
        }

        if (value < item.Min || value > item.Max)
        {
            say.Range(item, value);
            return false;
        }

        sheet.SetNumber(number, value);
        return true;
    }

    private bool ReadRows(ref Utf8JsonReader reader, Item item, int number)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return WrongType(ref reader, item);
        }

        var fits = true;
        var any = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && !say.IsFull)
        {
            any = true;
            var member = ReadName(ref reader);
            var isKnown = item.TryFindRow(member, out var row);
            if (!isKnown)
            {
                say.UnknownRow(item, member);
            }

            reader.Read();
            if (!isKnown)
            {
                fits = false;
                reader.Skip();
            }
            else
            {
                fits &= ReadRow(ref reader, item, number, row);
            }
        }

        if (!any)
        {
            say.Empty(item.Code);
        }

        return fits && any;
    }

    private bool ReadRow(ref Utf8JsonReader reader, Item item, int number, int row)
    {
        var code = item.Definition.Rows[row].Code;
        if (sheet.Place(number, row) != AnswerSheet.NoLevel)
        {
            say.Twice($"{item.Code}/{code}");
            reader.Skip();
            return false;
        }

        if (reader.TokenType == JsonTokenType.Number && ReadMissing(reader.ValueSpan) is { } missing and not AnswerState.NotShown)
        {
            sheet.SetPlace(number, row, (short)missing);
            if (missing != AnswerState.NoAnswer)
            {
                sheet.CountRow(number);
            }

            return true;
        }

        if (reader.TokenType != JsonTokenType.String || !item.TryFindOption(reader.ValueIsEscaped ? ReadName(ref reader) : reader.ValueSpan, out var option))
        {
            say.UnknownLevel(item, code, ref reader);
            reader.Skip();
            return false;
        }

        sheet.SetPlace(number, row, (short)option);
        sheet.CountRow(number);
        return true;
    }

    public void ReadOther(ref Utf8JsonReader reader, int number)
    {
        var item = questionnaire.Items[number];
        var at = item.OtherName.Value;
        if (sheet.HasOther(number))
        {
            say.Twice(at);
            reader.Skip();
        }
        else if (reader.TokenType != JsonTokenType.String)
        {
            say.WrongType(item, at);
            reader.Skip();
        }
        else if (IsWhole(ref reader, at))
        {
            // A message begins at 0, and the quotation mark is before the text.
            CheckText(sheet.SetText(number, isOther: true, ref reader, (int)reader.TokenStartIndex + 1), at, DefinitionLimits.TextAnswerByDefault);
        }
    }

    private bool ReadText(ref Utf8JsonReader reader, Item item, int number)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return WrongType(ref reader, item);
        }

        if (!IsWhole(ref reader, item.Code))
        {
            return false;
        }

        var text = sheet.SetText(number, isOther: false, ref reader, (int)reader.TokenStartIndex + 1);
        return item.Kind switch
        {
            ItemKind.Date => IsDate(text) || Not(say.NotADate),
            ItemKind.Url => CheckText(text, item.Code, item.MaxLength) && (AnswerTexts.IsUrl(text) || Not(say.NotAUrl)),
            _ => CheckText(text, item.Code, item.MaxLength) && CheckReference(item, text),
        };

        bool Not(Action<Item> tell)
        {
            tell(item);
            return false;
        }
    }

    private static bool IsDate(ReadOnlySpan<byte> text) => text.Length == 10 && AnswerTexts.IsPartialDate(text);

    private bool IsWhole(ref Utf8JsonReader reader, string at)
    {
        var whole = AnswerTexts.IsWhole(ref reader);
        if (!whole)
        {
            say.NotText(at);
        }

        return whole;
    }

    private bool CheckText(ReadOnlySpan<byte> text, string at, int most)
    {
        // Letters are at least one byte, so most texts need not be counted.
        var length = text.Length <= most ? text.Length : AnswerTexts.CountLetters(text);
        if (length > most)
        {
            say.TooLong(at, length, most);
            return false;
        }

        if (AnswerTexts.IsBlank(text))
        {
            say.Empty(at);
            return false;
        }

        if (AnswerTexts.HasControlCharacter(text))
        {
            say.ControlCharacter(at);
            return false;
        }

        return true;
    }

    private bool CheckReference(Item item, ReadOnlySpan<byte> text)
    {
        var fits = item.Reference switch
        {
            Reference.Municipality => known.Municipalities.Contains(text),
            Reference.AnchorSite => known.AnchorSites.Contains(text),
            Reference.PartialDate => AnswerTexts.IsPartialDate(text),
            _ => true,
        };
        if (!fits)
        {
            say.UnknownReference(item, text, known);
        }

        return true;
    }

    private bool WrongType(ref Utf8JsonReader reader, Item item)
    {
        say.WrongType(item, item.Code);
        reader.Skip();
        return false;
    }

    public ReadOnlySpan<byte> ReadName(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (name.Length < reader.ValueSpan.Length)
        {
            name = new byte[reader.ValueSpan.Length];
        }

        return AnswerTexts.IsWhole(ref reader) ? name.AsSpan(0, reader.CopyString(name)) : reader.ValueSpan;
    }
}
