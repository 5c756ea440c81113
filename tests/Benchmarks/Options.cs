using System.Globalization;

namespace AnkerOrte.Benchmarks;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public IReadOnlyList<int> Sizes { get; init; } = [110, 1_000];
    public int Runs { get; init; } = 3;
    public int Seconds { get; init; } = 2;

    /// <summary>Names of scenarios, or "start", "single", "walk", "download"; empty: all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The program's own client even where wrk is installed.</summary>
    public bool OwnClient { get; init; }

    public bool Asks(string part) => Only.Count == 0 || Only.Contains(part);

    public static Options Read(string[] args)
    {
        var options = new Options();
        var i = 0;
        for (; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--full" => options with { Sizes = [110, 1_000, 10_000, 100_000, 1_000_000], Runs = 7 },
                "--sizes" => options with { Sizes = [.. Value().Split(',').Select(Number)] },
                "--runs" => options with { Runs = Number(Value()) },
                "--seconds" => options with { Seconds = Number(Value()) },
                "--only" => options with { Only = Value().Split(',') },
                "--own-client" => options with { OwnClient = true },
                _ => throw new StopException($"Unknown option {args[i]}. Known: --full, --sizes 110,1000, --runs 7, --seconds 2, --only list,start, --own-client."),
            };
        }

        return options.Sizes.Any(size => size < GeneratedSites.Shipped) || options.Runs < 1 || options.Seconds < 1
            ? throw new StopException($"Sizes begin at the {GeneratedSites.Shipped} shipped sites; runs and seconds at 1.")
            : options;

        string Value() => ++i < args.Length ? args[i] : throw new StopException($"{args[i - 1]} needs a value.");

        static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new StopException($"\"{text}\" is not a number.");
    }
}

/// <summary>The benchmark cannot go on; the message says why.</summary>
internal sealed class StopException(string message) : Exception(message);
