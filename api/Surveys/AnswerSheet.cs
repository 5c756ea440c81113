using System.Buffers;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace AnkerOrte.Api.Surveys;

/// <summary>What an item has in one response. The negative ones are the numbers that stand for it.</summary>
internal enum AnswerState : sbyte
{
    Absent = 0,
    Value = 1,
    Invalid = 2,
    NotShown = -66,
    DontKnow = -77,
    Refused = -88,
    NoAnswer = -99,
}

/// <summary>
/// The answers of one response as numbers and bits, in buffers that are used again for the next. Texts stay where they are:
/// they are places in the message, or in a buffer of their own if they had to be unescaped.
/// </summary>
internal sealed class AnswerSheet : IDisposable
{
    /// <summary>A row of a matrix that was not answered.</summary>
    public const short NoLevel = -1;

    private static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Questionnaire questionnaire;
    private readonly Slot[] slots;
    private readonly ulong[] bits;
    private readonly short[] places;
    private readonly ArrayBufferWriter<byte> unescaped = new();
    private readonly ArrayBufferWriter<byte> normalised = new(1024);
    private readonly Utf8JsonWriter writer;

    public AnswerSheet(Questionnaire questionnaire)
    {
        this.questionnaire = questionnaire;
        slots = new Slot[questionnaire.Items.Length];
        bits = new ulong[questionnaire.BitWords];
        places = new short[questionnaire.Places];
        writer = new(normalised, WriterOptions);
    }

    /// <summary>The last response as JSON with one spelling only; valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Normalised => normalised.WrittenMemory;

    public AnswerState State(int item) => slots[item].State;

    public decimal Number(int item) => slots[item].Number;

    /// <summary>How many options were chosen or ranked, or rows answered.</summary>
    public int Count(int item) => slots[item].Count;

    public bool HasOther(int item) => slots[item].HasOther;

    public bool IsHidden(int item) => slots[item].Hidden;

    public bool IsChosen(int item, int option) => (bits[questionnaire.Items[item].BitOffset + (option >> 6)] & 1UL << option) != 0;

    public bool IsAnyChosen(int item, ulong[] wanted) => Overlaps(questionnaire.Items[item], wanted);

    /// <summary>The option at a place of a ranking, or the level (or missing code) of a row.</summary>
    public short Place(int item, int place) => places[questionnaire.Items[item].PlaceOffset + place];

    public string Text(int item, ReadOnlySpan<byte> message) => Encoding.UTF8.GetString(Bytes(slots[item].Text, message));

    public string Other(int item, ReadOnlySpan<byte> message) => Encoding.UTF8.GetString(Bytes(slots[item].Other, message));

    public void Dispose() => writer.Dispose();

    internal void Clear()
    {
        slots.AsSpan().Clear();
        bits.AsSpan().Clear();
        places.AsSpan().Fill(NoLevel);
        unescaped.ResetWrittenCount();
        normalised.ResetWrittenCount();
    }

    internal void Set(int item, AnswerState state) => slots[item].State = state;

    internal void SetNumber(int item, decimal number) => slots[item].Number = number;

    internal void SetHidden(int item) => slots[item].Hidden = true;

    /// <summary>False if it was chosen before.</summary>
    internal bool Choose(int item, int option)
    {
        ref var word = ref bits[questionnaire.Items[item].BitOffset + (option >> 6)];
        var bit = 1UL << option;
        if ((word & bit) != 0)
        {
            return false;
        }

        word |= bit;
        slots[item].Count++;
        return true;
    }

    internal void SetPlace(int item, int place, short value) => places[questionnaire.Items[item].PlaceOffset + place] = value;

    internal void CountRow(int item) => slots[item].Count++;

    /// <param name="start">Where the text is in the message, if nothing in it is escaped.</param>
    internal ReadOnlySpan<byte> SetText(int item, bool isOther, ref Utf8JsonReader reader, int start)
    {
        Span span;
        if (reader.ValueIsEscaped)
        {
            var buffer = unescaped.GetSpan(reader.ValueSpan.Length);
            var length = reader.CopyString(buffer);
            span = new(unescaped.WrittenCount, length, InMessage: false);
            unescaped.Advance(length);
        }
        else
        {
            span = new(start, reader.ValueSpan.Length, InMessage: true);
        }

        ref var slot = ref slots[item];
        if (isOther)
        {
            slot.Other = span;
            slot.HasOther = true;
        }
        else
        {
            slot.Text = span;
        }

        return span.InMessage ? reader.ValueSpan : unescaped.WrittenSpan.Slice(span.Start, span.Length);
    }

    internal bool Overlaps(Item item, ulong[] wanted)
    {
        for (var i = 0; i < wanted.Length; i++)
        {
            if ((bits[item.BitOffset + i] & wanted[i]) != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Writes members in the order of the questionnaire, options in theirs: equal answers have equal bytes.</summary>
    internal void Write(ReadOnlySpan<byte> message)
    {
        writer.Reset(normalised);
        writer.WriteStartObject();
        for (var i = 0; i < slots.Length; i++)
        {
            ref var slot = ref slots[i];
            if (slot.State is AnswerState.Absent or AnswerState.NotShown)
            {
                continue;
            }

            var item = questionnaire.Items[i];
            writer.WritePropertyName(item.Name);
            if (slot.State == AnswerState.Value)
            {
                WriteValue(item, ref slot, message);
            }
            else
            {
                writer.WriteNumberValue((int)slot.State);
            }

            if (slot.HasOther)
            {
                writer.WriteString(item.OtherName, Bytes(slot.Other, message));
            }
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    private void WriteValue(Item item, ref Slot slot, ReadOnlySpan<byte> message)
    {
        switch (item.Kind)
        {
            case ItemKind.SingleChoice or ItemKind.OrdinalScale:
                WriteChosen(item);
                break;
            case ItemKind.MultiChoice:
                writer.WriteStartArray();
                WriteChosen(item);
                writer.WriteEndArray();
                break;
            case ItemKind.YesNo:
                writer.WriteBooleanValue((bits[item.BitOffset] & 1) != 0);
                break;
            case ItemKind.Ranking:
                writer.WriteStartArray();
                for (var place = 0; place < slot.Count; place++)
                {
                    writer.WriteStringValue(item.OptionTexts[places[item.PlaceOffset + place]]);
                }

                writer.WriteEndArray();
                break;
            case ItemKind.Matrix:
                WriteRows(item);
                break;
            case ItemKind.Integer or ItemKind.Decimal:
                writer.WriteNumberValue(slot.Number);
                break;
            default:
                writer.WriteStringValue(Bytes(slot.Text, message));
                break;
        }
    }

    private void WriteChosen(Item item)
    {
        for (var word = 0; word < item.Words; word++)
        {
            for (var left = bits[item.BitOffset + word]; left != 0; left &= left - 1)
            {
                writer.WriteStringValue(item.OptionTexts[64 * word + BitOperations.TrailingZeroCount(left)]);
            }
        }
    }

    private void WriteRows(Item item)
    {
        writer.WriteStartObject();
        for (var row = 0; row < item.PlaceCount; row++)
        {
            var level = places[item.PlaceOffset + row];
            if (level >= 0)
            {
                writer.WriteString(item.RowTexts[row], item.OptionTexts[level]);
            }
            else if (level != NoLevel)
            {
                writer.WriteNumber(item.RowTexts[row], level);
            }
        }

        writer.WriteEndObject();
    }

    private ReadOnlySpan<byte> Bytes(Span span, ReadOnlySpan<byte> message) =>
        (span.InMessage ? message : unescaped.WrittenSpan).Slice(span.Start, span.Length);

    private readonly record struct Span(int Start, int Length, bool InMessage);

    private struct Slot
    {
        public AnswerState State;
        public bool Hidden;
        public bool HasOther;
        public int Count;
        public decimal Number;
        public Span Text;
        public Span Other;
    }
}
