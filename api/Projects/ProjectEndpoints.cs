using AnkerOrte.Api.Database;
using AnkerOrte.Api.Http;

namespace AnkerOrte.Api.Projects;

internal static class ProjectEndpoints
{
    public static void MapProjects(this IEndpointRouteBuilder routes)
    {
        var projects = routes.MapGroup("/v1/projects");
        projects.Get("/", ListProjects).WithName("listProjects");
        projects.Get("/{id}", GetProject).WithName("getProject");
    }

    private static IResult ListProjects([AsParameters] ProjectQuery query, [AsParameters] ListParameters list, Lists lists) =>
        lists.Answer(new ListRequest(ProjectQueries.List, list)
        {
            Sort = Commas.Split(query.Sort),
            Fields = Commas.Split(query.Fields),
            Filter = (_, errors) => BuildFilter(query, errors),
        });

    private static IResult GetProject(string id, string? fields, HttpContext http, Answers answers, ProjectQueries projects) =>
        projects.Find(id) is { } project ? answers.Item(http, WireJson.Write(project), fields) : Problems.NoSuch(new("Das Projekt", "project"), id);

    private static Filter BuildFilter(ProjectQuery query, List<ProblemError> errors)
    {
        var filter = new Filter();
        filter.AddValues("state", "exists (select 1 from project_states t where t.project_id = p.id and t.state in @state)", query.State);
        filter.AddValues("cohort", "p.cohort in @cohort", query.Cohort?.Cast<object>().ToList());
        filter.AddValues("kind", "p.kind in @kind", query.Kind);
        filter.AddValues("programmeCategory", "p.programme_category in @programmeCategory", query.ProgrammeCategory);
        filter.AddWords("project", "p.id", query.Q, errors);
        filter.AddUpdatedSince("p.updated_at", query.UpdatedSince);
        return filter;
    }
}

internal sealed record ProjectQuery(string? Q, string[]? State, int[]? Cohort, string[]? Kind, string[]? ProgrammeCategory, string? UpdatedSince, string? Fields, string? Sort);
