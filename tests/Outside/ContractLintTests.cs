namespace AnkerOrte.Tests.Outside;

public sealed class ContractLintTests
{
    private static readonly string Contract = Repository.File("openapi.yaml");

    [ToolFact("node")]
    public async Task Spectral_has_nothing_to_say_about_the_contract() =>
        Assert.Empty((await SpectralAsync(Contract)).Select(finding => $"{finding.Code} at {finding.Place}"));

    [ToolFact("node")]
    public async Task Spectral_with_these_rules_still_finds_what_is_wrong()
    {
        var found = (await SpectralAsync("planted-defects.yaml")).Select(finding => finding.Code).ToHashSet();

        Assert.Superset(
            new HashSet<string> { "operation-operationId", "path-params", "owasp:api8:2023-define-error-responses-401", "owasp:api2:2023-write-restricted", "input-string-limit", "input-array-limit", "input-number-limit" },
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
        // The JSON: this tool refuses more than a hundred YAML aliases.
        var result = await Tools.NodeAsync("node_modules/openapi-examples-validator/dist/cli.js", Repository.File("contracts/obj/openapi.json"));

        Assert.DoesNotContain("Total examples found: 0", result.ShouldSucceed().Output, StringComparison.Ordinal);
    }

    private static async Task<List<(string Code, string Place)>> SpectralAsync(string file)
    {
        var result = await Tools.NodeAsync("node_modules/@stoplight/spectral-cli/dist/index.js", "lint", file, "--ruleset", ".spectral.yaml", "--format", "json", "--quiet");
        // 2 and above: it could not work.
        Assert.True(result.ExitCode < 2, result.Output + result.Errors);
        return [.. result.Json.EnumerateArray().Select(finding => (finding.GetProperty("code").GetString()!, string.Join('/', finding.GetProperty("path").EnumerateArray())))];
    }
}
