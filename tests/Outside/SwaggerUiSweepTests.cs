using AnkerOrte.Api.Access;
using AnkerOrte.Tests.Contract;

namespace AnkerOrte.Tests.Outside;

/// <summary>
/// Executes every operation in Swagger UI. It takes minutes, so it has a service of its own and runs beside the other browser tests.
/// </summary>
public sealed class SwaggerUiSweepTests(RunningService service) : IClassFixture<RunningService>
{
    [ToolFact("node", "chromium")]
    public async Task Every_operation_makes_sense_as_swagger_ui_fills_it_in()
    {
        var seen = (await Tools.RunAsync(
            TimeSpan.FromMinutes(15), "node", "swagger-ui-all.mjs", Tools.Find("chromium"), service.Url, await service.CreateKeyAsync()))
            .ShouldSucceed().Json;

        var answers = seen.GetProperty("answers").EnumerateObject()
            .ToDictionary(answer => answer.Name.Split('-')[^1], answer => answer.Value.GetString());
        var executed = ContractDocument.Operations.Where(operation => operation.Operation.OperationId != "closeSurveyVersion").ToList();
        Assert.Equal(executed.Select(operation => operation.Operation.OperationId).Order(), answers.Keys.Order());
        foreach (var (method, path, operation) in executed)
        {
            var isPublicRead = method == "get" && Permissions.IsPublic(operation.OperationId) && !ContractTests.IsMade(path);
            var isOfAToken = Permissions.Of(operation.OperationId) is ["confirm-link"] or ["release-link"];
            // A write may meet a tag or an id that is only an example; its body and its parameters are right.
            string[] expected = isPublicRead ? ["200"] : isOfAToken ? ["401", "403"]
                : ["200", "201", "202", "204", "404", "409", "410", "412"];
            // A request is about a person, and that of the example is only an example.
            // The passage and the results of the examples are not published.
            expected = operation.OperationId is "createDataSubjectRequest" or "linkFindingPassage" or "linkFindingComputation"
                ? [.. expected, "422"] : expected;
            Assert.True(expected.Contains(answers[operation.OperationId]),
                $"{operation.OperationId} answered {answers[operation.OperationId]}.");
        }

        BrowserTests.ShouldBeQuiet(seen, exceptFor: "the server responded with a status of 4");
    }
}
