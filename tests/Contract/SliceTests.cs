using System.Text.RegularExpressions;
using AnkerOrte.Api.Http;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace AnkerOrte.Tests.Contract;

/// <summary>
/// Each folder of `api/` is a room with a namespace of its own. Rooms depend on each other in one direction only, and the floors, which
/// all slices stand on, depend on no slice. Dependencies are read from the compiled program and from the using directives of the source,
/// since the compiler copies constants and leaves no trace of them.
/// </summary>
public sealed partial class SliceTests
{
    private const string Root = "AnkerOrte.Api";

    /// <summary>From the lowest: each floor uses only those before it.</summary>
    private static readonly string[] Floors = ["Database", "Analysis", "Http", "Access", "Writing"];

    private static readonly string Source = Path.Combine(Repository.Root, "api");

    private static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> Dependencies = Read();

    [Fact]
    public void The_dependencies_of_the_program_are_seen()
    {
        Assert.Superset(new HashSet<string>(["Database", "Http", "Writing"]), Dependencies["AnchorSites"].ToHashSet());
        Assert.True(Dependencies.Count > 30, $"{Dependencies.Count} folders");
    }

    [Fact]
    public void No_folder_depends_on_itself_by_way_of_others()
    {
        var done = new HashSet<string>();
        Assert.All(Dependencies.Keys.Order(StringComparer.Ordinal), folder => Visit(folder, []));

        void Visit(string folder, List<string> path)
        {
            Assert.False(path.Contains(folder), "Cycle: " + string.Join(" → ", [.. path.SkipWhile(visited => visited != folder), folder]));
            if (done.Contains(folder))
            {
                return;
            }

            path.Add(folder);
            foreach (var used in Dependencies[folder].Order(StringComparer.Ordinal))
            {
                Visit(used, path);
            }

            path.RemoveAt(path.Count - 1);
            done.Add(folder);
        }
    }

    [Fact]
    public void Floors_use_only_lower_floors() => Assert.All(Floors.Index(), floor =>
        Assert.Subset(Floors.Take(floor.Index).ToHashSet(), Dependencies[floor.Item].ToHashSet()));

    [Fact]
    public void Database_and_analysis_depend_on_nothing()
    {
        Assert.Empty(Dependencies["Database"]);
        Assert.Empty(Dependencies["Analysis"]);
    }

    [Fact]
    public void Every_file_has_the_namespace_of_its_folder() => Assert.All(Files(), file =>
        Assert.Contains($"namespace {Root}.{Folder(file)};", File.ReadAllText(file), StringComparison.Ordinal));

    private static IEnumerable<string> Files() =>
        Directory.EnumerateDirectories(Source).Where(folder => Path.GetFileName(folder) is not ("bin" or "obj" or "Properties"))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories));

    private static string Folder(string file) => Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar)[0];

    private static Dictionary<string, IReadOnlySet<string>> Read()
    {
        var used = Files().Select(Folder).Distinct().ToDictionary(folder => folder, _ => new HashSet<string>());
        foreach (var file in Files())
        {
            used[Folder(file)].UnionWith(Using().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value));
        }

        using var program = ModuleDefinition.ReadModule(typeof(Problems).Assembly.Location);
        foreach (var type in program.GetTypes())
        {
            if (FolderOf(type) is { } folder)
            {
                used[folder].UnionWith(Referenced(type).Select(FolderOf).OfType<string>());
            }
        }

        return used.ToDictionary(room => room.Key, room => (IReadOnlySet<string>)room.Value.Where(other => other != room.Key && used.ContainsKey(other)).ToHashSet());
    }

    private static string? FolderOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace.StartsWith(Root + ".", StringComparison.Ordinal) ? type.Namespace[(Root.Length + 1)..].Split('.')[0] : null;
    }

    private static IEnumerable<TypeReference> Referenced(TypeDefinition type)
    {
        var direct = new List<TypeReference?> { type.BaseType };
        direct.AddRange(type.Interfaces.Select(one => one.InterfaceType));
        direct.AddRange(type.Fields.Select(field => field.FieldType));
        foreach (var method in type.Methods)
        {
            direct.Add(method.ReturnType);
            direct.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            if (method.HasBody)
            {
                direct.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
                direct.AddRange(method.Body.Instructions.SelectMany(Operands));
            }
        }

        return direct.OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference?> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        FieldReference field => [field.DeclaringType, field.FieldType],
        MethodReference method =>
        [
            method.DeclaringType, method.ReturnType, .. method.Parameters.Select(parameter => parameter.ParameterType),
            .. method is GenericInstanceMethod generic ? generic.GenericArguments : [],
        ],
        _ => [],
    };

    /// <summary>A type and the types that it is made of.</summary>
    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification specification => Parts(specification.ElementType),
        GenericParameter => [],
        _ => [type],
    };

    [GeneratedRegex(@"^using (?:static )?AnkerOrte\.Api\.(\w+)", RegexOptions.Multiline)]
    private static partial Regex Using();
}
