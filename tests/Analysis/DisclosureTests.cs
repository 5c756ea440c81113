using AnkerOrte.Api.Analysis;

namespace AnkerOrte.Tests.Analysis;

/// <summary>Attacks on made-up surveys with everything that is published about them: the total, four breakdowns, six pairs.</summary>
public sealed class DisclosureTests
{
    [Fact]
    public void No_hidden_number_follows_from_all_published_ones_by_addition_and_subtraction()
    {
        var attacked = 0;
        foreach (var survey in Surveys(500))
        {
            foreach (var numbers in PublishedNumbers.Of(survey))
            {
                var reader = new Elimination(numbers);
                foreach (var hidden in Hidden(survey, numbers))
                {
                    Assert.False(reader.Determines(hidden), $"{hidden.Name} = {hidden.True} follows");
                    attacked++;
                }
            }
        }

        Assert.True(attacked > 40_000);
    }

    [Fact]
    public void No_hidden_number_is_the_only_whole_one_that_is_possible()
    {
        int possible = 0, unanswered = 0;
        foreach (var survey in Surveys(40, largest: 40))
        {
            foreach (var numbers in PublishedNumbers.Of(survey))
            {
                foreach (var hidden in Hidden(survey, numbers))
                {
                    var found = IntegerSearch.CanDiffer(numbers, hidden, steps: 200);
                    Assert.False(found == false, $"{hidden.Name} = {hidden.True} is the only possibility");
                    _ = found is null ? unanswered++ : possible++;
                }
            }
        }

        // The search gives up on some; it never said of one that it is pinned.
        Assert.True(possible > 4 * unanswered, $"{possible} of {possible + unanswered}");
    }

    [Fact]
    public void The_attacks_succeed_where_only_small_numbers_are_hidden()
    {
        int sums = 0, wholes = 0;
        foreach (var survey in Surveys(20))
        {
            foreach (var numbers in PublishedNumbers.Of(survey).Select(numbers => numbers.With(sum => !Suppression.IsSmall(sum.True, survey.K))))
            {
                var reader = new Elimination(numbers);
                foreach (var hidden in numbers.Sums.Where(sum => !sum.Open))
                {
                    var follows = reader.Determines(hidden);
                    sums += follows ? 1 : 0;
                    wholes += follows && IntegerSearch.CanDiffer(numbers, hidden, steps: 50) == false ? 1 : 0;
                }
            }
        }

        Assert.True(sums > 100);
        Assert.True(wholes > 100);
    }

    private static IEnumerable<SmallSurvey> Surveys(int count, int largest = 60) => Enumerable.Range(1, count).Select(seed => SmallSurvey.Random((ulong)seed, largest));

    /// <summary>Hidden numbers of tables that are shown; of tables that are withheld, those that are small.</summary>
    private static IEnumerable<PublishedSum> Hidden(SmallSurvey survey, PublishedNumbers numbers) =>
        numbers.Sums.Where(sum => !sum.Open && sum.True > 0 && (sum.TableShown || sum.True < survey.K));
}
