using FedQueue.Reliability.Kills;
using Xunit.Abstractions;

namespace FedQueue.System.Tests.Queue;

/// <summary>The kill program with few kills; <c>docs/reliability.md</c> has the figures of many.</summary>
[Collection(Alone.Name)]
public sealed class KillTests(ITestOutputHelper output)
{
    [DockerFact]
    public Task Runs_end_with_the_same_bits_whatever_is_killed() => Kill(new KillSettings { Kills = 16, Seed = 1 });

    [DockerFact]
    public Task Runs_of_two_aggregators_on_PostgreSQL_end_with_the_same_bits_whatever_is_killed() =>
        Kill(new KillSettings { Kills = 16, Seed = 1, Postgres = true });

    private async Task Kill(KillSettings settings)
    {
        await using var log = new StringWriter();

        var result = await KillProgram.Run(settings, TextWriter.Synchronized(log), CancellationToken.None);

        output.WriteLine($"{result}");
        // A stall depends on how busy the machine is; its bound is the kill program's to judge.
        Assert.True(result.Sound, $"{result}\n{log}");
        Assert.True(result.Kills.Count >= settings.Kills, $"{result.Kills.Count} kills");
    }
}
