using System.Text.Json.Nodes;

namespace AnkerOrte.Tests.Setup;

/// <summary>A site in Jena, as an editor would add it.</summary>
internal static class NewSite
{
    public static JsonObject Named(string name) => new()
    {
        ["name"] = name,
        ["selfDesignation"] = "Digitalladen",
        ["summary"] = "Ein Ort, den es nur in den Tests gibt.",
        ["status"] = "operating",
        ["mpscFunded"] = "not-documented",
        ["ags"] = "16053000",
        ["state"] = "DE-TH",
        ["openedOn"] = "2025-03",
        ["characteristics"] = new JsonObject { ["goals"] = new JsonArray("digital-skills"), ["formats"] = new JsonArray("consultation") },
        ["sourceIds"] = new JsonArray("src-0195"),
    };
}
