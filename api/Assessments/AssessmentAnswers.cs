using System.Globalization;
using System.Text.Json;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>A must-have: codes of which a type must have at least one, or a number that must be enough.</summary>
internal sealed record MustHave(GuideQuestion Question, IReadOnlyList<string> Codes, double? Number)
{
    public object Value => Number is { } number ? number : Codes.Count == 1 ? Codes[0] : Codes;
}

/// <summary>Checked answers in the order of the guide, so that the result does not depend on the order in the request.</summary>
internal sealed class AssessmentAnswers
{
    private readonly Dictionary<string, IReadOnlyList<string>> codes = [];
    private readonly Dictionary<string, double> numbers = [];
    private readonly List<ProblemError> errors = [];
    private readonly Guide guide = Guide.Shipped;

    private AssessmentAnswers(AssessmentInput input, KnownAnswers? known)
    {
        Input = input;
        Place = known?.Place;
        foreach (var (key, value) in input.Answers)
        {
            Read("/answers/" + BodyCheck.Escape(key), key, value);
        }

        Prefilled = [.. (known?.Answers ?? []).Where(answer => !input.Answers.ContainsKey(answer.Question))];
        Weights = [.. guide.Scored.Select(question => input.Weights?.TryGetValue(question.Key, out var weight) == true ? weight : question.WeightDefault)];
        foreach (var key in (input.Weights?.Keys ?? []).Where(key => guide.Find(key) is null))
        {
            errors.Add(NoSuchQuestion("/weights/" + BodyCheck.Escape(key), key));
        }

        MustHaves = ReadMustHaves(input.MustHaves ?? []);
        Wanted = [.. guide.Scored.Select(Want)];
        if (errors.Count == 0 && Complaint() is { } complaint)
        {
            errors.Add(complaint);
        }
    }

    public AssessmentInput Input { get; }
    public GuideMunicipality? Place { get; }

    /// <summary>Answers that the request lacks, filled in from known facts about the municipality.</summary>
    public IReadOnlyList<KnownAnswer> Prefilled { get; }

    /// <summary>Weight by scored question.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>Answer by scored question; null: unanswered.</summary>
    public IReadOnlyList<DataValue?> Wanted { get; }

    public IReadOnlyList<MustHave> MustHaves { get; }
    public GuidePhase Phase => Input.Phase ?? GuidePhase.Orientation;
    public bool IsStrict => Input.Strict ?? false;

    public IReadOnlyList<string> Codes(string question) => codes.GetValueOrDefault(question, []);

    /// <summary>The input in the order of the guide, without unanswered questions.</summary>
    public AssessmentInput Normal() => new()
    {
        Answers = guide.Questions.Where(question => codes.ContainsKey(question.Key) || numbers.ContainsKey(question.Key))
            .ToDictionary(question => question.Key, question => numbers.TryGetValue(question.Key, out var number) ? (object)number : question.Kind == QuestionKind.Ordinal ? codes[question.Key][0] : codes[question.Key]),
        Weights = guide.Scored.Select((question, i) => (question.Key, Weight: Weights[i])).ToDictionary(pair => pair.Key, pair => pair.Weight),
        MustHaves = [.. MustHaves.Select(must => new MustHaveInput { Question = must.Question.Key, Value = must.Value })],
        Strict = IsStrict,
        Ags = Input.Ags,
        Phase = Phase,
    };

    /// <returns>Either the sheet or the problem.</returns>
    public static (AssessmentAnswers? Sheet, IResult? Problem) Read(AssessmentInput input, KnownAnswers? known)
    {
        var sheet = new AssessmentAnswers(input, known);
        if (input.Ags is { } ags && known is null)
        {
            sheet.errors.Insert(0, KnownAnswers.Unknown("/ags", null, ags));
        }

        return sheet.errors.Count > 0 ? (null, Problems.Unprocessable([.. sheet.errors.Take(BodyCheck.MostErrors)])) : (sheet, null);
    }

    private DataValue? Want(GuideQuestion question)
    {
        var given = Codes(question.Key);
        if (given.Count == 0 && Prefilled.FirstOrDefault(answer => answer.Question == question.Key) is { } known)
        {
            given = [known.Value];
        }

        return given.Count == 0 ? null
            : question.Kind == QuestionKind.Ordinal ? new DataValue.Ordinal(question.Options.First(option => option.Key == given[0]).Level!.Value)
            : new DataValue.Multi(given);
    }

    /// <summary>The reason why these answers give no ranking; null if they do.</summary>
    private ProblemError? Complaint()
    {
        if (Weights.All(weight => weight == 0))
        {
            return ProblemError.At("/weights", "no-weight", new(
                "Alle Gewichte sind 0. Mindestens ein Gewicht muss größer als 0 sein.",
                "All weights are 0. At least one weight must be greater than 0."));
        }

        if (Input.Answers.Count == 0)
        {
            return ProblemError.At("/answers", "no-answers", new(
                "Ohne Antwort gibt es keine Rangfolge. Eine Antwort genügt, etwa zu den Zielen (goals).",
                "Without an answer there is no ranking. One answer is enough, for example about goals."));
        }

        if (Input.Answers.Values.All(IsDontKnow))
        {
            return ProblemError.At("/answers", "only-dont-know", new(
                "Alle Antworten lauten „weiß nicht“. Eine andere Antwort genügt für eine vorläufige Rangfolge.",
                "All answers are \"don't know\". One other answer is enough for a provisional ranking."));
        }

        return Wanted.Where((wanted, i) => wanted is not null && Weights[i] > 0).Any() ? null
            : ProblemError.At("/answers", "nothing-scored", new(
                "Keine der Antworten zählt. Budget, Personal, Fläche und vorhandene Angebote gehen nicht in die Rangfolge ein, "
                    + "ebenso wenig Fragen mit Gewicht 0.",
                "None of the answers counts. Budget, staff, floor area and existing offers do not affect the ranking, nor do "
                    + "questions with weight 0."));
    }

    private void Read(string pointer, string key, object? value)
    {
        if (guide.Find(key) is not { } question)
        {
            errors.Add(NoSuchQuestion(pointer, key));
        }
        else if (!IsDontKnow(value))
        {
            var (given, number) = ReadValue(pointer, question, (JsonElement)value!);
            if (number is { } figure)
            {
                numbers[key] = figure;
            }
            else if (given.Count > 0)
            {
                codes[key] = given;
                // "none" together with an existing offer.
                if (key == "existing-offers" && given.Count > 1 && given.Contains("none"))
                {
                    errors.Add(ProblemError.At(pointer, "contradiction", new("„none“ schließt die anderen Antworten aus.", "\"none\" excludes the other answers.")));
                }
            }
        }
    }

    private (IReadOnlyList<string> Codes, double? Number) ReadValue(string pointer, GuideQuestion question, JsonElement value)
    {
        switch (question.Kind, value.ValueKind)
        {
            case (QuestionKind.Number, JsonValueKind.Number) when value.GetDouble() is >= 0 and <= AnswerLimits.LargestNumber and var number:
                return ([], number);
            case (QuestionKind.Number, JsonValueKind.Number):
                errors.Add(ProblemError.At(pointer, "range", new("Erlaubt: 0 bis 1000000000.", "Allowed: 0 to 1000000000.")));
                return ([], null);
            case (QuestionKind.Ordinal, JsonValueKind.Number) when value.TryGetInt32(out var level) && question.Options.FirstOrDefault(option => option.Level == level) is { } option:
                return ([option.Key], null);
            case (QuestionKind.Multi or QuestionKind.Ordinal, JsonValueKind.String):
                return (ReadCodes(question, [(pointer, value.GetString()!)]), null);
            case (QuestionKind.Ordinal, JsonValueKind.Array) when value.GetArrayLength() == 1 && value[0].ValueKind == JsonValueKind.String:
                return (ReadCodes(question, [(pointer + "/0", value[0].GetString()!)]), null);
            case (QuestionKind.Multi, JsonValueKind.Array) when value.GetArrayLength() > question.Options.Count:
                errors.Add(ProblemError.At(pointer, "count", new($"Erlaubt: höchstens {question.Options.Count} Einträge.", $"Allowed: at most {question.Options.Count} items.")));
                return ([], null);
            case (QuestionKind.Multi, JsonValueKind.Array) when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String):
                return (ReadCodes(question, [.. value.EnumerateArray().Select((item, i) => (string.Create(CultureInfo.InvariantCulture, $"{pointer}/{i}"), item.GetString()!))]), null);
            default:
                errors.Add(ProblemError.At(pointer, "type", question.Kind switch
                {
                    QuestionKind.Number => new("Erwartet: eine Zahl, null oder „dont-know“.", "Expected: a number, null or \"dont-know\"."),
                    QuestionKind.Ordinal => new("Erwartet: eine der Antworten oder ihre Stufe von 1 bis 5.", "Expected: one of the options, or its level from 1 to 5."),
                    _ => new("Erwartet: eine Liste von Antworten.", "Expected: a list of options."),
                }));
                return ([], null);
        }
    }

    private List<string> ReadCodes(GuideQuestion question, IReadOnlyList<(string Pointer, string Code)> given)
    {
        var known = question.Options.Select(option => option.Key).ToList();
        foreach (var (pointer, code) in given.Where(item => !known.Contains(item.Code)))
        {
            var other = guide.Questions.FirstOrDefault(candidate => candidate.Options.Any(option => option.Key == code));
            errors.Add(other is null ? BodyCheck.NoSuchValue(pointer, code, known) : ProblemError.At(pointer, "option-of-another-question", new(
                $"„{code}“ ist eine Antwort auf „{other.Label.De}“ ({other.Key}), nicht auf „{question.Label.De}“ ({question.Key}).",
                $"\"{code}\" is an answer to \"{other.Label.En}\" ({other.Key}), not to \"{question.Label.En}\" ({question.Key}).")));
        }

        return [.. known.Where(code => given.Any(item => item.Code == code))];
    }

    private List<MustHave> ReadMustHaves(IReadOnlyList<MustHaveInput> inputs)
    {
        var read = new List<MustHave>();
        for (var i = 0; i < inputs.Count; i++)
        {
            var pointer = string.Create(CultureInfo.InvariantCulture, $"/mustHaves/{i}");
            if (guide.Find(inputs[i].Question) is not { } question)
            {
                errors.Add(NoSuchQuestion(pointer + "/question", inputs[i].Question));
            }
            else if (!question.MustHavePossible)
            {
                var possible = string.Join(", ", guide.Questions.Where(candidate => candidate.MustHavePossible).Select(candidate => candidate.Key));
                errors.Add(ProblemError.At(pointer + "/question", "no-must-have", new(
                    $"Zu „{question.Key}“ gibt es keine Muss-Bedingung. Möglich: {possible}.",
                    $"\"{question.Key}\" cannot be a must-have. Possible: {possible}.")));
            }
            else if (ReadMustHave(pointer, question, inputs[i].Value) is { } must)
            {
                Contradict(pointer, must, read);
                read.Add(must);
            }
        }

        return [.. read.OrderBy(must => guide.Questions.ToList().IndexOf(must.Question))];
    }

    private MustHave? ReadMustHave(string pointer, GuideQuestion question, object? value)
    {
        var before = errors.Count;
        var (given, number) = IsDontKnow(value)
            ? (Codes(question.Key), numbers.TryGetValue(question.Key, out var answered) ? answered : null)
            : ReadValue(pointer + "/value", question, (JsonElement)value!);
        if (errors.Count == before && given.Count == 0 && number is null)
        {
            errors.Add(ProblemError.At(pointer + "/value", "missing", new(
                "Eine Muss-Bedingung braucht einen Wert oder eine Antwort auf dieselbe Frage.",
                "A must-have needs a value, or an answer to the same question.")));
        }

        return errors.Count > before ? null : new MustHave(question, given, number);
    }

    /// <summary>Reports a second must-have about the same question, and a must-have that contradicts the answer to its question.</summary>
    private void Contradict(string pointer, MustHave must, List<MustHave> read)
    {
        if (read.Exists(other => other.Question.Key == must.Question.Key))
        {
            errors.Add(ProblemError.At(pointer, "contradiction", new(
                $"Zu „{must.Question.Key}“ gibt es schon eine Muss-Bedingung. Genügt einer von mehreren Werten, gehören sie als Liste "
                    + "in eine Bedingung.",
                $"There is a must-have about \"{must.Question.Key}\" already. If any of several values is enough, list them in one "
                    + "must-have.")));
        }
        else if (must.Number is { } number && numbers.TryGetValue(must.Question.Key, out var answer) && answer != number)
        {
            errors.Add(ProblemError.At(pointer + "/value", "contradiction", new(
                FormattableString.Invariant($"Die Antwort nennt {answer}, die Muss-Bedingung {number}."),
                FormattableString.Invariant($"The answer is {answer}, the must-have {number}."))));
        }
        else if (must.Codes.Count > 0 && Codes(must.Question.Key) is { Count: > 0 } wanted && !must.Codes.Any(wanted.Contains))
        {
            errors.Add(ProblemError.At(pointer + "/value", "contradiction", new(
                $"Die Antwort auf „{must.Question.Key}“ enthält keinen Wert der Muss-Bedingung.",
                $"The answer to \"{must.Question.Key}\" contains no value of the must-have.")));
        }
    }

    private ProblemError NoSuchQuestion(string pointer, string key) => BodyCheck.NoSuchValue(pointer, key, [.. guide.Questions.Select(question => question.Key)]);

    private static bool IsDontKnow(object? value) => value is null
        || value is JsonElement { ValueKind: JsonValueKind.Null }
        || (value is JsonElement { ValueKind: JsonValueKind.String } text && text.GetString() == Guide.DontKnow)
        || (value is JsonElement { ValueKind: JsonValueKind.Array } list && (list.GetArrayLength() == 0 || (list.GetArrayLength() == 1 && IsDontKnow(list[0]))));
}
