namespace FedQueue.Reliability.Kills;

/// <summary>An aggregator or a worker as a process of its own.</summary>
/// <param name="project">Its project in <c>src</c>.</param>
/// <param name="name">Tells it from others of its kind.</param>
/// <param name="settings">Asked at every start.</param>
/// <param name="hear">Is told each line of its log, and which of its lives wrote it.</param>
internal sealed class Service(
    string project, string name, Func<Dictionary<string, string>> settings, Action<Life, string> hear) : IVictim
{
    private const int TailLines = 40;

    private readonly Queue<string> tail = new();
    private RunningProgram? program;
    private Life? life;
    private int lives;

    public string Kind { get; } = project.ToLowerInvariant();

    public string Name => name;

    public bool IsUp => program is { ExitCode: null };

    /// <summary>Status with which it ended though nobody had killed it.</summary>
    public int? EndedByItself => life is { KilledAt: null } ? program?.ExitCode : null;

    public async Task Start(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        var born = new Life(name, ++lives);
        life = born;
        program = RunningProgram.Start(line => Hear(born, line), "dotnet", settings(), Repository.Program(project, $"FedQueue.{project}.dll"));
    }

    public Task Kill()
    {
        life!.KilledAt = DateTimeOffset.UtcNow;
        program!.Kill();
        return Task.CompletedTask;
    }

    public Task<string> Tail()
    {
        lock (tail)
            return Task.FromResult(string.Join('\n', tail));
    }

    public async ValueTask DisposeAsync()
    {
        // First, because others look whether it is up while it is being ended.
        var ended = program;
        program = null;
        if (ended is not null)
            await ended.DisposeAsync();
    }

    private void Hear(Life by, string line)
    {
        hear(by, line);
        lock (tail)
        {
            tail.Enqueue($"{by} {line}");
            if (tail.Count > TailLines)
                tail.Dequeue();
        }
    }
}

/// <summary>A service between two starts.</summary>
internal sealed class Life(string name, int number)
{
    public DateTimeOffset? KilledAt { get; set; }

    public override string ToString() => $"{name}#{number}";
}
