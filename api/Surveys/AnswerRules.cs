using System.Text.Json;
using System.Text.Unicode;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Surveys;

/// <summary>
/// Holds the answers of one response against a version of the questionnaire: all mistakes at once, and JSON with one
/// spelling. One instance is for one thread and serves response after response without leaving anything behind.
/// </summary>
internal sealed class AnswerRules : IDisposable
{
    /// <summary>A response with more mistakes than this was not written for this questionnaire.</summary>
    public const int MostErrors = 100;

    private readonly Questionnaire questionnaire;
    private readonly AnswerErrors say;
    private readonly AnswerReader answers;

    public AnswerRules(Questionnaire questionnaire, KnownReferences known)
    {
        this.questionnaire = questionnaire;
        say = new(questionnaire);
        Sheet = new(questionnaire);
        answers = new(questionnaire, known, Sheet, say);
    }

    /// <summary>What a reviewer should look at in the answers that were checked last: references to what is not known here.</summary>
    public IReadOnlyList<ProblemError> Issues => say.Issues;

    /// <summary>The answers that were checked last.</summary>
    public AnswerSheet Sheet { get; }

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
            say.NotJson(problem, reader.CurrentDepth);
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
            var member = answers.ReadName(ref reader);
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
                answers.ReadOther(ref reader, number);
            }
            else if (Sheet.State(number) != AnswerState.Absent)
            {
                say.Twice(questionnaire.Items[number].Code);
                reader.Skip();
            }
            else
            {
                Sheet.Set(number, answers.Read(ref reader, questionnaire.Items[number], number, exported));
            }
        }
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
