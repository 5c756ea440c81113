using Microsoft.Extensions.Caching.Memory;

namespace AnkerOrte.Api.Http;

/// <summary>
/// Exact totals, counted once per filter and revision: counting a million rows takes a second, and every page of a
/// walk would pay it again.
/// </summary>
internal sealed class Totals : IDisposable
{
    private readonly MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = 10_000 });

    public long Get(long revision, string key, Func<long> count) =>
        kept.GetOrCreate((revision, key), entry =>
        {
            entry.Size = 1;
            return count();
        });

    public void Dispose() => kept.Dispose();
}
