using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.DecisionGuide;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

/// <summary>Computes an explained ranking from the answers and the model, without other input.</summary>
internal sealed class AssessmentEngine
{
    public const double RequiredMargin = .05;
    private const double Sensitive = .05;
    private const double Provisional = .5;
    private const int Draws = 1000;
    private const ulong Seed = 2026;

    private readonly DecisionModel model;
    private readonly AssessmentAnswers sheet;
    private readonly Guide guide = Guide.Shipped;
    private readonly double?[][] fits;
    private readonly Match[] matches;
    private readonly IReadOnlyList<MustHaveResult>[] musts;

    /// <summary>Types by rank. Types that do not meet a must-have are last, or left out if the request is strict.</summary>
    private readonly int[] order;

    /// <summary>The types that the verdict compares: those that meet all must-haves, or all types if none does.</summary>
    private readonly int[] candidates;

    private AssessmentEngine(DecisionModel model, AssessmentAnswers sheet)
    {
        (this.model, this.sheet) = (model, sheet);
        fits = [.. model.Types.Select((_, type) => sheet.Wanted.Select((wanted, column) => wanted is null ? (double?)null : model.Match.Fit(type, column, wanted)).ToArray())];
        matches = [.. fits.Select(fit => WeightedMatch.Score(sheet.Weights, fit))];
        musts = [.. model.Types.Select((_, type) => sheet.MustHaves.Select(must => MustHaves.Check(model, type, must)).ToList())];
        var byScore = WeightedMatch.Order([.. matches.Select(match => match.Score)]);
        var possible = byScore.Where(Meets).ToArray();
        order = sheet.IsStrict ? possible : [.. possible, .. byScore.Where(type => !Meets(type))];
        candidates = possible.Length > 0 ? possible : order;
    }

    public static AssessmentResult Run(DecisionModel model, AssessmentAnswers sheet)
    {
        Database.Database.CheckNotWriting();
        return new AssessmentEngine(model, sheet).Run();
    }

    private bool Meets(int type) => musts[type].All(result => result.Status != MustHaveStatus.NotMet);

    /// <summary>The answered scored questions with a positive weight, and their weights with sum 1.</summary>
    private (int[] Columns, double[] Weights) Answered()
    {
        var columns = Enumerable.Range(0, guide.Scored.Count).Where(column => sheet.Wanted[column] is not null && sheet.Weights[column] > 0).ToArray();
        var sum = columns.Sum(column => sheet.Weights[column]);
        return (columns, [.. columns.Select(column => sheet.Weights[column] / sum)]);
    }

    private double[] FitsOf(int type, int[] columns) => [.. columns.Select(column => fits[type][column]!.Value)];

    private AssessmentResult Run()
    {
        var (columns, weights) = Answered();
        var shares = RankShares.Draw(weights, [.. candidates.Select(type => FitsOf(type, columns))], RankShares.UsualConcentration, Draws, Seed);
        var near = NearSites.Find(model, sheet);
        var mean = guide.Scored.Select((_, column) => candidates.Length == 0 ? 0 : candidates.Average(type => matches[type].Contributions[column])).ToArray();
        return new AssessmentResult
        {
            Versions = model.Versions,
            Request = sheet.Normal(),
            Municipality = sheet.Place,
            Prefilled = sheet.Prefilled,
            Coverage = Round(matches.Length == 0 ? 0 : matches[0].Coverage),
            Provisional = matches.Length == 0 || matches[0].Coverage < Provisional,
            Unanswered = [.. guide.Scored.Where((_, column) => sheet.Wanted[column] is null).Select(question => question.Key)],
            Ranking = [.. order.Select((type, i) => Rank(type, i, Array.IndexOf(candidates, type) is var position and >= 0 ? shares[position][0] : 0, near.ByType[type], mean))],
            NearestSites = near.All,
            Verdict = Judge(columns, weights),
            NoGoodOption = sheet.MustHaves.Count == 0 ? null : MustHaves.Relax([.. model.Types.Select((type, i) => (type.Key, type.Label, matches[i].Score, musts[i]))]),
            Sensitivity = new SensitivityReport
            {
                Seed = (long)Seed,
                Draws = Draws,
                Concentration = RankShares.UsualConcentration,
                SmallestShift = candidates.Length < 2 ? null : Rounded.Of(Sensitivity.SmallestShift(weights, Gaps(candidates[0], candidates[1], columns))),
                WithoutOneAnswer = WithoutOneAnswer(columns),
            },
            Hints = ExistingOfferHints.Make(model, sheet),
            Remarks = Remarks(),
            Caveat = new LocalizedText
            {
                De = "Die Rangfolge zeigt, was bei Ankerorten im Bestand zusammen vorkommt. Sie sagt nichts über deren Erfolg. Die "
                    + "Typologie ist eine Arbeitstypologie. Menschen haben die Ankerorte nach eigenem Urteil zugeordnet. Die Träger haben "
                    + "die Angaben nicht bestätigt.",
                En = "The ranking shows what occurs together at anchor sites of the inventory. It says nothing about their success. The "
                    + "typology is a working typology. People assigned the sites by their own judgement. The operators have not confirmed "
                    + "the entries.",
            },
        };
    }

    private double[] Gaps(int leader, int other, int[] columns) => [.. FitsOf(leader, columns).Zip(FitsOf(other, columns), (a, b) => a - b)];

    private RankedType Rank(int type, int position, double share, IReadOnlyList<NearSite> nearest, double[] mean)
    {
        var of = model.Types[type];
        var match = matches[type];
        var answered = Enumerable.Range(0, guide.Scored.Count).Where(column => sheet.Wanted[column] is not null).ToList();
        var score = Round(match.Score);
        var published = LargestRemainder.Round([.. answered.Select(column => match.Contributions[column])], score);
        var reasons = answered.Where(column => sheet.Weights[column] > 0)
            .Select(column => new Reason { Question = guide.Scored[column].Key, Difference = Round(match.Contributions[column] - mean[column]), Text = Sentences.OfReason(model, type, column, sheet.Wanted[column]!) }).ToList();
        return new RankedType
        {
            Type = of.Key,
            Label = of.Label,
            Rank = position + 1,
            Score = score,
            Coverage = Round(match.Coverage),
            Interval = new ScoreInterval { Low = Round(match.Low), High = Round(match.High) },
            ShareOfWeightings = Round(share),
            Contributions = [.. answered.Select((column, i) => new Contribution
            {
                Question = guide.Scored[column].Key,
                Weight = sheet.Weights[column],
                Fit = Round(fits[type][column]!.Value),
                Contribution1 = published[i],
                Known = model.Match.Known(type, column),
            })],
            MustHaves = musts[type],
            MeetsMustHaves = Meets(type),
            DifferenceToNext = position + 1 < order.Length ? Difference(type, order[position + 1], answered) : null,
            ReasonsFor = [.. reasons.Where(reason => reason.Difference > 0).OrderByDescending(reason => reason.Difference).Take(3)],
            ReasonsAgainst = [.. reasons.Where(reason => reason.Difference < 0).OrderBy(reason => reason.Difference).Take(3)],
            NearestSites = nearest,
            Members = of.Members,
            EarlyDecisions = of.EarlyDecisions,
            CommonMistakes = [.. model.Recommendations.Mistakes(of.Key, sheet.Phase).Select(advice => new CommonMistake { Text = advice.CommonMistake, Recommendation = advice.Id })],
            Recommendations = [.. model.Recommendations.For(of.Key, sheet.Phase).Select(advice => new GuideRecommendation
            {
                Id = advice.Id,
                Title = advice.Title,
                Phase = advice.Phase,
                Strength = advice.Strength,
                Findings = advice.Findings,
                Evidence = Addresses.Of($"/v1/recommendations/{advice.Id}/evidence"),
                Self = Addresses.Of($"/v1/recommendations/{advice.Id}"),
            })],
            Figures = [.. guide.Requirements.Where(need => need.Type == of.Key).Select(need => Figure(need, of))],
            Sentence = Sentences.OfRank(position + 1, of.Label, match.Score, share, Draws, Meets(type)),
            Self = Addresses.Of($"/v1/types/{of.Key}?typology={model.Typology}"),
        };
    }

    private DifferenceToNext Difference(int type, int next, List<int> answered) => new()
    {
        Type = model.Types[next].Key,
        Difference = Round(Round(matches[type].Score) - Round(matches[next].Score)),
        Questions = [.. answered.Select(column => new QuestionDifference
        {
            Question = guide.Scored[column].Key,
            Difference = Round(matches[type].Contributions[column] - matches[next].Contributions[column]),
        })],
    };

    private static TypeFigure Figure(TypeRequirement need, ModelType of)
    {
        int? tell = need.Requirement switch { "floorAreaSqm" => of.TellFloorArea, "budgetEurPerYear" => of.TellCost, _ => null };
        return new TypeFigure
        {
            Requirement = need.Requirement,
            IsKnown = need.Low is not null || need.High is not null,
            Low = need.Low,
            Typical = need.Typical,
            High = need.High,
            Unit = need.Unit,
            Sources = need.Sources,
            SitesThatTell = tell,
            Members = of.Members,
            Text = Sentences.OfTypeFigure(need, of.Members, tell),
        };
    }

    private Verdict Judge(int[] columns, double[] weights)
    {
        if (order.Length == 0)
        {
            return new Verdict { ClearWinner = false, RequiredMargin = RequiredMargin, IsSensitive = false, Text = new LocalizedText { De = "Kein Typ erfüllt alle Muss-Bedingungen.", En = "No type meets all must-haves." } };
        }

        var leader = candidates[0];
        int? second = candidates.Length > 1 ? candidates[1] : null;
        var margin = second is { } next ? (double?)Round(Round(matches[leader].Score) - Round(matches[next].Score)) : null;
        var isClear = second is null || (margin >= RequiredMargin && candidates.Skip(1).All(type => matches[leader].Low > matches[type].High));
        var decisive = Decisive(leader);
        var flip = Flip(leader, columns, weights);
        return new Verdict
        {
            ClearWinner = isClear,
            Leader = model.Types[leader].Key,
            Margin = margin,
            RequiredMargin = RequiredMargin,
            DecisiveQuestion = decisive?.Key,
            SmallestFlip = flip,
            IsSensitive = flip is not null && Math.Abs(flip.Change) < Sensitive,
            Text = Sentences.OfVerdict(
                model.Types[leader].Label, second is { } behind ? model.Types[behind].Label : null, isClear, margin, RequiredMargin, decisive, flip,
                flip is null ? null : model.Types.First(type => type.Key == flip.Leader).Label),
        };
    }

    /// <summary>
    /// The smallest change of a single weight at which another type reaches the score of the leader; null if there is none.
    /// </summary>
    private SmallestFlip? Flip(int leader, int[] columns, double[] weights)
    {
        (double Change, int Column, int Type)? smallest = null;
        foreach (var type in candidates.Skip(1))
        {
            var gaps = Gaps(leader, type, columns);
            for (var i = 0; i < columns.Length; i++)
            {
                if (Sensitivity.Flip(weights, gaps, i) is { } change && (smallest is null || Math.Abs(change) < Math.Abs(smallest.Value.Change) - 1e-12))
                {
                    smallest = (change, i, type);
                }
            }
        }

        return smallest is not var (least, column, other) ? null : new SmallestFlip
        {
            Question = guide.Scored[columns[column]].Key,
            Change = Round(least),
            From = Round(weights[column]),
            To = Round(weights[column] + least),
            Leader = model.Types[other].Key,
        };
    }

    /// <summary>
    /// The unanswered question that could put another type furthest ahead of the leader; null if no single question can change the leader.
    /// </summary>
    private GuideQuestion? Decisive(int leader)
    {
        var weight = sheet.Weights.Where((_, column) => sheet.Wanted[column] is not null).Sum();
        GuideQuestion? decisive = null;
        var furthest = 1e-12;
        for (var column = 0; column < guide.Scored.Count; column++)
        {
            foreach (var option in sheet.Wanted[column] is null && sheet.Weights[column] > 0 ? guide.Scored[column].Options : [])
            {
                DataValue answer = option.Level is { } level ? new DataValue.Ordinal(level) : new DataValue.Multi([option.Key]);
                var ahead = weight * matches[leader].Score + sheet.Weights[column] * model.Match.Fit(leader, column, answer);
                foreach (var type in candidates.Skip(1))
                {
                    var lead = weight * matches[type].Score + sheet.Weights[column] * model.Match.Fit(type, column, answer) - ahead;
                    if (lead > furthest + 1e-12)
                    {
                        (furthest, decisive) = (lead, guide.Scored[column]);
                    }
                }
            }
        }

        return decisive;
    }

    private List<DroppedAnswer> WithoutOneAnswer(int[] columns) => columns.Length < 2 || candidates.Length < 2 ? [] :
    [
        .. columns.Select(column =>
        {
            var weights = sheet.Weights.Select((weight, i) => i == column ? 0 : weight).ToList();
            var first = candidates[WeightedMatch.Order([.. candidates.Select(type => WeightedMatch.Score(weights, fits[type]).Score)])[0]];
            return (Column: column, First: first);
        }).Where(drop => drop.First != candidates[0]).Select(drop => new DroppedAnswer { Question = guide.Scored[drop.Column].Key, Leader = model.Types[drop.First].Key }),
    ];

    private List<LocalizedText> Remarks()
    {
        var remarks = new List<LocalizedText>();
        if (sheet.Codes("goals").Count > 3)
        {
            remarks.Add(new LocalizedText
            {
                De = "Sie haben mehr als drei Ziele gewählt. Je mehr Ziele Sie wählen, desto weniger unterscheiden sich die Typen.",
                En = "You have chosen more than three goals. The more goals you choose, the less the types differ.",
            });
        }

        foreach (var question in guide.Questions.Where(question => !question.Scored && sheet.Input.Weights?.GetValueOrDefault(question.Key) > 0))
        {
            remarks.Add(new LocalizedText
            {
                De = $"„{question.Label.De}“ ({question.Key}) geht nicht in die Rangfolge ein. Das Gewicht dieser Frage hat keine Wirkung.",
                En = $"\"{question.Label.En}\" ({question.Key}) does not affect the ranking. The weight of this question has no effect.",
            });
        }

        return remarks;
    }

    private static double Round(double value) => Math.Round(value, 6) + 0.0;
}
