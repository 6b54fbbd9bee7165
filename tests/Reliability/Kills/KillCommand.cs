using System.CommandLine;

namespace FedQueue.Reliability.Kills;

/// <summary><c>kill</c>: real processes, a real broker, SIGKILL.</summary>
internal static class KillCommand
{
    public static Command Create()
    {
        var defaults = new KillSettings();
        var kills = new Option<int>("--kills") { Description = "Kills after which no more follow.", DefaultValueFactory = _ => defaults.Kills };
        var seed = new Option<int>("--seed") { Description = "Seed of victims and pauses.", DefaultValueFactory = _ => defaults.Seed };
        var postgres = new Option<bool>("--postgres") { Description = "Two aggregators that share a PostgreSQL, instead of one with a SQLite file." };
        var report = new Option<string?>("--report") { Description = "Markdown file to which the figures are appended as a row of a table." };
        var journal = new Option<string?>("--journal") { Description = "File for all that the processes say, in the order in which they say it." };

        var command = new Command("kill", "Kill aggregators, workers, broker and database at random while they train, and see whether the result is the same. Needs Docker.")
            { kills, seed, postgres, report, journal };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var settings = new KillSettings
            {
                Kills = arguments.GetValue(kills),
                Seed = arguments.GetValue(seed),
                Postgres = arguments.GetValue(postgres),
                Journal = arguments.GetValue(journal),
            };
            KillResult result;
            try
            {
                result = await KillProgram.Run(settings, Console.Error, cancellationToken);
            }
            catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return 1;
            }

            Console.Write(result);
            if (arguments.GetValue(report) is { } file)
                await Append(file, result.ToMarkdown(
                    $"dotnet run -c Release --project tests/Reliability -- kill --kills {settings.Kills} --seed {settings.Seed}{(settings.Postgres ? " --postgres" : "")}"));
            return result.Passed ? 0 : 1;
        });
        return command;
    }

    private static Task Append(string file, string row) =>
        File.AppendAllTextAsync(file, File.Exists(file) ? row : KillResult.MarkdownHeader + row);
}
