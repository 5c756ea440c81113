using AnkerOrte.Api.Http;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>The decision guide: its questions, the JSON Schema of the answers, and its evaluation.</summary>
internal static class GuideEndpoints
{
    public static void MapDecisionGuide(this IEndpointRouteBuilder routes)
    {
        var guide = routes.MapGroup("/v1/decision-guide");
        guide.Get("/", GetDecisionGuide).WithName("getDecisionGuide");
        guide.Get("/answers.schema.json", GetAnswersSchema).WithName("getAnswersSchema");
        guide.Get("/evaluation", GetGuideEvaluation).WithName("getGuideEvaluation");
    }

    private static IResult GetDecisionGuide(string? ags, HttpContext http, Answers answers, Database.Database database)
    {
        using var snapshot = database.Read();
        var known = ags is null ? null : KnownAnswers.Find(snapshot.Connection, ags);
        if (ags is not null && known is null)
        {
            return Problems.Invalid([KnownAnswers.Unknown("/query/ags", "ags", ags)]);
        }

        var guide = Guide.Shipped;
        return answers.Item(http, WireJson.Write(new Contracts.DecisionGuide
        {
            Version = guide.Version,
            Typology = TypologyQueries.Current(snapshot.Connection),
            Questions = guide.Questions,
            TypeRequirements = guide.Requirements,
            DontKnow = Guide.DontKnow,
            SmallestWeight = 0,
            LargestWeight = Guide.LargestWeight,
            Municipality = known?.Place,
            Known = known?.Answers ?? [],
            AnswersSchema = Addresses.Of(AnswersSchema.Path),
            Assessments = Addresses.Of("/v1/assessments"),
            Self = Addresses.Of("/v1/decision-guide" + (ags is null ? "" : "?ags=" + ags)),
            Citation = Addresses.Cite($"Entscheidungshilfe, Version {guide.Version}", "/v1/decision-guide", "2026"),
        }));
    }

    private static IResult GetAnswersSchema(HttpContext http, Answers answers)
    {
        if (Formats.Choose(http.Request, [AnswersSchema.MediaType]) is null)
        {
            return Problems.NoSuchFormat(Formats.Asked(http.Request), [AnswersSchema.MediaType]);
        }

        var schema = Addresses.Resolve(WireJson.Write(AnswersSchema.Make(Guide.Shipped)), answers.Base(http));
        return answers.Bytes(http, AnswersSchema.MediaType, Answers.Hash(schema), () => schema);
    }

    private static async Task<IResult> GetGuideEvaluation(string? format, bool? bom, string? delimiter, HttpContext http, Answers answers, Database.Database database, DecisionModels models)
    {
        GuideEvaluation evaluation;
        using (var snapshot = database.Read())
        {
            evaluation = models.Get(snapshot, TypologyQueries.Current(snapshot.Connection)).Evaluation.Value;
        }

        Column[] columns =
        [
            Column.Of("type"), Column.Of("asked"), Column.Of("top1Hits", "top1.hits"), Column.Of("top1", "top1.rate"), Column.Of("top1Low", "top1.low"), Column.Of("top1High", "top1.high"),
            Column.Of("top3Hits", "top3.hits"), Column.Of("top3", "top3.rate"), Column.Of("top3Low", "top3.low"), Column.Of("top3High", "top3.high"), Column.Of("meanReciprocalRank"),
        ];
        return await answers.Table(http, "guide-evaluation", WireJson.Write(evaluation), columns, body => body.GetProperty("types").EnumerateArray(), new ListParameters(null, null, format, bom, delimiter));
    }
}
