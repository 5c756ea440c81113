using System.Collections.Concurrent;
using AnkerOrte.Api.Analysis;
using AnkerOrte.Api.Database;
using AnkerOrte.Api.Typologies;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.DecisionGuide;

/// <summary>The fields of a type that an assessment shows.</summary>
internal sealed record ModelType(string Key, LocalizedText Label, IReadOnlyList<LocalizedText> EarlyDecisions, IReadOnlyList<LocalizedText> Risks, int Members, int TellFloorArea, int TellCost);

/// <summary>
/// The data that an assessment needs from one version of the typology and one state of the inventory. They are counted once, so that
/// assessments read from memory only.
/// </summary>
internal sealed class DecisionModel
{
    /// <summary>Raised whenever the same answers on the same data would give another result.</summary>
    public const string EngineVersion = "2";

    private DecisionModel(
        string typology, long revision, MatchModel match, DataTable sites, IReadOnlyList<ModelType> types, IReadOnlyDictionary<string, string> names,
        IReadOnlySet<string> hybrids, IReadOnlyDictionary<string, LocalizedText> dimensionOptions, PhaseRecommendations recommendations)
    {
        (Typology, Revision, Match, Sites, Types, Names, Hybrids, Options, Recommendations) = (typology, revision, match, sites, types, names, hybrids, dimensionOptions, recommendations);
        Evaluation = new(() => DecisionGuide.Evaluation.Make(this));
    }

    public string Typology { get; }

    public long Revision { get; }

    /// <summary>Published sites, grouped by type. The columns are the scored questions.</summary>
    public MatchModel Match { get; }

    /// <summary>
    /// The same sites in all dimensions of the codebook, for finding similar sites. Rows are those of <see cref="Match"/>.
    /// </summary>
    public DataTable Sites { get; }

    /// <summary>The types in the ordinal order of their keys. This order breaks ties.</summary>
    public IReadOnlyList<ModelType> Types { get; }

    public IReadOnlyDictionary<string, string> Names { get; }

    public IReadOnlySet<string> Hybrids { get; }

    /// <summary>Labels of options. The key is the question, a space, and the option.</summary>
    public IReadOnlyDictionary<string, LocalizedText> Options { get; }

    public PhaseRecommendations Recommendations { get; }

    public Lazy<GuideEvaluation> Evaluation { get; }

    /// <summary>What an assessment or an evaluation was computed with.</summary>
    public AssessmentVersions Versions => new() { Guide = Guide.Shipped.Version, Typology = Typology, Engine = EngineVersion, Revision = Revision };

    public static DecisionModel Make(SqliteConnection connection, string version, long revision)
    {
        var guide = Guide.Shipped;
        var types = connection.Query<(string Key, string Record)>("select key, record from types where typology = @version", new { version }).OrderBy(type => type.Key, StringComparer.Ordinal).ToList();
        var position = types.Select((type, i) => (type.Key, i)).ToDictionary(pair => pair.Key, pair => pair.i);
        var memberships = TypologyQueries.AllMemberships(connection, version).ToDictionary(membership => membership.SiteId);
        var sites = SiteTable.Read(connection);
        var labels = sites.Ids.Select(id => memberships.GetValueOrDefault(id)?.Type is { } type ? position[type] : -1).ToArray();
        var levels = GuideQueries.Levels(connection);
        var figures = GuideQueries.Figures(connection);
        var table = DataTable.Create(
            [.. guide.Scored.Select(question => question.Key == Guide.Area ? new DataColumn(question.Key, ColumnKind.Ordinal, Levels: Guide.AreaLevels) : new DataColumn(question.Key, ColumnKind.Multi))],
            sites.Ids.Select((id, row) => new DataRow(id, Values(guide, sites, row, levels.TryGetValue(id, out var level) ? level : null))));
        return new DecisionModel(
            version, revision, MatchModel.Of(table, labels, types.Count), sites,
            [.. types.Select((type, i) => ToType(type.Record, [.. sites.Ids.Where((_, row) => labels[row] == i)], figures))],
            GuideQueries.Names(connection),
            memberships.Values.Where(membership => membership.Degree == "hybrid").Select(membership => membership.SiteId).ToHashSet(),
            guide.Questions.SelectMany(question => question.Options.Select(option => (Key: question.Key + " " + option.Key, option.Label))).ToDictionary(option => option.Key, option => option.Label),
            PhaseRecommendations.Read(connection));
    }

    private static ModelType ToType(string record, List<string> members, IReadOnlyDictionary<string, (bool FloorArea, bool Cost)> figures)
    {
        var type = Http.WireJson.Read<AnchorTypeInput>(record);
        return new ModelType(type.Key, type.Label, type.EarlyDecisions, type.TypicalRisks, members.Count, members.Count(id => figures[id].FloorArea), members.Count(id => figures[id].Cost));
    }

    private static Dictionary<string, DataValue> Values(Guide guide, DataTable sites, int row, int? level)
    {
        var values = new Dictionary<string, DataValue>();
        foreach (var question in guide.Scored)
        {
            if (question.Key == Guide.Area)
            {
                if (level is { } known)
                {
                    values[question.Key] = new DataValue.Ordinal(known);
                }
            }
            else if (Column(sites, question.Dimension!) is var column and >= 0 && sites.CodesOf(column, row) is { } codes)
            {
                values[question.Key] = new DataValue.Multi(codes);
            }
        }

        return values;
    }

    public static int Column(DataTable sites, string dimension)
    {
        for (var i = 0; i < sites.Columns.Count; i++)
        {
            if (sites.Columns[i].Key == dimension)
            {
                return i;
            }
        }

        return -1;
    }
}

/// <summary>Caches the models of the latest revision.</summary>
internal sealed class DecisionModels
{
    private readonly ConcurrentDictionary<(string State, string Version), Lazy<DecisionModel>> kept = new();

    /// <param name="snapshot">An open snapshot. The model is read from it.</param>
    /// <param name="version">A published version.</param>
    public DecisionModel Get(Snapshot snapshot, string version) => Get(snapshot.Connection, snapshot.State, version, snapshot.Revision);

    public DecisionModel Get(SqliteConnection connection, string state, string version, long revision)
    {
        foreach (var key in kept.Keys.Where(key => key.State != state))
        {
            kept.TryRemove(key, out _);
        }

        return kept.GetOrAdd((state, version), _ => new(() => DecisionModel.Make(connection, version, revision))).Value;
    }
}
