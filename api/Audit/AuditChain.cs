using AnkerOrte.Api.Writing;
using AnkerOrte.Contracts;
using Dapper;
using Microsoft.Data.Sqlite;

namespace AnkerOrte.Api.Audit;

/// <summary>
/// Walks the chain. What it finds: an entry that was changed, removed or moved, and an end that was cut off. What it
/// cannot find alone: a log that was rewritten from some entry on, head and all, by somebody who can write the file. For
/// that a head that was noted elsewhere is held against it: whoever rewrites cannot make the noted hash come out again.
/// </summary>
internal static class AuditChain
{
    /// <param name="noted">A head that was read earlier and kept elsewhere.</param>
    public static AuditVerification Verify(SqliteConnection connection, (long Seq, string Hash)? noted = null)
    {
        var head = connection.QuerySingle<Head>("select pruned_seq, pruned_hash, seq, hash from audit_head where id = 1");
        var (seq, hash, broken) = (head.PrunedSeq, head.PrunedHash, (AuditBreak?)null);
        var isNotedSeen = noted is null || noted.Value.Seq <= head.PrunedSeq || (noted.Value.Seq, noted.Value.Hash) == (seq, hash);
        var pruning = "";
        foreach (var row in connection.Query<AuditRow>(
            $"""
            select {AuditRow.Columns}
            from audit_log a
            order by a.seq
            """, buffered: false))
        {
            broken = row.Seq != seq + 1 ? Break(seq + 1, "Entries are missing here.")
                : row.PrevHash != hash ? Break(row.Seq, "The entry does not follow the one before it.")
                : row.Hash != AuditLog.Hash(hash, row.Seq, row.At, row.Entry) ? Break(row.Seq, "The entry is not what was logged.")
                : noted is { } known && known.Seq == row.Seq && known.Hash != row.Hash ? Break(row.Seq, "The entry is not the one that was noted; the log was rewritten.")
                : null;
            if (broken is not null)
            {
                break;
            }

            (seq, hash) = (row.Seq, row.Hash);
            pruning = row.Action == AuditPruning.Action ? row.Object : pruning;
            isNotedSeen |= noted?.Seq == seq;
        }

        broken ??= seq < head.Seq || !isNotedSeen ? Break(seq + 1, "The end of the log is missing.")
            : hash != head.Hash ? Break(seq, "The end of the log is not the one that is known.")
            : head.PrunedSeq > 0 && pruning != AuditPruning.Object(head.PrunedSeq, head.PrunedHash) ? Break(head.PrunedSeq, "Entries up to here were removed without a word in the log.")
            : null;
        return new AuditVerification { IsIntact = broken is null, Entries = seq - head.PrunedSeq, Head = new AuditHead { Seq = seq, Hash = hash }, Broken = broken };
    }

    private static AuditBreak Break(long seq, string why) => new() { Seq = seq, Detail = why };

    private sealed record Head
    {
        public required long PrunedSeq { get; init; }
        public required string PrunedHash { get; init; }
        public required long Seq { get; init; }
        public required string Hash { get; init; }
    }
}
