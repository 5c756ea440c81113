using AnkerOrte.Benchmarks;

try
{
    switch (args)
    {
        case ["--serve", "floor", var folder, .. var rest]:
            Floor.Run(folder, rest);
            break;
        case ["--serve", "empty", .. var rest]:
            Floor.RunEmpty(rest);
            break;
        case ["--serve", "references", var files, .. var rest]:
            References.Run(files.Split(','), rest);
            break;
        case ["--client", var address, var header, var vary, var number, var seconds]:
            await Load.RunClientAsync(address, header, vary, int.Parse(number), int.Parse(seconds));
            break;
        case ["soak", .. var kills]:
            await Soak.RunAsync(kills is [var wanted] ? int.Parse(wanted) : 50);
            break;
        case ["fuzz", .. var numbers]:
            await Fuzz.RunAsync(
                numbers is [var count, ..] ? int.Parse(count) : 20_000, numbers is [_, var seed] ? int.Parse(seed) : 20261201);
            break;
        case ["ingestion", .. var runs]:
            await Ingestion.RunAsync(runs is [var some] ? int.Parse(some) : 3);
            break;
        case ["analysis", .. var runs]:
            await AnalysisSpeed.RunAsync(runs is [var few] ? int.Parse(few) : 3);
            break;
        case ["assessments", .. var seconds]:
            await Assessments.RunAsync(seconds is [var length] ? int.Parse(length) : 5);
            break;
        case ["hostile", "costs", .. var repetitions]:
            await Hostile.MeasureCostsAsync(repetitions is [var times] ? int.Parse(times) : 10);
            break;
        case ["hostile", .. var what]:
            await Hostile.RunAsync(what is [var attack, ..] ? int.Parse(attack) : 10, what is [_, var only] ? only : null);
            break;
        case ["closures", .. var limit]:
            await Closures.RunAsync(limit is [var each] ? int.Parse(each) : 5);
            break;
        default:
            using (var benchmark = new Benchmark(Options.Read(args)))
            {
                await benchmark.RunAsync();
            }

            break;
    }

    return 0;
}
catch (StopException stop)
{
    Console.Error.WriteLine(stop.Message);
    return 2;
}
