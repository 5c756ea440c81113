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
