namespace AnkerOrte.Benchmarks;

/// <summary>A table in Markdown, aligned for terminals: the first column to the left, the others to the right.</summary>
internal sealed class Table(params string[] head)
{
    private readonly List<string[]> rows = [head];

    public void Add(params string[] cells) => rows.Add(cells);

    public void Print(string title)
    {
        if (rows.Count == 1)
        {
            return;
        }

        var widths = head.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        Console.WriteLine($"\n## {title}\n");
        for (var i = 0; i < rows.Count; i++)
        {
            Console.WriteLine("| " + string.Join(" | ", rows[i].Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))) + " |");
            if (i == 0)
            {
                Console.WriteLine("|" + string.Join("|", widths.Select((width, column) => column == 0 ? new string('-', width + 2) : new string('-', width + 1) + ":")) + "|");
            }
        }
    }
}
