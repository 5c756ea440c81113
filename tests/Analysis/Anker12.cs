using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Twelve fictitious sites whose numbers were computed elsewhere.</summary>
internal static class Anker12
{
    public static readonly IReadOnlyList<DataColumn> Columns =
    [
        new("ziele", ColumnKind.Multi, 2),
        new("zielgruppen", ColumnKind.Multi),
        new("formate", ColumnKind.Multi),
        new("betrieb", ColumnKind.Nominal),
        new("digitalrolle", ColumnKind.Ordinal, 1, Levels: 4),
        new("flaeche", ColumnKind.Numeric, .5, Range: 450),
    ];

    public static readonly IReadOnlyList<DataRow> Rows =
    [
        Row("A01", "beteiligung,transparenz", "buerger,verwaltung", "ausstellung,sprechstunde", "kommune", 1, 120),
        Row("A02", "beteiligung,transparenz,begegnung", "buerger", "ausstellung,workshop", "kommune", 1, 150),
        Row("A03", "beteiligung,begegnung", "buerger,senioren", "sprechstunde,workshop", "kommune", 2, 90),
        Row("A04", "beteiligung,transparenz", "buerger,verwaltung", null, "kommune", 2, null),
        Row("B01", "kompetenz,kreativitaet", "jugend,schulen", "werkstatt,workshop", "verein", 4, 300),
        Row("B02", "kompetenz,kreativitaet", "jugend,buerger", "werkstatt,kurs", "verein", 4, 250),
        Row("B03", "kompetenz,kreativitaet,begegnung", "jugend,schulen,senioren", "werkstatt,kurs,workshop", "traegerverbund", 4, null),
        Row("B04", "kompetenz", "schulen", "werkstatt", "verein", 3, 200),
        Row("C01", "innovation,wirtschaft", "startups,unternehmen", "coworking,event", "gmbh", 3, 500),
        Row("C02", "innovation,wirtschaft", "startups,verwaltung", "coworking,workshop", "gmbh", 3, 400),
        Row("C03", "innovation,wirtschaft,beteiligung", "startups,unternehmen,buerger", "coworking,event,workshop", "traegerverbund", 2, 350),
        Row("H01", "beteiligung,kompetenz,begegnung", "buerger,jugend", "workshop,kurs", "traegerverbund", 3, 180),
    ];

    /// <summary>A, B, C; H01 outside.</summary>
    public static readonly int[] Curated = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, -1];

    public static DataTable Table { get; } = DataTable.Create(Columns, Rows);

    public static Dissimilarities Distances => Gower.Compute(Table);

    public static DataRow Row(string id, string? ziele, string? zielgruppen, string? formate, string? betrieb, int? digitalrolle, double? flaeche)
    {
        var values = new Dictionary<string, DataValue>();
        Add("ziele", Set(ziele));
        Add("zielgruppen", Set(zielgruppen));
        Add("formate", Set(formate));
        Add("betrieb", betrieb is null ? null : new DataValue.Nominal(betrieb));
        Add("digitalrolle", digitalrolle is { } rank ? new DataValue.Ordinal(rank) : null);
        Add("flaeche", flaeche is { } number ? new DataValue.Number(number) : null);
        return new DataRow(id, values);

        void Add(string key, DataValue? value)
        {
            if (value is not null)
            {
                values.Add(key, value);
            }
        }
    }

    private static DataValue.Multi? Set(string? codes) => codes is null ? null : new DataValue.Multi(codes.Split(',', StringSplitOptions.RemoveEmptyEntries));
}
