using System.Collections.Concurrent;
using AnkerOrte.Api.Database;
using AnkerOrte.Tests.Contract;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AnkerOrte.Tests.Http;

/// <summary>
/// No answer is sent while a snapshot of the database is open. The client is replaced by one that, before it takes any byte, writes to
/// the database and asks SQLite to empty the write-ahead log: with an open snapshot SQLite refuses.
/// </summary>
public sealed class SlowReaderTests : IDisposable
{
    private readonly Reader reader = new();
    private readonly ApiFixture api;

    public SlowReaderTests()
    {
        api = new ApiFixture(new Dictionary<string, string?>(), services: services => services.AddSingleton<IStartupFilter>(reader));
        api.Write(connection => connection.Execute("create table written_meanwhile (number integer)"));
        reader.Database = api.Services.GetRequiredService<Database>();
    }

    [Fact]
    public async Task No_answer_holds_a_snapshot_while_it_is_sent()
    {
        var contributor = api.As("contributor");
        foreach (var number in Enumerable.Range(0, 300))
        {
            await contributor.SendAsync(
                "PUT", $"/v1/surveys/umsetzende-kommunen/responses/slow-{number}", new { version = 1, submit = false, answers = new { } })
                .ShouldBeAsync(HttpStatusCode.Created);
        }

        // Straight to the service: what it answers is held against the contract elsewhere.
        var server = (TestServer)api.Services.GetRequiredService<IServer>();
        using var nobody = server.CreateClient();
        using var everything = server.CreateClient();
        everything.DefaultRequestHeaders.Authorization = new("Bearer", api.CreateKey([.. AnkerOrte.Api.Access.Roles.All]));
        var calls = ContractTests.Calls().Cast<object[]>().Select(call => ((string)call[0]).Replace("?&", "?", StringComparison.Ordinal))
            .Select(address => (Client: nobody, Address: address))
            .Concat(ContractDocument.Operations.Where(
                operation => operation.Method == "get" && !operation.Path.Contains('{', StringComparison.Ordinal)).SelectMany(operation =>
                new[] { "", "?format=csv", "?format=geojson", "?format=ndjson", "?format=csv&limit=2" }
                    .Select(query => (everything, operation.Path + query))))
            .Concat(new[] { "?format=csv", "?format=csv&shape=long", "?format=ndjson", "?format=csv&shape=limesurvey" }
                .Select(query => (everything, "/v1/surveys/umsetzende-kommunen/responses" + query)))
            .Append((nobody, "/v1/municipalities?format=geojson&near=50.9,11.6&radiusKm=900"))
            .Distinct().ToList();
        foreach (var (client, address) in calls)
        {
            await client.GetAsync(address);
        }

        Assert.Empty(reader.Held);
        Assert.True(reader.Writes.Count > 200, $"{reader.Writes.Count} of {calls.Count}");
        // Lists that are too long for one part came in several.
        Assert.InRange(reader.Writes["/v1/municipalities?format=geojson&near=50.9,11.6&radiusKm=900"], 10, int.MaxValue);
        Assert.InRange(reader.Writes["/v1/surveys/umsetzende-kommunen/responses?format=csv"], 2, int.MaxValue);
        // An open snapshot is noticed.
        using (reader.Database!.Read())
        {
            await nobody.GetAsync("/v1/projects?limit=3");
        }

        Assert.Equal(["/v1/projects?limit=3"], reader.Held);
    }

    [Theory]
    [InlineData("/v1/municipalities?format=geojson", 8_000)]
    [InlineData("/v1/municipalities?format=csv", 8_000)]
    [InlineData("/v1/surveys/umsetzende-kommunen/responses?format=csv", 8_000)]
    [InlineData("/v1/surveys/umsetzende-kommunen/responses?format=ndjson", 8_000)]
    [InlineData("/v1/municipalities?limit=200", null)]
    [InlineData("/v1/municipalities?format=csv&limit=5", null)]
    public async Task A_list_that_is_sent_whole_must_be_read_at_a_rate(string address, int? bytesPerSecond)
    {
        using var client = ((TestServer)api.Services.GetRequiredService<IServer>()).CreateClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", api.CreateKey("researcher"));

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(address)).StatusCode);

        Assert.Equal(bytesPerSecond, reader.Rate?.BytesPerSecond);
        Assert.Equal(
            1_000, api.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MinResponseDataRate!.BytesPerSecond);
    }

    [Fact]
    public async Task A_long_answer_is_whole_and_of_one_revision_or_it_is_broken_off()
    {
        const string Address = "/v1/municipalities?format=csv&populationMin=2";
        var whole = await api.Client.GetStringAsync(Address);
        var again = await api.Client.GetStringAsync("/v1/municipalities?populationMin=2&format=csv");
        Assert.Equal(whole, again);
        Assert.True(whole.Length > 1_000_000, $"{whole.Length}");
        var ids = whole.Split("\r\n").Skip(1).Where(line => line.Length > 0).Select(line => line.Split(',')[0]).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal((await api.GetAsync("/v1/municipalities?populationMin=2&limit=1")).Total(), ids.Count);

        reader.OnWrite = number =>
        {
            if (number == 1)
            {
                api.Write(_ => { });
            }
        };

        await Assert.ThrowsAnyAsync<Exception>(() => api.Client.GetStringAsync("/v1/municipalities?format=csv&populationMin=3"));
        // A short answer is read at once and is not broken off.
        Assert.NotEmpty(await api.Client.GetStringAsync("/v1/projects?format=csv"));
    }

    [Fact]
    public async Task What_is_erased_leaves_the_log_while_a_list_is_being_sent()
    {
        const string Name = "Zeisigkauz-Personenname";
        var officer = api.As("privacy-officer");
        var person = "/v1/persons/"
            + (await officer.SendAsync("POST", "/v1/persons", new { name = Name, deleteAfter = "2099-01-01" })
            .ShouldBeAsync(HttpStatusCode.Created)).GetProperty("id").GetString();
        JsonElement report = default;
        reader.OnWrite = number =>
        {
            if (number == 1)
            {
                reader.OnWrite = null;
                report = officer.SendAsync("POST", person + "/erasure", new { reason = "request" }).ShouldBeAsync(HttpStatusCode.OK)
                    .GetAwaiter().GetResult();
            }
        };

        // The answer has begun when the person is erased, and it is broken off because the erasure raised the revision.
        await Assert.ThrowsAnyAsync<Exception>(() => api.Client.GetStringAsync("/v1/municipalities?format=geojson&populationMin=4"));

        Assert.True(report.GetProperty("overwritten").GetBoolean());
        Assert.DoesNotContain(Name, await Privacy.Files.ReadAsync(api), StringComparison.Ordinal);
    }

    public void Dispose() => api.Dispose();

    private sealed class Reader : IStartupFilter, IHttpMinResponseDataRateFeature
    {
        /// <summary>The rate that the last request was given.</summary>
        public MinDataRate? Rate { get; private set; }

        MinDataRate? IHttpMinResponseDataRateFeature.MinDataRate { get => Rate; set => Rate = value; }

        public Database? Database { get; set; }

        public ConcurrentBag<string> Held { get; } = [];

        public ConcurrentDictionary<string, int> Writes { get; } = new();

        public Action<int>? OnWrite { get; set; }

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((http, go) =>
            {
                var address = http.Request.Path + http.Request.QueryString.Value;
                var writes = 0;
                http.Features.Set<IHttpMinResponseDataRateFeature>(this);
                http.Response.Body = new Watched(http.Response.Body, () =>
                {
                    writes++;
                    Writes[address] = writes;
                    if (HttpMethods.IsGet(http.Request.Method))
                    {
                        OnWrite?.Invoke(writes);
                        if (writes <= 12)
                        {
                            Ask(address);
                        }
                    }
                });
                return go(http);
            });
            next(app);
        };

        private void Ask(string address)
        {
            if (Database is not { } database)
            {
                return;
            }

            database.WriteAsync(
                connection => connection.Execute("insert into written_meanwhile (number) values (1)"), _ => WriteEnd.Commit,
                CancellationToken.None).GetAwaiter().GetResult();
            if (!database.TryEmptyLogAsync(CancellationToken.None).GetAwaiter().GetResult())
            {
                Held.Add(address);
            }
        }
    }

    private sealed class Watched(Stream inner, Action before) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count)
        {
            before();
            inner.Write(buffer, offset, count);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            before();
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
