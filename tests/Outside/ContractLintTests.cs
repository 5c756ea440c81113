namespace AnkerOrte.Tests.Outside;

public sealed class ContractLintTests
{
    private static readonly string Contract = Repository.File("openapi.yaml");

    [ToolFact("node")]
    public async Task Spectral_has_nothing_to_say_about_the_contract()
    {
        var result = await Tools.NodeAsync("node_modules/@stoplight/spectral-cli/dist/index.js", "lint", Contract, "--ruleset", ".spectral.yaml", "--format", "json", "--quiet", "--fail-severity", "hint");

        Assert.Empty(result.ShouldSucceed().Json.EnumerateArray());
    }

    [ToolFact("node")]
    public async Task Spectral_with_these_rules_still_finds_what_is_wrong()
    {
        var result = await Tools.NodeAsync("node_modules/@stoplight/spectral-cli/dist/index.js", "lint", "planted-defects.yaml", "--ruleset", ".spectral.yaml", "--format", "json", "--quiet");

        var found = result.Json.EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!).ToHashSet();
        Assert.Superset(
            new HashSet<string> { "operation-operationId", "path-params", "writes-declare-401", "owasp:api2:2023-write-restricted", "input-string-limit", "input-array-limit", "input-number-limit" },
            found);
    }

    [ToolFact("node")]
    public async Task Redocly_has_nothing_to_say_about_the_contract()
    {
        var result = await Tools.NodeAsync("node_modules/@redocly/cli/bin/cli.js", "lint", Contract, "--config", "redocly.yaml", "--format", "json");

        var totals = result.ShouldSucceed().Json.GetProperty("totals");
        Assert.Equal((0, 0), (totals.GetProperty("errors").GetInt32(), totals.GetProperty("warnings").GetInt32()));
    }

    [ToolFact("node")]
    public async Task Every_example_fits_its_schema()
    {
        var result = await Tools.NodeAsync("node_modules/openapi-examples-validator/dist/cli.js", Contract);

        Assert.DoesNotContain("Total examples found: 0", result.ShouldSucceed().Output, StringComparison.Ordinal);
    }
}
