using System.Diagnostics;
using AnkerOrte.Api.Access;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace AnkerOrte.Tests.Contract;

/// <summary>Two thousand random requests from the contract. `tests/Benchmarks -- fuzz` sends twenty thousand.</summary>
public sealed class ContractFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly ApiFixture api = new();

    [Fact]
    public async Task No_request_fails_the_service_and_every_status_is_in_the_contract()
    {
        var server = (TestServer)api.Services.GetRequiredService<IServer>();
        using var client = server.CreateClient();
        var key = api.CreateKey([.. Roles.All]);
        var fuzz = new ContractFuzz(ContractDocument.Root, seed: 20261201);
        var statuses = new SortedDictionary<int, int>();
        var slowest = new Dictionary<string, TimeSpan>();
        var wrong = new List<string>();
        var watch = Stopwatch.StartNew();
        foreach (var request in fuzz.Requests(2_000))
        {
            using var message = request.ToMessage();
            if (request.HasKey)
            {
                message.Headers.Authorization = new("Bearer", key);
            }

            var begun = watch.Elapsed;
            using var response = await client.SendAsync(message);
            slowest[request.Operation] = slowest.GetValueOrDefault(request.Operation) + (watch.Elapsed - begun);
            statuses[(int)response.StatusCode] = statuses.GetValueOrDefault((int)response.StatusCode) + 1;
            if (fuzz.Judge(request, response) is { } complaint)
            {
                wrong.Add($"{complaint} {request}\n{await response.Content.ReadAsStringAsync()}");
            }
        }

        output.WriteLine($"{watch.Elapsed}: {string.Join(", ", statuses.Select(status => $"{status.Value} × {status.Key}"))}");
        output.WriteLine(
            string.Join(", ", slowest.OrderByDescending(operation => operation.Value).Take(12)
            .Select(operation => $"{operation.Key} {operation.Value.TotalSeconds:0.0}")));
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join("\n\n", wrong.Take(12))}");
        // Most requests must get past the first check, else this would test little.
        Assert.True(statuses.Where(status => status.Key is >= 200 and < 300).Sum(status => status.Value) > 450,
            string.Join(", ", statuses));
    }

    public void Dispose() => api.Dispose();
}
