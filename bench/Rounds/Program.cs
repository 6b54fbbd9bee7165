using System.CommandLine;
using FedQueue.Bench.Rounds;

// What a round costs beside the training: the real aggregator, with its database on disk, and real sessions of participants
// whose trainer answers at once. Linux only, because memory is read from /proc. The database is below TMPDIR.
//
//   dotnet run -c Release --project bench/Rounds -- --transport rabbitmq --broker docker --participants 5,50 --parameters 5k,1M
var transport = new Option<string>("--transport") { Description = "What carries the messages.", DefaultValueFactory = _ => "memory" };
var participants = new Option<string>("--participants") { Description = "Numbers of participants, separated by commas.", DefaultValueFactory = _ => "5" };
var parameters = new Option<string>("--parameters") { Description = $"Sizes of the model out of {string.Join(", ", Scenario.Models.Keys)}, separated by commas.", DefaultValueFactory = _ => "5k" };
var rounds = new Option<int>("--rounds") { Description = "Rounds that train, 3 or more.", DefaultValueFactory = _ => 50 };
var limit = new Option<double>("--limit") { Description = "Minutes after which a combination is given up.", DefaultValueFactory = _ => 10 };
var address = new Option<string>("--broker") { Description = "docker (a container of its own) or host:port.", DefaultValueFactory = _ => "localhost:5672" };
var user = new Option<string>("--user") { Description = "The broker's user.", DefaultValueFactory = _ => "guest" };
var password = new Option<string>("--password") { Description = "The broker's password.", DefaultValueFactory = _ => "guest" };
transport.AcceptOnlyFromAmong("memory", "rabbitmq");

var root = new RootCommand("Measures rounds without training.") { transport, participants, parameters, rounds, limit, address, user, password };
root.SetAction(async command =>
{
    Broker? broker = null;
    try
    {
        if (command.GetValue(transport) != "memory")
            broker = await Broker.Open(command.GetValue(address)!, command.GetValue(user)!, command.GetValue(password)!);
        Report.Head(broker);
        foreach (var count in command.GetValue(participants)!.Split(','))
            foreach (var size in command.GetValue(parameters)!.Split(','))
            {
                var scenario = new Scenario(int.Parse(count), Scenario.Models[size], command.GetValue(rounds));
                Report.Row(scenario, await Federation.Run(scenario, broker, TimeSpan.FromMinutes(command.GetValue(limit))));
            }

        return 0;
    }
    catch (NoBrokerException exception)
    {
        Console.Error.WriteLine(exception.Message);
        return 1;
    }
    finally
    {
        if (broker is not null)
            await broker.DisposeAsync();
    }
});
return await root.Parse(args).InvokeAsync();
