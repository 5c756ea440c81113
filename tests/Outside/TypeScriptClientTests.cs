namespace AnkerOrte.Tests.Outside;

/// <summary>A client generated from the contract compiles in strict mode and works against the service.</summary>
[Collection(OneRunningService.Name)]
public sealed class TypeScriptClientTests(RunningService service)
{
    [ToolFact("node")]
    public async Task A_generated_client_compiles_and_reads_the_inventory()
    {
        (await Tools.NodeAsync("node_modules/openapi-typescript/bin/cli.js", Repository.File("openapi.yaml"), "--output", "generated/contract.d.ts")).ShouldSucceed();
        (await Tools.NodeAsync("node_modules/typescript/bin/tsc", "--project", ".")).ShouldSucceed();

        var seen = (await Tools.NodeAsync("generated/consumer.js", service.Url)).ShouldSucceed().Json;

        var states = seen.GetProperty("filtered").EnumerateArray().Select(state => state.GetString()!).ToList();
        Assert.NotEmpty(states);
        Assert.All(states, state => Assert.Contains(state, new[] { "DE-TH", "DE-SN" }));
        Assert.Equal(seen.GetProperty("total").GetInt32(), states.Count);
        Assert.Equal(states.Count(state => state == "DE-TH"), seen.GetProperty("states").GetProperty("DE-TH").GetInt32());
        Assert.Equal("ProbierLaden Jena", seen.GetProperty("name").GetString());
        Assert.Equal(50.93006, seen.GetProperty("latitude").GetDouble());
        Assert.Equal((5, 110, 110), (seen.GetProperty("pages").GetInt32(), seen.GetProperty("walked").GetInt32(), seen.GetProperty("distinct").GetInt32()));
        Assert.Equal(400, seen.GetProperty("status").GetInt32());
        Assert.Equal("goals", seen.GetProperty("suggestion").GetString());
    }
}
