using FedQueue.Aggregator.Storage;
using Microsoft.EntityFrameworkCore;

namespace FedQueue.Aggregator.Tests.Storage;

public sealed class PageSizeTests
{
    [Theory]
    [InlineData(16, "FedQueue:Run:Rounds", "3")]
    [InlineData(16, "FedQueue:Run:AutoStart", "true")]
    [InlineData(64, "FedQueue:Run:AutoStart", "true", "FedQueue:Run:Units", "400")]
    [InlineData(64, "FedQueue:Run:AutoStart", "true", "FedQueue:Participants:PartKibibytes", "4")]
    [InlineData(16, "FedQueue:Run:AutoStart", "false", "FedQueue:Run:Units", "1576")]
    [InlineData(8, "FedQueue:Run:AutoStart", "true", "FedQueue:Run:Units", "1576", "FedQueue:Storage:PageKibibytes", "8")]
    public async Task Pages_of_a_new_file_are_long_when_the_run_of_the_settings_has_weights_in_parts(int kibibytes, params string[] settings)
    {
        await using var aggregator = await AggregatorHost.Start(settings: [.. settings.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        Assert.Equal(kibibytes << 10, await PageSize(aggregator));
    }

    [Fact]
    public async Task A_file_that_is_there_keeps_its_pages()
    {
        var folder = Directory.CreateTempSubdirectory("fedqueue-");
        await using (await AggregatorHost.Start(folder.FullName))
        {
        }

        await using (var later = await AggregatorHost.Start(folder.FullName, settings: [("FedQueue:Storage:PageKibibytes", "64")]))
            Assert.Equal(16 << 10, await PageSize(later));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(4, null)]
    [InlineData(64, null)]
    [InlineData(5, "FedQueue:Storage: PageKibibytes is 5; set 4, 8, 16, 32 or 64.")]
    [InlineData(128, "FedQueue:Storage: PageKibibytes is 128; set 4, 8, 16, 32 or 64.")]
    public void A_page_is_as_long_as_SQLite_has_them(int? kibibytes, string? problem) =>
        Assert.Equal(problem, new StorageSettingsValidator().Validate(null, new StorageOptions { PageKibibytes = kibibytes }).FailureMessage);

    private static Task<int> PageSize(AggregatorHost aggregator) =>
        aggregator.Read(db => db.Database.SqlQuery<int>($"SELECT page_size AS Value FROM pragma_page_size").SingleAsync());
}
