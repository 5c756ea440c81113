namespace AnkerOrte.Api.Surveys;

/// <summary>What LimeSurvey's files have beside the answers.</summary>
internal static class LimeSurveyColumns
{
    /// <summary>The answer that stands for "other" in a single choice.</summary>
    public const string OtherAnswer = "-oth-";

    public static readonly IReadOnlyList<string> Meta =
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", "startdate", "datestamp", "ipaddr", "refurl"];
}
