using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json.Serialization;

namespace AnkerOrte.Api.Http;

/// <summary>Enum values by their names in the contract, which is also how the database spells them.</summary>
internal static class WireEnum
{
    public static T Read<T>(string text) where T : struct, Enum => Names<T>.All[text];

    public static string Write<T>(T value) where T : struct, Enum => Names<T>.All.First(name => name.Value.Equals(value)).Key;

    private static class Names<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<string, T> All = typeof(T).GetFields(BindingFlags.Public | BindingFlags.Static)
            .ToFrozenDictionary(field => field.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()!.Name, field => (T)field.GetValue(null)!);
    }
}
