using AnkerOrte.Tests.Outside;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("AnkerOrte.Tests.Setup.LongestFirst", "AnkerOrte.Tests")]

namespace AnkerOrte.Tests.Setup;

/// <summary>Begins with the collections that take longest, so that none of them runs alone at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>In the order of their duration; `.ci/run` prints the slowest classes.</summary>
    private static readonly string[] Longest =
    [
        nameof(SwaggerUiSweepTests), OneRunningService.Name, nameof(Access.RoleTests), nameof(Analysis.DisclosureTests),
            nameof(Surveys.ReleaseTests),
        nameof(TypologyRuns.RunQueueTests), nameof(Changes.ChangeFeedTests), nameof(Audit.TamperTests), nameof(ContractLintTests),
            nameof(Analysis.SearchTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Longest, name => collection.DisplayName.Contains(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Longest.Length);
}
