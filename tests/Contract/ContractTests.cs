using System.Reflection;
using System.Text.RegularExpressions;
using AnkerOrte.Api.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using NJsonSchema;
using NSwag;
using YamlDotNet.Core;

namespace AnkerOrte.Tests.Contract;

/// <summary>The contract and the code say the same, and the contract is worth reading.</summary>
public sealed class ContractTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public void Every_route_is_in_the_contract_and_every_operation_has_a_route()
    {
        var routes = api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Select(endpoint => (
            Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'),
            Name: endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName)).ToList();

        var operations = ContractDocument.Operations.Select(operation => (operation.Path, Name: (string?)operation.Operation.OperationId)).ToList();

        Assert.Equal(operations.Order(), routes.Order());
    }

    [Fact]
    public void Handlers_take_exactly_the_parameters_of_the_contract()
    {
        var described = api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<MethodInfo>() is not null)
            .ToDictionary(
                endpoint => (Method: endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Single().ToLowerInvariant(), Path: "/" + endpoint.RoutePattern.RawText!.Trim('/')),
                endpoint => Parameters(endpoint).Select(parameter => (JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!), Many: parameter.ParameterType.IsArray)).Order().ToList());

        foreach (var (method, path, operation) in ContractDocument.Operations.Where(operation => described.ContainsKey((operation.Method, operation.Path))))
        {
            // What is written with commas arrives as one text.
            // Headers and the dry run concern every write and are read in one place.
            var declared = operation.ActualParameters.Where(parameter => parameter.Kind is OpenApiParameterKind.Query or OpenApiParameterKind.Path && parameter.Name is not ("dryRun" or "atomic")).Select(parameter => (parameter.Name, Many: parameter.ActualSchema.Type == JsonObjectType.Array && parameter.Explode == true)).Order();
            Assert.Equal(declared, described[(method, path)]);
        }

        Assert.Equal(ContractDocument.Operations.Count(operation => !operation.Path.StartsWith("/health", StringComparison.Ordinal)), described.Count);
    }

    /// <summary>What a handler takes from the request, as the framework sees it.</summary>
    private IEnumerable<ParameterInfo> Parameters(RouteEndpoint endpoint)
    {
        var services = api.Services.GetRequiredService<IServiceProviderIsService>();
        var metadata = RequestDelegateFactory.InferMetadata(endpoint.Metadata.GetMetadata<MethodInfo>()!, new RequestDelegateFactoryOptions
        {
            ServiceProvider = api.Services,
            RouteParameterNames = endpoint.RoutePattern.Parameters.Select(parameter => parameter.Name),
            EndpointBuilder = new RouteEndpointBuilder(null, endpoint.RoutePattern, 0),
            DisableInferBodyFromParameters = true,
        });
        return metadata.EndpointMetadata.OfType<IParameterBindingMetadata>().Select(parameter => parameter.ParameterInfo)
            .Where(parameter => parameter.ParameterType != typeof(HttpContext) && parameter.ParameterType != typeof(CancellationToken) && !services.IsService(parameter.ParameterType));
    }

    [Fact]
    public void Every_operation_has_what_a_reader_needs()
    {
        var tags = ContractDocument.Root.GetProperty("tags").EnumerateArray().ToList().Texts("name");

        Assert.All(ContractDocument.Operations, operation =>
        {
            Assert.Contains(Assert.Single(operation.Operation.Tags), tags);
            Assert.False(string.IsNullOrWhiteSpace(operation.Operation.Summary), operation.Path);
            Assert.Matches("Examples?:", operation.Operation.Description);
            // A repeated Idempotency-Key may belong to another request.
            Assert.True(operation.Operation.ActualParameters.All(parameter => parameter.Name != "Idempotency-Key")
                || operation.Operation.Responses.ContainsKey("422"), operation.Operation.OperationId);
            // Whatever reads or writes can fail for want of storage.
            Assert.True(operation.Operation.Responses.ContainsKey("503") || operation.Operation.OperationId == "getLiveness",
                operation.Operation.OperationId);
            Assert.All(operation.Operation.ActualParameters.Where(parameter => parameter.Kind != OpenApiParameterKind.Body), parameter => Assert.False(string.IsNullOrWhiteSpace(parameter.Description), parameter.Name));
        });
    }

    [Fact]
    public void Every_example_is_valid_against_its_schema()
    {
        var checkedExamples = 0;
        foreach (var (method, path, operation) in ContractDocument.Operations)
        {
            var json = ContractDocument.Root.GetProperty("paths").GetProperty(path).GetProperty(method);
            foreach (var response in json.GetProperty("responses").EnumerateObject().Where(response => response.Value.TryGetProperty("content", out _)))
            {
                foreach (var content in response.Value.GetProperty("content").EnumerateObject().Where(content => content.Value.TryGetProperty("example", out _)))
                {
                    var schema = operation.Responses[response.Name].ActualResponse.Content[content.Name].Schema.ActualSchema;
                    var errors = schema.Validate(content.Value.GetProperty("example").GetRawText(), SchemaType.OpenApi3);
                    Assert.True(errors.Count == 0, $"{operation.OperationId}: {string.Join(", ", errors)}");
                    checkedExamples++;
                }
            }
        }

        Assert.True(checkedExamples >= 14, $"{checkedExamples}");
    }

    [Fact]
    public void Every_parameter_carries_an_example_that_its_schema_accepts()
    {
        var parameters = ContractDocument.Root.GetProperty("components").GetProperty("parameters").EnumerateObject().Where(parameter => parameter.Name is not ("Cursor" or "After"));

        Assert.All(parameters, parameter =>
        {
            var example = Example(parameter.Value);
            var schema = ContractDocument.Document.Components.Parameters[parameter.Name].ActualSchema;
            Assert.Empty(schema.Validate(example.GetRawText(), SchemaType.OpenApi3));
        });
    }

    /// <summary>Each operation with its required parameters, and once more with each optional one.</summary>
    public static TheoryData<string> Calls()
    {
        var calls = new TheoryData<string>();
        // What exists only once somebody has made it is called where it is tested.
        foreach (var (method, path, _) in ContractDocument.Operations.Where(operation => operation.Method == "get" && Permissions.IsPublic(operation.Operation.OperationId) && !IsMade(operation.Path)))
        {
            var parameters = ContractDocument.Root.GetProperty("paths").GetProperty(path).GetProperty(method).TryGetProperty("parameters", out var found)
                ? found.EnumerateArray().Select(Follow).ToList() : [];
            var required = string.Join('&', parameters.Where(parameter => In(parameter) == "query" && IsRequired(parameter)).Select(Query));
            var filled = parameters.Where(parameter => In(parameter) == "path").Aggregate(path, (at, parameter) => at.Replace($"{{{parameter.GetProperty("name").GetString()}}}", Example(parameter).ToString()));
            calls.Add($"{filled}?{required}");
            foreach (var parameter in parameters.Where(parameter => In(parameter) == "query" && !IsRequired(parameter) && parameter.GetProperty("name").GetString() is not ("cursor" or "after")))
            {
                var needs = parameter.GetProperty("name").GetString() switch
                {
                    "radiusKm" => "&near=50.93,11.59",
                    "bom" or "delimiter" or "wide" => "&format=csv",
                    _ => "",
                };
                calls.Add($"{filled}?{required}&{Query(parameter)}{needs}");
            }
        }

        return calls;
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Every_operation_answers_with_the_examples_of_its_parameters(string url)
    {
        var response = await api.Client.GetAsync(url.Replace("?&", "?", StringComparison.Ordinal));

        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{url}: {await response.Content.ReadAsStringAsync()}");
    }

    [Fact]
    public async Task Every_address_in_the_prose_answers()
    {
        var prose = ContractDocument.Operations.Where(operation => operation.Method == "get" && Permissions.IsPublic(operation.Operation.OperationId)).Select(operation => operation.Operation.Description).Append(ContractDocument.Document.Info.Description);
        var addresses = prose.SelectMany(text => Regex.Matches(text, @"(?:`(?:GET )?|'|""http://localhost:5000)(/(?:v1|health|en|problems|openapi)[^`'""\s]*)").Select(match => match.Groups[1].Value)).Distinct().ToList();

        // Examples speak of records that exist. Their cursors are only examples.
        var examples = Regex.Matches(ContractDocument.Json, "\"http://localhost:5000(/[^\"\\\\]*)\"").Select(match => match.Groups[1].Value).Where(address => !address.Contains("cursor", StringComparison.Ordinal));
        addresses = [.. addresses.Concat(examples).Distinct().Except(["/v1/comparisons", "/v1/search"])
            .Where(address => !address.Contains("/releases/", StringComparison.Ordinal))];
        Assert.True(addresses.Count > 30, $"{addresses.Count}");
        foreach (var address in addresses)
        {
            var response = await api.Client.GetAsync(address);
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{address}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    [Theory]
    [InlineData("SiteFields", "AnchorSite")]
    [InlineData("MunicipalityFields", "Municipality")]
    [InlineData("ProjectFields", "Project")]
    [InlineData("CodebookFields", "Dimension")]
    [InlineData("SourceFields", "Source")]
    public void Fields_offers_every_member(string parameter, string schema)
    {
        var components = ContractDocument.Root.GetProperty("components");
        var offered = components.GetProperty("parameters").GetProperty(parameter).GetProperty("schema").GetProperty("items").GetProperty("enum").EnumerateArray().Select(value => value.GetString());

        Assert.Equal(components.GetProperty("schemas").GetProperty(schema).GetProperty("properties").EnumerateObject().Select(member => member.Name).Where(name => name != "warnings").Order(), offered.Order());
    }

    [Fact]
    public async Task The_contract_is_served_as_it_is_written_with_merge_keys_expanded()
    {
        var response = await api.Client.GetAsync("/openapi.yaml");

        Assert.Equal("application/yaml", response.Content.Headers.ContentType!.MediaType);
        var yaml = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<<:", yaml, StringComparison.Ordinal);
        // A reader that knows no aliases and merge keys.
        using var served = JsonDocument.Parse(ContractDocument.ToJson(new Parser(new StringReader(yaml))));
        Assert.True(JsonElement.DeepEquals(ContractDocument.Root, served.RootElement));
    }

    [Theory]
    [InlineData("*/*", "application/vnd.oai.openapi+json; version=3.0")]
    [InlineData("application/vnd.oai.openapi+json;version=3.0", "application/vnd.oai.openapi+json; version=3.0")]
    [InlineData("application/json", "application/json")]
    public async Task The_contract_is_served_as_json(string accept, string mediaType)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        request.Headers.Accept.ParseAdd(accept);
        var response = await api.Client.SendAsync(request);

        Assert.Equal(mediaType, response.Content.Headers.ContentType!.ToString().Replace(";version", "; version", StringComparison.Ordinal));
        // Read from the YAML by another library.
        Assert.True(JsonElement.DeepEquals(ContractDocument.Root, await response.JsonAsync()));
        var again = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        again.Headers.Accept.ParseAdd(accept);
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await api.Client.SendAsync(again)).StatusCode);
    }

    [Fact]
    public async Task The_contract_as_json_is_not_offered_in_other_formats()
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/openapi.json");
        request.Headers.Accept.ParseAdd("text/csv");

        await (await api.Client.SendAsync(request)).ShouldBeProblemAsync(406, "not-acceptable");
    }

    [Fact]
    public async Task Swagger_ui_shows_the_contract()
    {
        var page = await api.Client.GetStringAsync("/swagger/index.html");
        var script = await api.Client.GetStringAsync("/swagger/index.js");

        Assert.Contains("<title>AnkerOrte API</title>", page, StringComparison.Ordinal);
        Assert.Contains("\"url\":\"../openapi.json\"", script, StringComparison.Ordinal);
    }

    /// <summary>Of these there is none before somebody makes or releases one.</summary>
    internal static bool IsMade(string path) =>
        new[] { "/v1/typology-runs/", "/v1/assessments/", "/v1/interviews/", "/v1/focus-groups/", "/v1/passages/",
            "/v1/surveys/{survey}/releases/" }
            .Any(start => path.StartsWith(start, StringComparison.Ordinal));

    private static JsonElement Follow(JsonElement parameter) => parameter.TryGetProperty("$ref", out var reference)
        ? ContractDocument.Root.GetProperty("components").GetProperty("parameters").GetProperty(reference.GetString()!.Split('/')[^1])
        : parameter;

    private static string In(JsonElement parameter) => parameter.GetProperty("in").GetString()!;

    private static bool IsRequired(JsonElement parameter) => parameter.TryGetProperty("required", out var required) && required.GetBoolean();

    private static JsonElement Example(JsonElement parameter) => parameter.TryGetProperty("example", out var example) ? example : parameter.GetProperty("x-example");

    private static string Query(JsonElement parameter)
    {
        var name = parameter.GetProperty("name").GetString()!;
        var example = Example(parameter);
        var values = example.ValueKind == JsonValueKind.Array ? example.EnumerateArray().Select(value => value.ToString()).ToList() : [example.ValueKind is JsonValueKind.True or JsonValueKind.False ? example.GetRawText() : example.ToString()];
        var explode = !parameter.TryGetProperty("explode", out var exploded) || exploded.GetBoolean();
        return explode ? string.Join('&', values.Select(value => $"{name}={Uri.EscapeDataString(value)}")) : $"{name}={Uri.EscapeDataString(string.Join(',', values))}";
    }
}
