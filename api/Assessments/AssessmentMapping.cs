using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;
using AnkerOrte.Contracts;

namespace AnkerOrte.Api.Assessments;

internal static class AssessmentMapping
{
    public static string Path(string id) => "/v1/assessments/" + id;

    public static Assessment Compose(AssessmentRow row, string? deleteToken)
    {
        var result = WireJson.Read<AssessmentResult>(row.Result!);
        return new Assessment
        {
            Id = row.Id,
            Citation = Addresses.Cite($"Entscheidungshilfe, Ergebnis {row.Id}", Path(row.Id), row.CreatedAt[..4]),
            Versions = result.Versions,
            Request = result.Request,
            Municipality = result.Municipality,
            Prefilled = result.Prefilled,
            Coverage = result.Coverage,
            Provisional = result.Provisional,
            Unanswered = result.Unanswered,
            Ranking = result.Ranking,
            NearestSites = result.NearestSites,
            Verdict = result.Verdict,
            NoGoodOption = result.NoGoodOption,
            Sensitivity = result.Sensitivity,
            Hints = result.Hints,
            Remarks = result.Remarks,
            Caveat = result.Caveat,
            ResultHash = row.ResultHash!,
            CreatedAt = Instant.Read(row.CreatedAt),
            ExpiresAt = Instant.Read(row.ExpiresAt),
            DeleteToken = deleteToken,
            Rerun = Addresses.Of(Path(row.Id) + "/rerun"),
            Self = Addresses.Of(Path(row.Id)),
        };
    }

    public static AssessmentRerun Compare(string id, AssessmentResult before, AssessmentResult now)
    {
        var types = before.Ranking.Concat(now.Ranking).Select(type => type.Type).Distinct().Order(StringComparer.Ordinal).Select(key =>
        {
            var (then, today) = (before.Ranking.FirstOrDefault(type => type.Type == key), now.Ranking.FirstOrDefault(type => type.Type == key));
            return new TypeChange { Type = key, RankBefore = then?.Rank, RankNow = today?.Rank, ScoreBefore = then?.Score, ScoreNow = today?.Score };
        }).ToList();
        // Every write raises the revision, so the rankings are compared instead.
        var isSame = types.All(type => type.RankBefore == type.RankNow && type.ScoreBefore == type.ScoreNow);
        return new AssessmentRerun
        {
            Before = before.Versions,
            Now = now.Versions,
            IsSame = isSame,
            LeaderBefore = before.Verdict.Leader,
            LeaderNow = now.Verdict.Leader,
            Types = types,
            Text = Sentences.OfRerun(isSame, before.Verdict.Leader, now.Verdict.Leader, before.Versions == now.Versions),
            Result = now,
            Self = Addresses.Of(Path(id) + "/rerun"),
        };
    }
}
