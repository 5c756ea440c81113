namespace AnkerOrte.Api.Access;

/// <summary>
/// Who sees records that are not public yet. Lists and single records ask the same function, so that no list names a record that its
/// reader cannot open.
/// </summary>
internal static class Visibility
{
    public static bool SeesFindingDrafts(this HttpContext http) => http.Caller()?.ReadsDrafts(Roles.Editor, Roles.Researcher) == true;

    public static bool SeesRecommendationDrafts(this HttpContext http) => http.Caller()?.ReadsDrafts(Roles.Editor) == true;

    public static bool SeesTypologyDrafts(this HttpContext http) =>
        http.Caller()?.ReadsDrafts(Roles.Editor, Roles.Researcher, Roles.Publisher) == true;
}
