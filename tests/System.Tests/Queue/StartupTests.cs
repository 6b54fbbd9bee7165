using System.Net;
using System.Net.Sockets;
namespace FedQueue.System.Tests.Queue;

[Collection("what mostly waits")]
public sealed class StartupTests : IDisposable
{
    private readonly OneProcess.TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Aggregator", "FedQueue__Transport", "Kafka", "FedQueue:Transport is 'Kafka'; set it to RabbitMq or InMemory.")]
    [InlineData("Aggregator", "FedQueue__Run__Goall", "3", "There is no setting 'Goall' under FedQueue:Run; check the spelling.")]
    [InlineData("Aggregator", "FedQueue__Run__Rounds", "many", "FedQueue:Run:Rounds is 'many', which cannot be read as a whole number within its range; correct it.")]
    [InlineData("Worker", "FedQueue__RabbitMq__Prot", "5672", "There is no setting 'Prot' under FedQueue:RabbitMq; check the spelling.")]
    [InlineData("Worker", "FedQueue__Worker__Slots", "0", "FedQueue:Worker:Slots must be between 1 and 1000.")]
    public async Task A_setting_that_is_wrong_stops_the_start_with_a_sentence_and_status_2(string project, string setting, string value, string sentence)
    {
        await using var program = Start(project, (setting, value));

        Assert.Equal(2, await program.Exit());
        Assert.Equal(sentence, program.Error.Trim());
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        var path = Path.Combine(folder.Path, "fedqueue.db");
        await File.WriteAllTextAsync(path, "this is no database");

        await using var program = Start("Aggregator", ("FedQueue__Storage__Database", path));

        Assert.Equal(2, await program.Exit());
        Assert.StartsWith($"The database {path} cannot be used", program.Error, StringComparison.Ordinal);
        Assert.Equal("this is no database", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task An_address_that_is_taken_stops_the_start_with_a_sentence_and_status_2()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://{other.LocalEndpoint}";

        await using var program = Start("Aggregator", ("FedQueue__Transport", "InMemory"), ("ASPNETCORE_URLS", url));

        Assert.Equal(2, await program.Exit());
        Assert.EndsWith(
            $"The program cannot listen where it is told to (Failed to bind to address {url}: address already in use); free the address, or set another one in ASPNETCORE_URLS.",
            program.Error.Trim(), StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_and_waited_for()
    {
        var port = Network.FreePort();
        await using var program = Start("Worker", ("FedQueue__RabbitMq__Host", "127.0.0.1"), ("FedQueue__RabbitMq__Port", $"{port}"));

        await program.Until(p => p.Error.Contains($"Connection Failed: rabbitmq://127.0.0.1:{port}/", StringComparison.Ordinal), "it says so");
        Assert.Null(program.ExitCode);
        Assert.DoesNotContain("   at ", program.Error, StringComparison.Ordinal);

        await program.Signal(15);
        Assert.Equal(0, await program.Exit());
    }

    [Fact]
    public async Task A_broker_that_answers_and_never_gets_ready_ends_the_start_with_a_sentence()
    {
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start();
        var port = ((IPEndPoint)deaf.LocalEndpoint).Port;
        await using var program = Start("Worker", ("FedQueue__RabbitMq__Host", "127.0.0.1"), ("FedQueue__RabbitMq__Port", $"{port}"));

        Assert.Equal(1, await program.Exit());
        Assert.Matches($@"RabbitMQ at 127\.0\.0\.1:{port} answers, but for \d+ s the start has got nowhere: it is given up, start again\.", program.Error);
    }

    private RunningProgram Start(string project, params (string Name, string Value)[] settings)
    {
        var all = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        all.TryAdd("ASPNETCORE_URLS", $"http://127.0.0.1:{Network.FreePort()}");
        all.TryAdd("FedQueue__Storage__Database", Path.Combine(folder.Path, "other.db"));
        return RunningProgram.Start("dotnet", all, Repository.Program(project, $"FedQueue.{project}.dll"));
    }
}
