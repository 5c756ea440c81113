namespace AnkerOrte.Tests.Projects;

public sealed class ProjectTests(ApiFixture api) : IClassFixture<ApiFixture>
{
    [Fact]
    public async Task All_projects_say_what_the_shipped_file_says()
    {
        var answers = (await api.WalkAsync("/v1/projects?limit=50")).ToDictionary(project => project.GetProperty("id").GetString()!);

        Assert.Equal(73, answers.Count);
        foreach (var shipped in Repository.Shipped("projects.json").EnumerateArray())
        {
            var answer = answers[shipped.GetProperty("id").GetString()!];
            Assert.Equal(shipped.GetProperty("name").GetString(), answer.GetProperty("name").GetString());
            Assert.Equal(shipped.GetProperty("cohort").GetInt32(), answer.GetProperty("cohort").GetInt32());
            Assert.Equal(shipped.GetProperty("municipalities").EnumerateArray().ToList().Texts("ags"), answer.GetProperty("members").EnumerateArray().ToList().Texts("key"));
            Assert.True(JsonElement.DeepEquals(shipped.GetProperty("sources"), answer.GetProperty("sources")));
        }
    }

    [Fact]
    public async Task A_cooperation_over_several_states_is_found_in_each()
    {
        var project = await api.GetAsync("/v1/projects/hamburg-leipzig-muenchen");

        Assert.Equal(["DE-HH", "DE-SN", "DE-BY"], project.GetProperty("states").EnumerateArray().Select(state => state.GetString()));
        Assert.Contains("hamburg-leipzig-muenchen", (await api.GetAsync("/v1/projects?state=DE-SN")).Items().Texts("id"));
    }

    [Fact]
    public async Task Counties_are_members_by_their_own_key()
    {
        var members = (await api.GetAsync("/v1/projects/verband-region-rhein-neckar")).GetProperty("members").EnumerateArray().ToList();

        Assert.Equal("county", members.Single(member => member.GetProperty("key").GetString() == "08225").GetProperty("level").GetString());
        Assert.Equal("municipality", members.Single(member => member.GetProperty("key").GetString() == "08221000").GetProperty("level").GetString());
    }

    [Theory]
    [InlineData("cohort=2019", 13)]
    [InlineData("cohort=2019&cohort=2021", 41)]
    [InlineData("kind=county", 10)]
    [InlineData("programmeCategory=grossstadt", 28)]
    [InlineData("q=S%C3%BCderbrarup", 1)]
    public async Task Filters_count_what_the_shipped_file_holds(string query, int expected) =>
        Assert.Equal(expected, (await api.GetAsync("/v1/projects?" + query)).Total());
}
