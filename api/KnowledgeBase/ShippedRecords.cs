namespace AnkerOrte.Api.KnowledgeBase;

// The shapes of the shipped files; README.md beside this file describes them.
internal sealed record ShippedText(string De, string En);

internal sealed record ShippedState(string Id, ShippedStateProperties Properties);

internal sealed record ShippedStateProperties(string Name);

internal sealed record ShippedStates(IReadOnlyList<ShippedState> Features);

internal sealed record ShippedProject(
    string Id, string Name, int Cohort, string State, IReadOnlyList<string>? States, string Kind, string ProgrammeCategory,
    IReadOnlyList<ShippedMember> Municipalities, IReadOnlyList<string> Sources, string? Note);

internal sealed record ShippedMember(string Name, string Ags, int Population, string PopulationDate, double Lat, double Lon);

internal sealed record ShippedCodebook(string Version, IReadOnlyList<ShippedDimension> Dimensions);

internal sealed record ShippedDimension(string Key, ShippedText Label, ShippedText Definition, string Kind, double Weight, IReadOnlyList<Contracts.CodeInput> Codes);
