namespace FedQueue.Reliability.Kills;

/// <summary>A container that keeps its data and its port over kill and start.</summary>
/// <param name="kind">broker or database.</param>
/// <param name="image">Of the compose files.</param>
/// <param name="containerPort">Where it listens inside.</param>
/// <param name="hello">First bytes of its protocol, which it answers once it is there.</param>
/// <param name="options">Further options of <c>docker run</c>.</param>
internal sealed class Container(string kind, string image, int containerPort, byte[] hello, params string[] options) : IVictim
{
    private readonly string id = $"fedqueue-kills-{kind}-{Guid.NewGuid().ToString("N")[..8]}";
    private bool exists;

    public string Kind => kind;

    public string Name => kind;

    public int Port { get; } = Network.FreePort();

    public bool IsUp { get; private set; }

    public async Task Start(CancellationToken cancellationToken)
    {
        await Docker(exists ? ["start", id] : ["run", "--detach", "--name", id, "--publish", $"127.0.0.1:{Port}:{containerPort}", .. options, image]);
        exists = true;

        await Eventually.Holds(() => Network.Answers(Port, hello, cancellationToken), () => $"the {kind} answers\n{Tail().GetAwaiter().GetResult()}");

        IsUp = true;
    }

    public Task Kill()
    {
        IsUp = false;
        return Docker("kill", "--signal", "KILL", id);
    }

    public async Task<string> Tail() => exists ? await Docker("logs", "--tail", "40", id) : "";

    public async ValueTask DisposeAsync()
    {
        // Also when 'docker run' failed half-way: with --force it is no error that there is none.
        await Docker("rm", "--force", "--volumes", id);
    }

    private static async Task<string> Docker(params string[] arguments)
    {
        await using var program = RunningProgram.Start("docker", null, arguments);
        var status = await program.Exit();
        return status == 0
            ? program.Output + program.Error
            : throw new InvalidOperationException($"docker {string.Join(' ', arguments)} ended with {status}\n{program.Output}\n{program.Error}");
    }
}
