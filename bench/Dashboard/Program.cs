using System.CommandLine;
using FedQueue.Bench.Dashboard;

// How long a person waits for the dashboard, in a real browser on the same machine.
//
//   dotnet run -c Release --project bench/Dashboard -- stored     the page of a large run that has ended
//   dotnet run -c Release --project bench/Dashboard -- live       from an event to its sight, five participants training over RabbitMQ in a container
var participants = new Option<int>("--participants") { Description = "Participants of the stored run.", DefaultValueFactory = _ => 500 };
var storedRounds = new Option<int>("--rounds") { Description = "Rounds of the stored run.", DefaultValueFactory = _ => 200 };
var repeats = new Option<int>("--repeats") { Description = "Times that the page is opened, each in a browser without a cache.", DefaultValueFactory = _ => 7 };
var stored = new Command("stored", "Opens the page of a large run that has ended.") { participants, storedRounds, repeats };
stored.SetAction(command => StoredRun.Measure(command.GetValue(participants), command.GetValue(storedRounds), command.GetValue(repeats)));

var liveRounds = new Option<int>("--rounds") { Description = "Rounds of the live run, 5 or more.", DefaultValueFactory = _ => 60 };
var live = new Command("live", "Watches a run and compares when a round opened with when the page said so.") { liveRounds };
live.SetAction(command => LiveRun.Measure(command.GetValue(liveRounds)));

return await new RootCommand("Measures the dashboard.") { stored, live }.Parse(args).InvokeAsync();
