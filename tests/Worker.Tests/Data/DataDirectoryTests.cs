using FedQueue.Worker.Data;

namespace FedQueue.Worker.Tests.Data;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Participants_are_the_CSV_files_in_ordinal_order()
    {
        foreach (var name in new[] { "task_10.csv", "task_9.csv", "Task_1.csv", "README.md", ".hidden.csv" })
            directory.Write("x\n1\n", name);
        Directory.CreateDirectory(Path.Combine(directory.Path, "old.csv"));

        var sources = DataDirectory.List(directory.Path);

        Assert.Equal(["Task_1", "task_10", "task_9"], sources.Select(source => source.Participant));
        Assert.Equal(Path.Combine(directory.Path, "task_9.csv"), sources[2].Path);
    }

    [Fact]
    public void Patterns_choose_among_the_names()
    {
        foreach (var name in new[] { "client_01.csv", "client_02.csv", "not a participant.csv", "test.csv" })
            directory.Write("x\n1\n", name);

        Assert.Equal(["client_01", "client_02"], Names("client_*"));
        Assert.Equal(["client_02", "test"], Names("client_?2", "test"));
        Assert.Equal(
            $"{directory.Path} holds no CSV file that 'server_*' match; put one there for every participant, named after it, such as task_001.csv.",
            Problem("server_*"));
    }

    [Fact]
    public void Extensions_of_any_case_are_found_and_names_that_differ_in_case_only_are_refused_with_both()
    {
        directory.Write("x\n1\n", "SITE.CSV");
        Assert.Equal(["SITE"], Names());

        directory.Write("x\n1\n", "site.csv");
        Assert.Equal(
            $"{directory.Path} holds SITE.CSV and site.csv, whose names differ in upper and lower case only; rename one of them, because not every system tells them apart.",
            Problem());
    }

    [Fact]
    public void A_folder_with_other_files_says_what_it_has()
    {
        directory.Write("PAR1", "plant.parquet");

        Assert.Contains("holds no CSV file, but 'plant.parquet'; ", Problem(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_name_that_names_no_participant_is_refused()
    {
        var path = directory.Write("x\n1\n", "pump 1.csv");

        Assert.Equal(
            $"{path}: 'pump 1' cannot name a participant; rename the file to 1 to 64 ASCII letters, digits, '-', '_' or '.'.", Problem());
        Assert.Throws<DataException>(() => DataDirectory.Of(path));
    }

    [Fact]
    public void A_missing_directory_an_empty_one_and_a_file_are_refused()
    {
        var missing = Path.Combine(directory.Path, "none");
        Assert.Equal(
            $"{missing}: there is no such directory; make one with a CSV file for every participant.",
            Assert.Throws<NoDataException>(() => DataDirectory.List(missing)).Message);
        Assert.Equal(
            $"{directory.Path} holds no CSV file; put one there for every participant, named after it, such as task_001.csv.", Problem());

        var file = directory.Write("x\n1\n");
        Assert.Equal(
            $"{file} is a file; name the directory that it is in.", Assert.Throws<DataException>(() => DataDirectory.List(file)).Message);
    }

    private IEnumerable<string> Names(params string[] patterns) =>
        DataDirectory.List(directory.Path, patterns).Select(source => source.Participant);

    private string Problem(params string[] patterns) =>
        Assert.ThrowsAny<DataException>(() => DataDirectory.List(directory.Path, patterns)).Message;
}
