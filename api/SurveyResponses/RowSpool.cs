namespace AnkerOrte.Api.SurveyResponses;

/// <summary>Checked rows in a temporary file, for a load of which either all or nothing is stored.</summary>
internal sealed class RowSpool(FileStream file) : IDisposable
{
    private readonly BinaryWriter writer = new(file);

    public void Add(BulkRow row)
    {
        writer.Write(row.Number);
        writer.Write(row.Id!);
        writer.Write(row.Version);
        writer.Write(row.Submit);
        writer.Write(row.Issues ?? "");
        writer.Write(row.Answers.Length);
        writer.Write(row.Answers);
    }

    public IEnumerable<IReadOnlyList<BulkRow>> Batches(int size)
    {
        writer.Flush();
        file.Position = 0;
        return Read().Chunk(size);
    }

    private IEnumerable<BulkRow> Read()
    {
        using var reader = new BinaryReader(file, System.Text.Encoding.UTF8, leaveOpen: true);
        while (file.Position < file.Length)
        {
            yield return new BulkRow(reader.ReadInt32(), reader.ReadString())
            {
                Version = reader.ReadInt32(),
                Submit = reader.ReadBoolean(),
                Issues = reader.ReadString() is { Length: > 0 } issues ? issues : null,
                Answers = reader.ReadBytes(reader.ReadInt32()),
            };
        }
    }

    public void Dispose() => writer.Dispose();
}
