namespace AnkerOrte.Api.Surveys;

/// <summary>Whether something holds, when answers it depends on may themselves be wrong.</summary>
internal enum Truth : sbyte
{
    No,
    Unknown,
    Yes,
}

/// <summary>A condition over earlier items as numbers and bits.</summary>
internal abstract class VisibilityRule
{
    public abstract Truth Holds(AnswerSheet sheet);

    public static VisibilityRule Compile(Condition condition, Questionnaire questionnaire)
    {
        switch (condition)
        {
            case Condition.Several several:
                return new Several(several.Every, [.. several.Parts.Select(part => Compile(part, questionnaire))]);
            case Condition.Answered answered:
                return new Answered(questionnaire.Find(answered.Item)!.Value, answered.Wanted);
            case Condition.Chosen chosen:
                var number = questionnaire.Find(chosen.Item)!.Value;
                return new Chosen(number, questionnaire.Items[number].Bits(chosen.Values));
            default:
                throw new ArgumentOutOfRangeException(nameof(condition));
        }
    }

    private sealed class Several(bool every, VisibilityRule[] parts) : VisibilityRule
    {
        /// <summary>One "no" decides over all, one "yes" over any; what is unknown counts only if nothing decides.</summary>
        public override Truth Holds(AnswerSheet sheet)
        {
            var result = every ? Truth.Yes : Truth.No;
            foreach (var part in parts)
            {
                var truth = part.Holds(sheet);
                result = every ? (Truth)Math.Min((sbyte)result, (sbyte)truth) : (Truth)Math.Max((sbyte)result, (sbyte)truth);
            }

            return result;
        }
    }

    private sealed class Chosen(int item, ulong[] wanted) : VisibilityRule
    {
        public override Truth Holds(AnswerSheet sheet) => sheet.State(item) switch
        {
            AnswerState.Invalid => Truth.Unknown,
            AnswerState.Value when sheet.IsAnyChosen(item, wanted) => Truth.Yes,
            _ => Truth.No,
        };
    }

    private sealed class Answered(int item, bool wanted) : VisibilityRule
    {
        public override Truth Holds(AnswerSheet sheet) => sheet.State(item) switch
        {
            AnswerState.Invalid => Truth.Unknown,
            var state => state == AnswerState.Value == wanted ? Truth.Yes : Truth.No,
        };
    }
}
