using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Holds the answers of one response against a version of the questionnaire: all mistakes at once, and JSON with one
/// spelling. One instance is for one thread and serves response after response without leaving anything behind.
/// </summary>
internal sealed class AnswerRules(Questionnaire questionnaire, KnownReferences known) : IDisposable
{
    /// <summary>A response with more mistakes than this was not written for this questionnaire.</summary>
    public const int MostErrors = 100;

    private static readonly SearchValues<byte> ControlCharacters =
        SearchValues.Create([.. Enumerable.Range(0, 32).Except([9, 10, 13]).Select(value => (byte)value), 127]);

    private readonly AnswerErrors say = new(questionnaire);
    private byte[] name = new byte[256];

    /// <summary>The answers that were checked last.</summary>
    public AnswerSheet Sheet { get; } = new(questionnaire);

    public void Dispose() => Sheet.Dispose();

    /// <param name="message">The JSON object of the answers, in UTF-8.</param>
    /// <param name="submit">Whether everything that is required must be there.</param>
    /// <param name="exported">Whether "not shown" may be said of items that are not shown, as exports do.</param>
    /// <param name="errors">Gets what is wrong, at most <see cref="MostErrors"/>.</param>
    /// <returns>Whether nothing is wrong; the normalised answers are then in the sheet.</returns>
    public bool Check(ReadOnlySpan<byte> message, bool submit, bool exported, List<ProblemError> errors)
    {
        Sheet.Clear();
        say.Begin(errors);
        if (!Utf8.IsValid(message))
        {
            say.NotUtf8();
            return false;
        }

        var reader = new Utf8JsonReader(message);
        try
        {
            ReadAnswers(ref reader, exported);
        }
        catch (JsonException problem)
        {
            say.NotJson(problem, reader.CurrentDepth >= 64);
            return false;
        }

        CheckTogether(submit);
        if (!say.Nothing)
        {
            return false;
        }

        Sheet.Write(message);
        return true;
    }

    private void ReadAnswers(ref Utf8JsonReader reader, bool exported)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            say.NotAnObject();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName && !say.IsFull)
        {
            var member = ReadName(ref reader);
            var isKnown = questionnaire.TryFind(member, out var number, out var isOther);
            if (!isKnown)
            {
                say.UnknownItem(member);
            }

            reader.Read();
            if (!isKnown)
            {
                reader.Skip();
            }
            else if (isOther)
            {
                ReadOther(ref reader, number);
            }
            else if (Sheet.State(number) != AnswerState.Absent)
            {
                say.Twice(questionnaire.Items[number].Code);
                reader.Skip();
            }
            else
            {
                Sheet.Set(number, Read(ref reader, questionnaire.Items[number], number, exported));
            }
        }
    }

    private ReadOnlySpan<byte> ReadName(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        if (name.Length < reader.ValueSpan.Length)
        {
            name = new byte[reader.ValueSpan.Length];
        }

        return IsWhole(ref reader) ? name.AsSpan(0, reader.CopyString(name)) : reader.ValueSpan;
    }

    private AnswerState Read(ref Utf8JsonReader reader, Item item, int number, bool exported)
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
        return fits ? AnswerState.Value : AnswerState.Invalid;
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

        Sheet.Choose(number, option);
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
            else if (!Sheet.Choose(number, option))
            {
                say.ChosenTwice(item, index, option);
                fits = false;
            }
            else if (item.Kind == ItemKind.Ranking)
            {
                Sheet.SetPlace(number, Sheet.Count(number) - 1, (short)option);
            }
        }

        if (index == 0)
        {
            say.Empty(item.Code);
            return false;
        }

        if (item.HasExclusive && Sheet.Count(number) > 1 && Sheet.Overlaps(item, item.Exclusive))
        {
            say.NotAlone(item, item.Definition.Options.Where((option, i) => option.Exclusive && Sheet.IsChosen(number, i)).First().Code);
            return false;
        }

        if (Sheet.Count(number) > item.Max)
        {
            say.Count(item, index);
            return false;
        }

        return fits;
    }

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

        Sheet.Choose(number, reader.TokenType == JsonTokenType.True ? 0 : 1);
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

        Sheet.SetNumber(number, value);
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
        if (Sheet.Place(number, row) != AnswerSheet.NoLevel)
        {
            say.Twice($"{item.Code}/{code}");
            reader.Skip();
            return false;
        }

        if (reader.TokenType == JsonTokenType.Number && ReadMissing(reader.ValueSpan) is { } missing and not AnswerState.NotShown)
        {
            Sheet.SetPlace(number, row, (short)missing);
            if (missing != AnswerState.NoAnswer)
            {
                Sheet.CountRow(number);
            }

            return true;
        }

        if (reader.TokenType != JsonTokenType.String || !item.TryFindOption(reader.ValueIsEscaped ? ReadName(ref reader) : reader.ValueSpan, out var option))
        {
            say.UnknownLevel(item, code, ref reader);
            reader.Skip();
            return false;
        }

        Sheet.SetPlace(number, row, (short)option);
        Sheet.CountRow(number);
        return true;
    }

    private void ReadOther(ref Utf8JsonReader reader, int number)
    {
        var item = questionnaire.Items[number];
        var at = item.OtherName.Value;
        if (Sheet.HasOther(number))
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
            CheckText(Sheet.SetText(number, isOther: true, ref reader, (int)reader.TokenStartIndex + 1), at, DefinitionLimits.TextAnswerByDefault);
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

        var text = Sheet.SetText(number, isOther: false, ref reader, (int)reader.TokenStartIndex + 1);
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

    /// <summary>Half a surrogate pair is JSON, but no text.</summary>
    private static bool IsWhole(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return true;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            reader.CopyString(buffer);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private bool IsWhole(ref Utf8JsonReader reader, string at)
    {
        var whole = IsWhole(ref reader);
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

        if (text.ContainsAny(ControlCharacters))
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

        return fits;
    }

    private bool WrongType(ref Utf8JsonReader reader, Item item)
    {
        say.WrongType(item, item.Code);
        reader.Skip();
        return false;
    }

    /// <summary>What can be said only when all answers are known: routing, required items, numbers of choices.</summary>
    private void CheckTogether(bool submit)
    {
        var items = questionnaire.Items;
        for (var i = 0; i < items.Length && !say.IsFull; i++)
        {
            var item = items[i];
            var shown = item.Rule?.Holds(Sheet) ?? Truth.Yes;
            var state = Sheet.State(i);
            if (shown == Truth.No)
            {
                Sheet.SetHidden(i);
                if (state is not (AnswerState.Absent or AnswerState.NotShown) || Sheet.HasOther(i))
                {
                    say.Hidden(item);
                }

                // Whatever was said of it must not show anything else.
                Sheet.Set(i, AnswerState.NotShown);
                continue;
            }

            if (state == AnswerState.NotShown && shown == Truth.Yes)
            {
                say.NotHidden(item);
            }

            if (Sheet.HasOther(i) && state != AnswerState.Invalid && !(state == AnswerState.Value && Sheet.IsChosen(i, item.Other)))
            {
                say.OtherNotChosen(item);
            }

            if (submit && shown == Truth.Yes)
            {
                CheckComplete(item, i, state);
            }
        }
    }

    private void CheckComplete(Item item, int number, AnswerState state)
    {
        if (item.Required && state is AnswerState.Absent or AnswerState.NoAnswer)
        {
            say.Missing(item.Code);
        }
        else if (state == AnswerState.Value && item.Kind is ItemKind.MultiChoice or ItemKind.Ranking)
        {
            if (Sheet.Count(number) < item.Min && !Sheet.Overlaps(item, item.Exclusive))
            {
                say.Count(item, Sheet.Count(number));
            }
        }
        else if (state == AnswerState.Value && item.Kind == ItemKind.Matrix && item.Required && Sheet.Count(number) < item.PlaceCount)
        {
            for (var row = 0; row < item.PlaceCount; row++)
            {
                if (Sheet.Place(number, row) is AnswerSheet.NoLevel or (short)AnswerState.NoAnswer)
                {
                    say.Missing($"{item.Code}/{item.Definition.Rows[row].Code}");
                }
            }
        }
    }
}
