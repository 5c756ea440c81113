using Microsoft.Extensions.Caching.Memory;

namespace AnkerOrte.Api.Http;

/// <summary>
/// Exact totals and facets, counted once per filter and revision: counting a million rows takes a second, and every
/// page of a walk would pay it again.
/// </summary>
internal sealed class KeptCounts : IDisposable
{
    /// <summary>In characters of the keys, which are most of what is kept.</summary>
    private readonly MemoryCache kept = new(new MemoryCacheOptions { SizeLimit = 4_000_000 });

    /// <param name="what">"total", or the facet.</param>
    public T Get<T>(long revision, string listKey, string what, Func<T> count) =>
        kept.GetOrCreate((revision, listKey, what), entry =>
        {
            entry.Size = listKey.Length + 100;
            return count();
        })!;

    public void Dispose() => kept.Dispose();
}
